"""What a secret looks like: vendors' token formats, and the words that announce a secret.

The formats are facts from the vendors' own documentation of their token prefixes, written down here by vendor. Two laws
keep the table linear and are tested: a row begins with something fixed or bounded, and only its last piece may repeat
without a bound. A row is a regular expression for one whole token; where a row captures a group, only that group is secret.
The words decide how much a value beside them must look like a secret (see `automations.redact`).
"""

import re
from typing import Final

INGEST_TOKEN_PREFIX: Final = "handoff_"
"""What an ingest token made by Handoff begins with, so that it is recognised wherever it turns up."""

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

FORMATS: Final[tuple[tuple[str, str], ...]] = (
    ("handoff", INGEST_TOKEN_PREFIX + r"(?:[a-z]{2,12}_)?(?=[\w-]{0,60}\d)[\w-]{20,}"),
    # chat and webhooks
    ("slack", r"xox[a-z](?:\.xox[a-z])?-[\w-]{10,}"),
    ("slack app", r"(?:xapp|xwfp|xoxd)-[\w%-]{10,}"),
    ("slack webhook", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([\w/+-]{16,})"),
    ("discord webhook", r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{5,24}/([\w-]{20,})"),
    ("teams webhook", r"webhook\.office\.com/webhookb2/([\w@/-]{30,})"),
    ("zapier, make, ifttt", r"(?:hooks\.zapier\.com/hooks/catch|hook\.[a-z0-9]{2,8}\.make\.com|maker\.ifttt\.com/use)/"
                            r"([\w/-]{10,})"),
    ("discord bot", r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}"),
    ("telegram", r"\d{6,12}:A[\w-]{34}"),
    ("standard webhooks, stripe", r"whsec_[\w+/=-]{12,}"),
    # clouds
    ("aws", r"A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9])[A-Z0-9]{16}"),
    ("aws bedrock", r"(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/]{30,}={0,2}"),
    ("google", r"AIza[\w-]{30,}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,}|1//0[\w-]{30,}|AQ\.Ab[\w-]{30,}|GOOG1?[A-Z0-9]{20,}"),
    ("google messaging", r"AAAA[\w-]{7}:[\w-]{100,}"),
    ("azure", r"[\w~.]{3}\dQ~[\w~.-]{31,}|[A-Za-z0-9+/]{86}==|[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{10,}|"
              r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    ("digitalocean, aiven", r"do[opr]_v1_[0-9a-f]{32,}|AVNS_[\w-]{16,}"),
    ("heroku", r"HRKU-[\w-]{30,}"),
    ("cloudflare", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}|cf(?:at|ut|k|s|r)_\w{36,}"),
    ("alibaba, tencent, scaleway", r"LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{32,}|SCW[A-Z0-9]{17}"),
    ("yandex", r"YC[\w-]{38}|AQVN[\w-]{34,}|y[0-3]_[\w-]{50,}|t1\.[\w-]{10,200}\.[\w=-]{60,}"),
    ("fly, render, netlify, vercel", r"fo1_[\w-]{40,}|fm[12][ar]?_[A-Za-z0-9+/=,_]{60,}|rnd_[A-Za-z0-9]{20,}|"
                                     r"nf[ptco]_[A-Za-z0-9]{30,}|vc[pairk]_[A-Za-z0-9]{20,}|vercel_blob_rw_\w{20,}"),
    ("scalingo, ovh, hetzner", r"tk-[a-z]{2}-[\w-]{40,}"),
    ("tailscale, nebula, ngrok", r"tskey-[a-z]{2,12}-[\w-]{16,}|dnkey-[a-z0-9=_-]{26,}|[12][A-Za-z0-9]{26}_[A-Za-z0-9]{20,}"),
    ("akamai, adobe", r"ak(?:ab|aa)-[a-z0-9]{16}-[a-z0-9]{16}|p8e-[A-Za-z0-9]{32}"),
    # code hosts, packages, build
    ("github", r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{22,}"),
    ("gitlab", r"gl(?:pat|ptt|dt|rtr|rt|cbt|ft|imt|agent|soat|ffct|oas|wt)-[\w.=-]{16,}|GR1348941[\w-]{20,}|"
               r"_gitlab_session=\w{16,}"),
    ("bitbucket, jira, trello", r"BBDC-[\w+/@-]{30,}|ATBB[A-Za-z0-9]{24,}|ATTA[0-9a-f]{60,}|"
                                r"AT[ACSO]TT3[\w-]{40,400}(?:(?:\\?=|%3[dD])[0-9A-F]{8})?|"
                                r"(?:[MNO][ADQTgjwz][AEIMQUYcgk][0-9w-z]){4}O[g-v][A-Za-z0-9+/]{26}"),
    ("sourcegraph, sonar, snyk", r"sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-fA-F]{40}|slk_[0-9a-f]{40,}|sq[upa]_[0-9a-f]{40}|"
                                 r"snyk_[us]at\.[\w.-]{20,}"),
    ("npm, pypi, rubygems, nuget", r"npm_[A-Za-z0-9]{30,}|pypi-AgE[\w-]{20,}|rubygems_[0-9a-f]{40,}|oy2[a-z0-9]{43}"),
    ("crates, packagist, clojars", r"cio[A-Za-z0-9]{32}|packagist_\w{3}_[\w-]{20,}|CLOJARS_[a-z0-9]{40,}"),
    ("jfrog", r"AKCp[A-Za-z0-9]{60,}|cmVmd[A-Za-z0-9]{50,}"),
    ("docker", r"dckr_[a-z]{3}_[\w-]{20,}|SWM(?:TKN|KEY)-1-[A-Za-z0-9+/-]{20,}"),
    ("ci", r"CCI(?:PAT|PRJ)_\w{20,}|bk(?:ua|at|ct|rt)_[0-9a-f]{36,}|API-[A-Z0-9]{26}|"
           r"[ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
    ("pulumi, terraform, openshift", r"pul-[0-9a-f]{40}|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}|sha256~[\w-]{43}"),
    ("infracost, endor, prefect, dbt", r"ico-[A-Za-z0-9]{32}|endr\+[\w-]{16,}|pn[ub]_[A-Za-z0-9]{30,}|dbt[cu]_[\w-]{30,}"),
    # secret stores and sign-in
    ("vault", r"hv[sbr]\.[\w-]{20,}|[sbr]\.[A-Za-z0-9]{24}(?![\w.])"),
    ("doppler", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}"),
    ("1password", r"ops_eyJ[\w+/=-]{40,}|A3-[A-Z0-9]{6}-[A-Z0-9]{6,11}(?:-[A-Z0-9]{5,6}){3,5}"),
    ("age", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("launchdarkly, plaid", rf"(?:api|sdk|mob|(?:access|public|link)-(?:sandbox|development|production))-{_UUID}"),
    ("okta, authress, clerk", r"00[\w-]{40}(?![\w-])|[a-z]{2,8}_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\."
                              r"[a-z0-9+/_=-]{30,}"),
    ("rfc 8959", r"secret-token:[\w.~%!$&'()*+,;=:@/-]{8,}"),
    ("json web token", r"(?<![_-])ey[A-Za-z0-9_-]{10,4000}\.ey[A-Za-z0-9_-]{10,8000}\.[\w.-]*|"
                       r"(?<![_-])ey[A-Za-z0-9_-]{10,4000}\.[\w-]{0,1000}\.[\w-]{10,}|"
                       r"(?<![_-])eyJ[A-Za-z0-9_-]{16,}=*|ZXlK[A-Za-z0-9+/]{30,}={0,2}|LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}={0,2}"),
    # money and shops
    ("stripe and others", r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{10,}|rzp_(?:live|test)_\w{14,}|"
                          r"pdl_[a-z]{4}_apikey_\w{20,}|polar_[a-z]{2,4}_\w{20,}"),
    ("square, paypal, adyen", r"EAAA[\w-]{50,}|sq0[a-z]{3}-[\w-]{22,}|AQE[\w+/=-]{50,}|"
                              r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    ("shopify, woocommerce", r"shp[a-z]{2,3}_[0-9a-fA-F]{32,}|c[ks]_[0-9a-f]{40}"),
    ("flutterwave, duffel", r"FLW(?:PUBK|SECK)(?:_TEST)?-?[0-9a-z]{12,32}(?:-X)?|duffel_(?:live|test)_[\w=-]{40,}"),
    ("lob, mollie, gocardless", r"(?:live|test|sandbox)_(?:pub_)?(?=[\w-]{0,30}\d)[\w-]{28,}"),
    ("easypost, shippo", r"EZ[AT]K[A-Za-z0-9]{50,}|shippo_(?:live|test)_[0-9a-fA-F]{40}"),
    # mail, text, calls
    ("sendgrid, brevo, resend", r"SG\.[\w=.-]{20,}|x(?:keysib|smtpsib)-[0-9a-f]{64}-[A-Za-z0-9]{16}|"
                                r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"),
    ("mailgun, mailchimp", r"(?:pub)?key-[0-9a-f]{32}|[0-9a-h]{32}-[0-9a-h]{8}-[0-9a-h]{8}(?![\w-])|"
                           r"[0-9a-f]{32}-us\d{1,2}(?!\w)|md-[\w-]{22}(?![\w-])"),
    ("twilio, telnyx", r"SK[0-9a-fA-F]{32}|AC[0-9a-f]{32}|KEY[0-9A-F]{32}_\w{20,}"),
    ("klaviyo, clickup, elevenlabs", r"pk_[0-9a-f]{32,}|pk_\d{4,12}_[A-Z0-9]{32}|sk_[0-9a-f]{40,}"),
    # watching
    ("new relic", r"NR(?:AK|II|JS|BR|AA|RA|MA|SP|IQ)-[\w-]{15,}|[0-9A-Za-z]{36}NRAL"),
    ("dynatrace", r"dt0[a-z]\d\d\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{40,}"),
    ("sentry, grafana", r"sntry[a-z]_[\w=+/-]{30,}|gl(?:c|sa)_[\w+/=]{28,}"),
    ("honeycomb, axiom, logfire", rf"hc[a-z]{{2}}k_\w{{30,}}|xa[ap]t-{_UUID}|pylf_v\d_\w{{20,}}|phc_\w{{30,}}|ph[xs]_\w{{30,}}"),
    # rows and files
    ("databricks, planetscale", r"(?:dapi|dose|dkea)[0-9a-h]{32}(?:-\d)?|pscale_[a-z_]{2,12}_[\w=.-]{30,}"),
    ("supabase, neon, mongodb", r"sbp_[0-9a-f]{40}|sb_(?:secret|publishable)_[\w-]{20,}|napi_[a-z0-9]{40,}|"
                                r"npg_[A-Za-z0-9]{12,}|mdb_sa_sk_[\w-]{30,}"),
    ("clickhouse, cockroach, pinecone", r"4b1d[A-Za-z0-9]{38}|CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}|pcsk_\w{40,}"),
    ("dropbox", r"sl\.(?:u\.)?[\w=-]{60,}|[a-z0-9]{11}A{10}[\w=-]{43}|[A-Za-z0-9]{11}A{10}[\w=-]{40,}"),
    ("maxmind", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    ("mapbox", r"[pst]k\.[A-Za-z0-9_-]{30,400}\.[\w-]{20,}"),
    # work tools
    ("airtable, contentful, asana", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|CFPAT-[\w-]{40,}|[12]/\d{10,20}(?:/\d{1,20})?:[0-9a-f]{32}"),
    ("linear, figma, typeform, frame", r"lin_[a-z]{2,5}_[A-Za-z0-9]{30,}|fig[a-z]{1,3}_[\w-]{30,}|tfp_[\w=.-]{40,}|"
                                       r"fio-u-[\w=-]{40,}"),
    ("notion, postman, readme", r"ntn_\w{30,}|secret_[A-Za-z0-9]{40,}|PMA[KT]-[0-9a-zA-Z-]{30,}|rdme_[a-z0-9]{50,}"),
    ("hubspot, intercom, beamer", rf"pat-(?:na|eu|ap)\d-{_UUID}|dG9rO[A-Za-z0-9+/_-]{{40,}}=*|b_[\w=-]{{44}}(?![\w=-])"),
    ("settlemint, 42, telnet", r"sm_[a-z]{3}_[A-Za-z0-9]{16,}|s-s4t2(?:ud|af)-[0-9a-f]{64}"),
    # models
    ("openai, anthropic and alike", r"sk-(?:proj|svcacct|admin|None|ant|or|lf|[a-z]{2,8}\d\d)-[\w-]{16,}|sk-[A-Za-z0-9]{20,}"),
    ("language models", r"gsk_\w{30,}|pplx-\w{30,}|xai-\w{30,}|r8_\w{30,}|nvapi-[\w-]{30,}|csk-\w{30,}|tgp_v1_[\w-]{20,}|"
                        r"lsv2_[a-z]{2}_\w{20,}|hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,}|jina_\w{30,}|tvly-[\w-]{16,}|"
                        r"fc-[0-9a-f]{32}|apify_api_\w{20,}|e2b_[0-9a-f]{30,}|wandb_v\d_\w{30,}"),
    # people's networks
    ("facebook, instagram", r"EAA[A-Za-z0-9]{30,}|\d{15,16}(?:\||%7[cC]|%)[\w-]{27,40}|IG(?:QV|AA)[\w-]{40,}"),
    ("x", r"A{20}[\w%]{40,}"),
    ("linkedin", r"AQ[UVWX][\w-]{60,}|WPL_AP1\.[\w.=-]{16,}"),
)  # fmt: skip
"""(vendor, regular expression). The first character of every match follows no letter or digit."""

TOKEN_PARTS: Final = frozenset(
    "pat tok token key apikey sk rk pk api live test prod secret sec auth oauth access refresh sat svc bot app priv psk "
    "pwd pass cred session sess bearer jwt hook webhook signing client user admin service account license sandbox dev at rt"
    .split()
)
"""Parts by which a vendor's own prefix says that what follows is a token: `acme_pat_…`, `key-…`, `foo_live_…`."""

VENDORS: Final = frozenset(
    "adafruit adobe adyen agora airbyte airtable akamai alchemy algolia alibaba aliyun amplitude anthropic apify appveyor "
    "artifactory asana assemblyai atlassian auth0 authress axiom azure backblaze beamer bigcommerce bitbucket bitly bitrise "
    "bittrex bitwarden box braintree brevo browserstack bugsnag buildkite calendly chargebee checkly circleci clarifai clerk "
    "clickhouse clickup cloudflare cloudinary cockroach codacy codecov codeship cohere coinbase confluence confluent contentful "
    "contribsys coralogix coveralls crowdin customerio databricks datadog deepgram deepseek defined digitalocean discord docker "
    "docusign doppler drift drone droneci dropbox duffel dynatrace easypost elastic elevenlabs etherscan etsy eventbrite expo "
    "facebook fastly fastspring figma finicity finnhub firebase fivetran flickr flutterwave flyio fleetbase foursquare frameio "
    "freemius freshbooks freshchat freshdesk freshservice fullstory gcp gemini ghost giphy github gitlab gitter gocardless "
    "grafana groq gusto harness hashicorp helpscout heroku hetzner honeybadger honeycomb hotjar hubspot huggingface infura "
    "instagram intercom intra42 ipinfo ipstack jenkins jfrog jira jotform jumpcloud kayako klaviyo kraken kucoin kubernetes "
    "kustomer launchdarkly linear linkedin linode liveagent livechat lob loggly logzio looker mailchimp mailersend mailgun "
    "mailjet mandrill mapbox mattermost maxmind mercury messagebird meraki microsoft mistral mixpanel monday moralis mux nasa "
    "netlify newrelic ngrok notion nytimes octopus okta onelogin onesignal openai openrouter openweather opsgenie optimizely "
    "ovh paddle pagerduty pandadoc paypal paystack pendo perplexity pinecone pingdom pinterest pipedrive plaid planetscale "
    "plivo polygon posthog postman postmark prefect prismic pubnub pulumi pusher qualtrics quickbooks rapidapi razorpay readme "
    "recurly reddit replicate revenuecat ringcentral rollbar salesforce sanity scaleway scalingo segment sendbird sendgrid "
    "sendinblue sentry servicenow shippo shodan shopify sidekiq sinch slack snowflake snyk sonar sonarqube sourcegraph sparkpost "
    "splunk spotify square squarespace stability statuspage storyblok strava stripe sumo sumologic supabase surveymonkey "
    "tableau telegr telegram telnyx tencent terraform todoist travis travisci trello twilio twitch twitter typeform "
    "uploadcare upstash vault vercel vimeo virustotal vonage vultr wakatime webex webflow wistia woocommerce wordpress workday "
    "wrike xero xray yandex yelp youtube zendesk zoho zoom zuora".split()
)
"""Vendors by whose bare name people label a key (`cohere: …`). A value there must itself look random."""

STRONG_KEY: Final = re.compile(
    r"pass_?(?:word|wd|phrase|code|wort)|pa[as]{1,2}s?w(?:or)?d|pwd|(?:^|_)(?:pw|pass|psk)$|secret(?!ar)|credential"
    r"|(?:api|access|private|signing|encryption|auth|account|master|license|shared|service|integration)_?key"
    r"|auth_?token|access_?token|refresh_?token|bearer|kennwort|passwort|contrase|mot_de_passe|비밀번호|비번|пароль|密码|パスワード"
)
"""Keys whose value is a secret whatever it looks like, unless it is plainly a placeholder or a word about it."""

MEDIUM_KEY: Final = re.compile(
    r"tokens?$|(?:^|_)keys?$|apikey|(?:^|_)(?:auth|authorization|sig|signature|session|sessid|sessionid|session_id|sid|jwt"
    r"|cookies?|csrf|xsrf|csrftoken|otp|dsn|webhook|webhook_url|seed|mnemonic|salt|hmac)$"
)
"""Keys whose value is a secret when it also looks like one."""

ABOUT_KEY: Final = re.compile(
    r"_(?:type|count|url|uri|ids?|names?|length|len|policy|field|input|reset|changed|expired|expires|expires_in|expiry|expiration"
    r"|at|ttl|age|size|limit|max|min|status|state|error|errors|hint|format|version|file|path|required|enabled|valid|days|label"
    r"|title|scopes?|usage|used|total|endpoint|provider|rotation|manager|algorithm|method|mode|header|prefix|on|by)$"
    r"|(?:cache|dedup|dedupe|deduplication|primary|foreign|idempotency|partition|sort|public|issue|object|group|event|row"
    r"|storage|lookup|translation|i18n|config|hot|arrow|project|s3|fingerprint|max|input|output|prompt|completion)_(?:keys?|tokens?)$"
)
"""Keys that speak about a secret or only share a word with it; their values are left to the vendor formats."""

NAMED_KEY: Final = re.compile(
    r"(?:^|_)(?:ids?|uuid|guid|sha\d*|md5|hash|digest|commit|rev|revision|checksum|etag|fingerprint|trace|span|request|req"
    r"|correlation|build|version|job|event|run|order|ticket|case|build_?id|crc|integrity|tag|ref|branch|image|file|path|url|uri"
    r"|href|src|host|hostname|container|pod|node|instance|device|model|serial|sku|tracking|invoice|traceparent|\w*id)$"
)
"""Keys of identifiers: never masked for looking random."""
