"""How much a value must look like a secret, given the word beside it.

Beside `password` nearly any value is a secret, beside `key` or a vendor's name it must look generated, beside another
word very generated, beside `commit` or `order_id` it never is: randomness alone also describes hashes and job ids.
"""

import re
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Final

TOKEN_PARTS: Final = frozenset(
    re.findall(
        r"\S+",
        """
        pat tok token key apikey sk rk pk api live test prod secret sec auth oauth access refresh sat svc bot app priv
        psk pwd pass cred session sess bearer jwt hook webhook signing client user admin service account license
        sandbox dev at rt
        """,
    )
)
"""Parts by which a vendor's own prefix says that what follows is a token: `acme_pat_…`, `key-…`, `foo_live_…`."""

VENDORS: Final = frozenset(
    re.findall(
        r"\S+",
        """
        adafruit adobe adyen agora airbyte airtable akamai alchemy algolia alibaba aliyun amplitude anthropic apify
        appveyor artifactory asana assemblyai atlassian auth0 authress axiom azure backblaze beamer bigcommerce
        bitbucket bitly bitrise bittrex bitwarden braintree brevo browserstack bugsnag buildkite calendly
        chargebee checkly circleci clarifai clerk clickhouse clickup cloudflare cloudinary cockroach codacy codecov
        codeship cohere coinbase confluence confluent contentful contribsys coralogix coveralls crowdin customerio
        databricks datadog deepgram deepseek digitalocean discord docusign doppler drone droneci
        dropbox duffel dynatrace easypost elastic elevenlabs etherscan etsy eventbrite expo facebook fastly fastspring
        figma finicity finnhub firebase fivetran flickr flutterwave flyio fleetbase foursquare frameio freemius
        freshbooks freshchat freshdesk freshservice fullstory gcp gemini giphy github gitlab gitter gocardless
        grafana groq gusto harness hashicorp helpscout heroku hetzner honeybadger honeycomb hotjar hubspot huggingface
        infura instagram intercom intra42 ipinfo ipstack jenkins jfrog jira jotform jumpcloud kayako klaviyo kraken
        kucoin kustomer launchdarkly linear linkedin linode liveagent livechat lob loggly logzio looker
        mailchimp mailersend mailgun mailjet mandrill mapbox mattermost maxmind mercury messagebird meraki microsoft
        mistral mixpanel moralis nasa netlify newrelic ngrok notion nytimes octopus okta onelogin onesignal
        openai openrouter openweather opsgenie optimizely ovh paddle pagerduty pandadoc paypal paystack pendo
        perplexity pinecone pingdom pinterest pipedrive plaid planetscale plivo polygon posthog postman postmark
        prefect prismic pubnub pulumi pusher qualtrics quickbooks rapidapi razorpay recurly reddit replicate
        revenuecat ringcentral rollbar salesforce sanity scaleway scalingo sendbird sendgrid sendinblue sentry
        servicenow shippo shodan shopify sidekiq sinch slack snowflake snyk sonar sonarqube sourcegraph sparkpost
        splunk spotify square squarespace stability statuspage storyblok strava stripe sumo sumologic supabase
        surveymonkey tableau telegr telegram telnyx tencent terraform todoist travis travisci trello twilio twitch
        twitter typeform uploadcare upstash vault vercel vimeo virustotal vonage vultr wakatime webex webflow wistia
        woocommerce wordpress workday wrike xero xray yandex yelp youtube zendesk zoho zoom zuora
        """,
    )
)
"""Vendors by whose bare name people label a key (`cohere: …`). A value there must itself look random."""

STRONG_KEY: Final = re.compile(
    r"pass_?(?:word|wd|phrase|code|wort)|pa[as]{1,2}s?w(?:or)?d|pwd|(?:^|_)(?:pw|pass|psk)$|secret(?!ar)|credential"
    r"|(?:api|access|private|signing|encryption|auth|account|master|license|shared|service|integration)_?key"
    r"|(?:auth|access|refresh)_?token|bearer|kennwort|passwort|contrase|mot_de_passe|비밀번호|비번|пароль|密码"
    r"|パスワード"
)
"""Keys whose value is a secret whatever it looks like, unless it is plainly a placeholder or a word about it."""

MEDIUM_KEY: Final = re.compile(
    r"tokens?$|(?:^|_)keys?$|apikey|(?:^|_)(?:auth|authorization|sig|signature|session|sessid|sessionid|session_id|sid"
    r"|jwt|cookies?|csrf|xsrf|csrftoken|otp|dsn|webhook|seed|mnemonic|salt|hmac)$"
)
"""Keys whose value is a secret when it also looks like one."""

ABOUT_KEY: Final = re.compile(
    r"(?<!session)_(?:type|count|url|uri|ids?|names?|length|len|policy|field|input|reset|changed|expired|expires|expires_in|expiry"
    r"|expiration|at|ttl|age|size|limit|max|min|status|state|error|errors|hint|format|version|file|path|required"
    r"|enabled|valid|days|label|title|scopes?|usage|used|total|endpoint|provider|rotation|manager|algorithm|method"
    r"|mode|header|prefix|on|by)$"
    r"|(?:cache|dedup|dedupe|deduplication|primary|foreign|idempotency|partition|sort|public|issue|object|group|event"
    r"|row|storage|lookup|translation|i18n|config|hot|arrow|project|s3|fingerprint|max|input|output|prompt|completion)"
    r"_(?:keys?|tokens?)$"
)
"""Keys that speak about a secret or only share a word with it; their values are left to the vendor formats."""

