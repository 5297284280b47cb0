"""Vendors' published token formats: facts from each vendor's own documentation, written down here.

Two laws keep the table linear, and a test holds them: a pattern begins with something fixed or bounded, and only what
stands at its end may repeat without a bound. Where a pattern captures a group, only that group is the secret.
"""

from typing import Final

INGEST_PREFIX: Final = "handoff_"
"""What an ingest token made by Handoff begins with, so that it is recognised wherever it turns up."""

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_TABLE = r"""
handoff         handoff_(?:[a-z]{2,12}_)?(?=[\w-]{0,60}\d)[\w-]{20,}
slack           xox[a-z](?:\.xox[a-z])?-[\w-]{10,}  (?:xapp|xwfp|xoxd)-[\w%-]{10,}
                hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([\w/+-]{16,})
discord         discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{5,24}/([\w-]{20,})
                [MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}
telegram        \d{6,12}:A[\w-]{34}
teams           webhook\.office\.com/webhookb2/([\w@/-]{30,})
zapier          hooks\.zapier\.com/hooks/catch/([\w/-]{10,})
make            hook\.[a-z0-9]{2,8}\.make\.com/([\w-]{10,})
ifttt           maker\.ifttt\.com/use/([\w-]{10,})
stdwebhooks     whsec_[\w+/=-]{12,}
aws             A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9])[A-Z0-9]{16}  (?:ABSK|bedrock-api-key-)[A-Za-z0-9+/]{30,}={0,2}
google          AIza[\w-]{30,}  GOCSPX-[\w-]{20,}  ya29\.[\w-]{20,}  1//0[\w-]{30,}  AQ\.Ab[\w-]{30,}
                GOOG1?[A-Z0-9]{20,}  AAAA[\w-]{7}:[\w-]{100,}
azure           [\w~.]{3}\dQ~[\w~.-]{31,}  [A-Za-z0-9+/]{86}==  [A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{10,}
                [A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}
digitalocean    do[opr]_v1_[0-9a-f]{32,}
aiven           AVNS_[\w-]{16,}
heroku          HRKU-[\w-]{30,}
cloudflare      v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}  cf(?:at|ut|k|s|r)_\w{36,}
alibaba         LTAI[A-Za-z0-9]{12,}
tencent         AKID[A-Za-z0-9]{32,}
scaleway        SCW[A-Z0-9]{17}
yandex          YC[\w-]{38}  AQVN[\w-]{34,}  y[0-3]_[\w-]{50,}  t1\.[\w-]{10,200}\.[\w=-]{60,}
fly             fo1_[\w-]{40,}  fm[12][ar]?_[A-Za-z0-9+/=,_]{60,}
render          rnd_[A-Za-z0-9]{20,}
netlify         nf[ptco]_[A-Za-z0-9]{30,}
vercel          vc[pairk]_[A-Za-z0-9]{20,}  vercel_blob_rw_\w{20,}
scalingo        tk-[a-z]{2}-[\w-]{40,}
tailscale       tskey-[a-z]{2,12}-[\w-]{16,}
nebula          dnkey-[a-z0-9=_-]{26,}
ngrok           [12][A-Za-z0-9]{26}_[A-Za-z0-9]{20,}
akamai          ak(?:ab|aa)-[a-z0-9]{16}-[a-z0-9]{16}
adobe           p8e-[A-Za-z0-9]{32}
github          gh[pousr]_[A-Za-z0-9]{20,}  github_pat_\w{22,}
gitlab          gl(?:pat|ptt|dt|rtr|rt|cbt|ft|imt|agent|soat|ffct|oas|wt)-[\w.=-]{16,}  GR1348941[\w-]{20,}
                _gitlab_session=\w{16,}
bitbucket       BBDC-[\w+/@-]{30,}  ATBB[A-Za-z0-9]{24,}
atlassian       AT[ACSO]TT3[\w-]{40,400}(?:(?:\\?=|%3[dD])[0-9A-F]{8})?  ATTA[0-9a-f]{60,}
                (?:[MNO][ADQTgjwz][AEIMQUYcgk][0-9w-z]){4}O[g-v][A-Za-z0-9+/]{26}
sourcegraph     sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-fA-F]{40}  slk_[0-9a-f]{40,}
sonar           sq[upa]_[0-9a-f]{40}
snyk            snyk_[us]at\.[\w.-]{20,}
npm             npm_[A-Za-z0-9]{30,}
pypi            pypi-AgE[\w-]{20,}
rubygems        rubygems_[0-9a-f]{40,}
nuget           oy2[a-z0-9]{43}
crates          cio[A-Za-z0-9]{32}
packagist       packagist_\w{3}_[\w-]{20,}
clojars         CLOJARS_[a-z0-9]{40,}
jfrog           AKCp[A-Za-z0-9]{60,}  cmVmd[A-Za-z0-9]{50,}
docker          dckr_[a-z]{3}_[\w-]{20,}  SWM(?:TKN|KEY)-1-[A-Za-z0-9+/-]{20,}
circleci        CCI(?:PAT|PRJ)_\w{20,}
buildkite       bk(?:ua|at|ct|rt)_[0-9a-f]{36,}
octopus         API-[A-Z0-9]{26}
harness         [ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}
pulumi          pul-[0-9a-f]{40}
terraform       [A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}
openshift       sha256~[\w-]{43}
infracost       ico-[A-Za-z0-9]{32}
endor           endr\+[\w-]{16,}
prefect         pn[ub]_[A-Za-z0-9]{30,}
dbt             dbt[cu]_[\w-]{30,}
vault           hv[sbr]\.[\w-]{20,}  [sbr]\.[A-Za-z0-9]{24}(?![\w.])
doppler         dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}
1password       ops_eyJ[\w+/=-]{40,}  A3-[A-Z0-9]{6}-[A-Z0-9]{6,11}(?:-[A-Z0-9]{5,6}){3,5}
age             AGE-SECRET-KEY-1[0-9A-Z]{50,}
launchdarkly    (?:api|sdk|mob)-<uuid>
plaid           (?:access|public|link)-(?:sandbox|development|production)-<uuid>
okta            00[\w-]{40}(?![\w-])
authress        [a-z]{2,8}_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[a-z0-9+/_=-]{30,}
rfc8959         secret-token:[\w.~%!$&'()*+,;=:@/-]{8,}
jwt             (?<![_-])ey[A-Za-z0-9_-]{10,4000}\.ey[A-Za-z0-9_-]{10,8000}\.[\w.-]*
                (?<![_-])ey[A-Za-z0-9_-]{10,4000}\.[\w-]{0,1000}\.[\w-]{10,}  (?<![_-])eyJ[A-Za-z0-9_-]{16,}=*
                ZXlK[A-Za-z0-9+/]{30,}={0,2}
pem-base64      LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}={0,2}
stripe          (?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{10,}
razorpay        rzp_(?:live|test)_\w{14,}
paddle          pdl_[a-z]{4}_apikey_\w{20,}
polar           polar_[a-z]{2,4}_\w{20,}
square          EAAA[\w-]{50,}  sq0[a-z]{3}-[\w-]{22,}
braintree       access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}
adyen           AQE[\w+/=-]{50,}
shopify         shp[a-z]{2,3}_[0-9a-fA-F]{32,}
woocommerce     c[ks]_[0-9a-f]{40}
flutterwave     FLW(?:PUBK|SECK)(?:_TEST)?-?[0-9a-z]{12,32}(?:-X)?
duffel          duffel_(?:live|test)_[\w=-]{40,}
lob             (?:live|test|sandbox)_(?:pub_)?(?=[\w-]{0,30}\d)[\w-]{28,}
easypost        EZ[AT]K[A-Za-z0-9]{50,}
shippo          shippo_(?:live|test)_[0-9a-fA-F]{40}
sendgrid        SG\.[\w=.-]{20,}
brevo           x(?:keysib|smtpsib)-[0-9a-f]{64}-[A-Za-z0-9]{16}
resend          re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}
mailgun         (?:pub)?key-[0-9a-f]{32}  [0-9a-h]{32}-[0-9a-h]{8}-[0-9a-h]{8}(?![\w-])
mailchimp       [0-9a-f]{32}-us\d{1,2}(?!\w)  md-[\w-]{22}(?![\w-])
twilio          SK[0-9a-fA-F]{32}  AC[0-9a-f]{32}
telnyx          KEY[0-9A-F]{32}_\w{20,}
klaviyo         pk_[0-9a-f]{32,}
clickup         pk_\d{4,12}_[A-Z0-9]{32}
elevenlabs      sk_[0-9a-f]{40,}
newrelic        NR(?:AK|II|JS|BR|AA|RA|MA|SP|IQ)-[\w-]{15,}  [0-9A-Za-z]{36}NRAL
dynatrace       dt0[a-z]\d\d\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{40,}
sentry          sntry[a-z]_[\w=+/-]{30,}
grafana         gl(?:c|sa)_[\w+/=]{28,}
honeycomb       hc[a-z]{2}k_\w{30,}
axiom           xa[ap]t-<uuid>
logfire         pylf_v\d_\w{20,}
posthog         ph[cxs]_\w{30,}
databricks      (?:dapi|dose|dkea)[0-9a-h]{32}(?:-\d)?
planetscale     pscale_[a-z_]{2,12}_[\w=.-]{30,}
supabase        sbp_[0-9a-f]{40}  sb_(?:secret|publishable)_[\w-]{20,}
neon            napi_[a-z0-9]{40,}  npg_[A-Za-z0-9]{12,}
mongodb         mdb_sa_sk_[\w-]{30,}
clickhouse      4b1d[A-Za-z0-9]{38}
cockroach       CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}
pinecone        pcsk_\w{40,}
dropbox         sl\.(?:u\.)?[\w=-]{60,}  [A-Za-z0-9]{11}A{10}[\w=-]{40,}
maxmind         [A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk
mapbox          [pst]k\.[A-Za-z0-9_-]{30,400}\.[\w-]{20,}
airtable        pat[A-Za-z0-9]{14}\.[0-9a-f]{64}
contentful      CFPAT-[\w-]{40,}
asana           [12]/\d{10,20}(?:/\d{1,20})?:[0-9a-f]{32}
linear          lin_[a-z]{2,5}_[A-Za-z0-9]{30,}
figma           fig[a-z]{1,3}_[\w-]{30,}
typeform        tfp_[\w=.-]{40,}
frameio         fio-u-[\w=-]{40,}
notion          ntn_\w{30,}  secret_[A-Za-z0-9]{40,}
postman         PMA[KT]-[0-9a-zA-Z-]{30,}
readme          rdme_[a-z0-9]{50,}
hubspot         pat-(?:na|eu|ap)\d-<uuid>
intercom        dG9rO[A-Za-z0-9+/_-]{40,}=*
beamer          b_[\w=-]{44}(?![\w=-])
settlemint      sm_[a-z]{3}_[A-Za-z0-9]{16,}
intra42         s-s4t2(?:ud|af)-[0-9a-f]{64}
openai          sk-(?:proj|svcacct|admin|None|ant|or|lf|[a-z]{2,8}\d\d)-[\w-]{16,}  sk-[A-Za-z0-9]{20,}
huggingface     hf_[A-Za-z0-9]{30,}  api_org_[A-Za-z0-9]{30,}
models          gsk_\w{30,}  pplx-\w{30,}  xai-\w{30,}  r8_\w{30,}  nvapi-[\w-]{30,}  csk-\w{30,}  tgp_v1_[\w-]{20,}
                lsv2_[a-z]{2}_\w{20,}  jina_\w{30,}  tvly-[\w-]{16,}  fc-[0-9a-f]{32}
                wandb_v\d_\w{30,}  e2b_[0-9a-f]{30,}
apify           apify_api_\w{20,}
facebook        EAA[A-Za-z0-9]{30,}  \d{15,16}(?:\||%7[cC]|%)[\w-]{27,40}  IG(?:QV|AA)[\w-]{40,}
x               A{20}[\w%]{40,}
linkedin        AQ[UVWX][\w-]{60,}  WPL_AP1\.[\w.=-]{16,}
"""
"""One vendor a line, then its patterns; an indented line continues the one above. `<uuid>` stands for a UUID."""


def _read(table: str) -> tuple[tuple[str, str], ...]:
    rows: list[tuple[str, str]] = []
    vendor = ""
    for line in table.strip().splitlines():
        words = line.replace("<uuid>", _UUID).split()
        if not line.startswith(" "):
            vendor, *words = words
        rows += [(vendor, pattern) for pattern in words]
    return tuple(rows)


FORMATS: Final = _read(_TABLE)
"""(vendor, regular expression for one whole token). No letter or digit stands before a match."""
