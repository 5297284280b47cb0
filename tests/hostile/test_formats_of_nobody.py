"""Redaction on formats that stand in no list: vendors that do not exist, and places in the words of many tools.

The shapes were made up for this test, and none was put into the table of formats to pass it: it shows how redaction
does on what comes tomorrow. A secret counts as masked when none of its signs is left.
"""

import base64
import random
import string
from collections.abc import Callable

from automations.redact import redact
from tests.figures.told import tell

DICE = random.Random(9_2026)
BOTH, HEX, CAPITALS = string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_uppercase + string.digits


def drawn(length: int, alphabet: str = BOTH) -> str:
    """A value that holds a digit and a letter, as all but one in a million that are generated."""
    while True:
        value = "".join(DICE.choice(alphabet) for _ in range(length))
        if any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
            return value


VENDORS: dict[str, Callable[[], str]] = {
    "brand_live_": lambda: f"orvix_live_{drawn(28)}",
    "brand-key-": lambda: f"tavro-key-{drawn(32)}",
    "brand_pat_": lambda: f"nimbuq_pat_{drawn(40)}",
    "brand_sk_": lambda: f"kestr_sk_{drawn(36, HEX)}",
    "brand_secret_": lambda: f"volund_secret_{drawn(32)}",
    "brand.api.": lambda: f"ferrow.api.{drawn(32)}",
    "token- and region": lambda: f"ibexo-token-eu-{drawn(30)}",
    "brand_refresh_": lambda: f"quillon_refresh_{drawn(48)}",
    "brand_prod_": lambda: f"harbly_prod_{drawn(32, HEX)}",
    "brand-svc-": lambda: f"lumeno-svc-{drawn(30)}",
    "brand_oauth_": lambda: f"petrik_oauth_{drawn(36)}",
    "brand_webhook_": lambda: f"sondar_webhook_{drawn(32)}",
    "brand_test_": lambda: f"galva_test_{drawn(26)}",
    "brand_user_": lambda: f"merid_user_{drawn(34)}",
}
PLACES: dict[str, Callable[[], tuple[str, str]]] = {
    "env": lambda: ("export BRAVOX_API_KEY={}", drawn(24)),
    "env, quoted": lambda: ('QUORIN_SECRET="{}"', drawn(20)),
    "docker": lambda: ("docker run -e DB_PASSWORD={} image", drawn(12)),
    "yaml": lambda: ("  client_secret: {}\n  retries: 3", drawn(30)),
    "properties": lambda: ("spring.datasource.password={}", drawn(14)),
    "ini": lambda: ("[db]\npassword = {}\n", drawn(12)),
    "json": lambda: ('{{"refreshToken":"{}","ttl":60}}', drawn(40)),
    "json in a log": lambda: ('level=info body="{{\\"apiKey\\":\\"{}\\"}}"', drawn(32)),
    "python": lambda: ("client = Client(api_key='{}', region='eu')", drawn(32)),
    "ruby": lambda: (":auth_token => '{}',", drawn(28)),
    "go": lambda: ('cfg.SigningKey = "{}"', drawn(32)),
    "java": lambda: ('props.put("access_token", "{}");', drawn(36)),
    "powershell": lambda: ("$env:TAVRO_TOKEN = '{}'", drawn(32)),
    "header": lambda: ("X-Orvix-Token: {}", drawn(30)),
    "header, bearer": lambda: ("authorization: Bearer {}", drawn(48)),
    "header, api key": lambda: ("-H 'X-API-Key: {}'", drawn(24)),
    "header, basic": lambda: ("Authorization: Basic {}", base64.b64encode(f"svc:{drawn(12)}".encode()).decode()),
    "proxy": lambda: ("https_proxy=http://svc:{}@proxy.internal:3128", drawn(12)),
    "dsn": lambda: ("amqp://worker:{}@mq.internal/vhost", drawn(16)),
    "jdbc": lambda: ("jdbc:postgresql://h/db?user=app&password={}", drawn(14)),
    "odbc": lambda: ("Driver=X;Server=h;Uid=app;Pwd={};", drawn(14)),
    "connection string": lambda: ("Endpoint=sb://h/;SharedAccessKey={}", drawn(43) + "="),
    "query": lambda: ("GET /cb?code=7&client_secret={}&state=1 302", drawn(32)),
    "signed query": lambda: ("https://files.example/a?exp=1&sig={}", drawn(43)),
    "fragment": lambda: ("https://app.example/#access_token={}&expires_in=3600", drawn(40)),
    "cookie": lambda: ("Cookie: theme=dark; sessionid={}", drawn(32)),
    "set-cookie": lambda: ("set-cookie: auth={}; HttpOnly; Secure", drawn(40)),
    "command": lambda: ("tavroctl login --token {} --quiet", drawn(32)),
    "command, equals": lambda: ("tavroctl push --api-key={}", drawn(32)),
    "curl": lambda: ("curl --user svc:{} https://api.example", drawn(14)),
    "mysql": lambda: ("mysql -h db -u root -p{} shop", drawn(12)),
    "sql": lambda: ("CREATE USER app WITH PASSWORD '{}';", drawn(14)),
    "xml": lambda: ("<clientSecret>{}</clientSecret>", drawn(24)),
    "xml attribute": lambda: ('<add key="ApiKey" value="{}" />', drawn(24)),
    "terraform": lambda: ('variable "admin_password" {{ default = "{}" }}', drawn(14)),
    "helm": lambda: ("--set auth.password={}", drawn(14)),
    "npmrc": lambda: ("//registry.example/:_authToken={}", drawn(36)),
    "netrc": lambda: ("machine h login svc password {}", drawn(14)),
    "spoken": lambda: ("the api key is {} and it fails", drawn(32)),
    "spoken, password": lambda: ("I used the password {} for it", "s3" + drawn(10)),
    "table": lambda: ("| password | {} |", drawn(14)),
    "PEM": lambda: (
        "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----",
        base64.b64encode(DICE.randbytes(90)).decode(),
    ),
}
PHRASINGS = (
    "{}", "got 401, sent {}", "`{}`", "see: {}, then it stopped", "ERROR worker-7: call failed ({}) after 3 tries",
    "customer pasted\n{}\nin the chat", "> {}", "config was {} since monday",
)  # fmt: skip


def masked(text: str, secret: str) -> bool:
    after = redact(text)
    return not any(secret[at : at + 8] in after for at in range(max(1, len(secret) - 7)))


def test_formats_of_nobody_are_found() -> None:
    tried: dict[str, list[bool]] = {}
    for phrasing in PHRASINGS:
        for _ in range(3):
            for name, make in VENDORS.items():
                token = make()
                tried.setdefault(name, []).append(masked(phrasing.format(token), token[-20:]))
            for name, place in PLACES.items():
                text, secret = place()
                tried.setdefault(name, []).append(masked(phrasing.format(text.format(secret)), secret))
    weak = {name: f"{sum(found)}/{len(found)}" for name, found in tried.items() if sum(found) < 0.9 * len(found)}
    every = [one for found in tried.values() for one in found]
    share = sum(every) / len(every)
    of_them = weak or "none"
    tell("20", f"{share:.3f} of {len(every)} secrets in {len(tried)} shapes that are in no list; weak: {of_them}")
    assert share >= 0.95, weak
    assert len(tried) >= 50
    assert len(weak) <= 3, weak