NAMED_KEY: Final = re.compile(
    r"(?:^|_)(?:ids?|uuid|guid|sha\d*|md5|hash|digest|commit|rev|revision|checksum|etag|fingerprint|trace|span|request"
    r"|req|correlation|build|version|job|event|run|order|ticket|case|crc|integrity|tag|ref|branch|image|file|path|url"
    r"|uri|href|src|host|hostname|container|pod|node|instance|device|model|serial|sku|tracking|invoice|traceparent"
    r"|charge|payment|customer|subscription|thread|message|task|step|account|user|asset|bundle|chunk|\w*id)$"
)
"""Keys of identifiers: never masked for looking random."""

NAMED_VALUE: Final = re.compile(
    r"(?:ch|pi|cus|evt|in|sub|req|txn|po|pm|seti|price|prod|acct|cs|job|run|ord|order|msg|case|usr|user|org|inv|ev|trace"
    r"|span|task|wf|build|dep|prj|team|doc|item|card|src|file|thread|conv|chatcmpl|resp|asst|cart|ticket)[_-]"
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}$|sha\d{1,3}[-:]"
)
"""Values that name a thing: object ids with their type in front, ULIDs, integrity hashes."""

HEX = re.compile(r"(?i)^(?:0x)?[0-9a-f]{16,}$")
UUID = re.compile(r"(?i)^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_BASE64 = re.compile(r"^[A-Za-z0-9+/]{16,}={0,2}$")
NOT_SECRET = re.compile(
    r"(?i)^(?:[a-z][a-z0-9+.-]{1,12}://.*|v?\d+(?:\.\d+)+[\w-]{0,6}|\d\d?:\d\d(?::\d\d)?\S{0,4}|\d{4}-\d\d-\d\d\S*"
    r"|<[^>]*>?|\$[{(].*|\$[a-z_]+|\{\{.*|\{\w*\}|%\(?\w*\)?[sd]?|%\w+%|\.{0,2}/[a-z._/-]*"
    r"|(?:[\w-]+/)+[\w-]+\.[a-z]{1,4}(?:::\S*)?|[*x•.?_-]+"
    r"|null?|none|nil|undefined|true|false|str(?:ing)?|bytes|int|yes|no|on|off|required|incorrect|invalid|missing"
    r"|empty|wrong|expired|reset|protected|changed|forgotten|unknown|hidden|masked|redacted|optional|secretstr.*)$"
)
_EMAIL = re.compile(r"^[\w.+-]+@[\w-]+\.[\w.-]+$")
_NAME_OF_SECRET = re.compile(
    r"(?i)^(?:(?:self|this|request|os|process|config|settings|env|args|options|params|props|form|user)[.\[].*"
    r"|[a-z_.]*(?:password|passwd|secret|token|credential)s?[a-z_.]*)$"
)
JUDGED: Final = 128
"""Characters of a value that are looked at to judge it: bounds the work where values overlap."""
_ODD = re.compile(r"[/:?&@(){}\[\]<>\\|,%]|=[^=]")


class Strength(Enum):
    """How far the word beside a value speaks for a secret, and so how random the value must look."""

    STRONG = "password, secret, api_key: anything but a placeholder"
    MEDIUM = "key, token, session: what looks generated"
    VENDOR = "a vendor's name: what looks generated and is long"
    PLAIN = "any other word: what looks very generated and is no hash"
    NEVER = "an identifier, or a word about secrets: nothing"


@lru_cache(maxsize=2048)
def strength(key: str) -> Strength:
    """Judge a key as people write it: `dbPassword`, `X-Api-Key`, `cohere`, `commit_sha`."""
    word = re.sub(r"[^\w]+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key[-80:])).lower().strip("_")
    if ABOUT_KEY.search(word):
        return Strength.NEVER
    if STRONG_KEY.search(word):
        return Strength.STRONG
    if MEDIUM_KEY.search(word):
        return Strength.MEDIUM
    if VENDORS.intersection((*word.split("_"), word.replace("_", ""))):
        return Strength.VENDOR
    return Strength.NEVER if NAMED_KEY.search(word) or word.isdigit() else Strength.PLAIN


def alternates(value: str, shortest: int, share: float) -> bool:
    """Tell whether letters and digits alternate as in generated text: enough of them, changing class often enough."""
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in value if c.isalnum()]
    digits = kinds.count("d")
    if len(value) < shortest or not digits or digits == len(kinds) or (digits == 1 and len(value) < 16):
        return False
    return sum(a != b for a, b in pairwise(kinds)) >= max(3.0, share * len(kinds))


def looks_secret(value: str, beside: Strength) -> bool:
    """Tell whether `value` is a secret when a word of that strength stands beside it."""
    value = value[:JUDGED]
    if beside is Strength.NEVER or len(value) < 3 or NOT_SECRET.match(value):
        return False
    if beside is Strength.STRONG:
        return any(c.isalnum() for c in value) and not _NAME_OF_SECRET.match(value)
    if any(c.isspace() for c in value) or is_email(value):
        return False
    if beside is Strength.PLAIN:
        named = HEX.match(value) or UUID.match(value) or NAMED_VALUE.match(value) or _ODD.search(value)
        return not named and value.count("-") + value.count("_") < 5 and alternates(value, 20, 0.24)
    if HEX.match(value) or UUID.match(value) or (value.isdigit() and len(value) >= 16):
        return True
    if "/" in value[:-2] and not _BASE64.match(value):
        return False
    if beside is Strength.VENDOR:
        return alternates(value, 14, 0.16)
    return alternates(value, 10, 0.16) or (len(value) >= 20 and value.isalnum())


def is_email(value: str) -> bool:
    """Tell whether the value is an e-mail address."""
    return bool(_EMAIL.match(value))
