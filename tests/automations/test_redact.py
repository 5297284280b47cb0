"""Redaction: what it must take out and what it must leave. Secrets are built at run time, never written here."""

import base64
import importlib
import os
import random
import re
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from automations.redact import MASK, redact
from automations.redact_formats import FORMATS, INGEST_PREFIX
from tests.automations.report_redact import FOLDER, Figures, measure
from tests.figures.told import tell

DICE = random.Random(20240117)
LETTERS = string.ascii_letters + string.digits


def made(length: int, alphabet: str = LETTERS) -> str:
    """Make a random value that surely holds a digit, a capital and a small letter if the alphabet has them."""
    value = "".join(DICE.choice(alphabet) for _ in range(length - 3))
    return value + "".join(next(c for c in group if c in alphabet) if set(group) & set(alphabet) else "7" for group in
                           (string.ascii_uppercase, string.digits, string.ascii_lowercase))  # fmt: skip


HEX = "0123456789abcdef"
CAPITALS, DIGITS = string.ascii_uppercase, string.digits
OURS = {
    "bot token": f"{'xox'}b-{made(12, DIGITS)}-{made(24)}",
    "user token": f"{'xox'}p-{made(12, DIGITS)}-{made(32, HEX)}",
    "app token": f"{'xap'}p-1-A0{made(9, CAPITALS)}-{made(13, DIGITS)}-{made(64, HEX)}",
    "rotating token": f"{'xox'}e.{'xox'}b-1-{made(160)}",
    "refresh token": f"{'xox'}e-1-{made(140)}",
    "webhook secret": f"{'whs'}ec_{base64.b64encode(bytes(range(32))).decode()}",
    "ingest token": INGEST_PREFIX + made(43, LETTERS + "-_"),
    "named ingest token": f"{INGEST_PREFIX}ingest_{made(43, LETTERS + '-_')}",
}
SENTENCES = [
    "{}",
    "the key I used was `{}` and then the page went blank",
    "call failed: {}, giving up",
    '{{"exception": "Forbidden", "extra": {{"value": "{}"}}}}',
    "Authorization: Bearer {}",
    "GET /v1/items?access_token={}&page=2 403",
    "ValueError: invalid login ('{}')\n  File \"x.py\", line 88",
    "<https://example.com/{}|link>",
    "https://logs.example/j?q=it%20said%20{}%20at%20last",
    "https://logs.example/j?next=%2Fcallback%2F{}",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("kind", OURS)
def test_no_token_of_our_own_survives_anywhere(kind: str, sentence: str) -> None:
    secret = OURS[kind]
    after = redact(sentence.format(secret))
    assert MASK in after
    assert not any(secret[at : at + 12] in after for at in range(len(secret) - 12))


def test_of_a_slack_webhook_only_the_secret_path_goes() -> None:
    path = "/".join(["T" + made(9, string.ascii_uppercase), "B" + made(9, string.ascii_uppercase), made(24)])
    assert redact(f"posted to https://hooks.slack.com/services/{path} twice") == (
        f"posted to https://hooks.slack.com/services/{MASK} twice"
    )


P = made(14, LETTERS + "!$*")
PLACES = {
    "assignment": ("login failed password=", P, " from 10.2.0.0"),
    "yaml": ("db_password: ", "hunter", ""),
    "camel case": ('{"dbPassword": "', "correct horse battery", '", "retries": 2}'),
    "escaped json": ('"{\\"client_secret\\": \\"', P, '\\"}"'),
    "encoded query": ("next=%2Flogin%3Ftoken%3D", made(20), ""),
    "header": ("X-Api-Key: ", made(20), "\n"),
    "basic": ("> Authorization: Basic ", base64.b64encode(f"app:{P}".encode()).decode(), "\n< 401"),
    "url": ("could not connect to postgresql://app:", P, "@db.internal:5432/app"),
    "url with a token": ("git clone https://", made(40), "@git.example.com/a.git"),
    "cookie": ("Cookie: sessionid=", made(32), ""),
    "set-cookie": ("Set-Cookie: session=", made(32), "; Path=/; HttpOnly"),
    "command line": ("deploy --password ", P, " --dry-run"),
    "curl": ("curl -u app:", P, " https://api.example.org/"),
    "sql": ("ALTER USER app IDENTIFIED BY '", P, "';"),
    "spoken": ("the password is ", "s3cret" + made(6), " and it still fails"),
    "xml": ("<password>", P, "</password>"),
    "named pair": ('{"name": "DB_PASSWORD", "value": "', P, '"}'),
    "default in code": ('x = os.environ.get("PASSWORD", "', "a7" + made(9), '")'),
    "vendor's name": ('connect(cohere="', made(40), '", timeout=5)'),
    "table": ("| host | db.internal |\n| password | ", P, " |"),
    "netrc": ("machine db.internal login app password ", P, ""),
    "variable": ('variable "admin_password" { default = "', P, '" }'),
    "unknown prefix": ("saw acme_pat_", made(32), " in the log"),
}


@pytest.mark.parametrize("place", PLACES)
def test_masks_what_stands_in_a_known_place_and_nothing_around_it(place: str) -> None:
    before, secret, after = PLACES[place]
    kept = before.removesuffix("acme_pat_")  # the prefix belongs to the token
    assert redact(before + secret + after) == kept + MASK + after


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("newline", ["\n", "\\n"])
def test_masks_private_keys_whole_also_when_cut(newline: str, cut: bool) -> None:
    kind = "RSA PRIVATE" + " KEY-----"
    body = [made(64, LETTERS + "+/") for _ in range(5)] + ([] if cut else [made(20)])
    text = newline.join(["see -----BEGIN " + kind, *body] + ([] if cut else ["-----END " + kind, "please check"]))
    after = redact(text)
    assert after.startswith(f"see {MASK}")
    assert not any(line in after for line in body)
    assert cut or after.endswith("please check")


BENIGN = """The password is incorrect, please try again
Forgot password: link in the mail from 2024-05-01 leads to error 404
token: expired
job 4f4c2e5b-64fd-1b60-9fff-8c4819ffe0ec failed after 3 attempts
job_id=4f4c2e5b-64fd-1b60-9fff-8c4819ffe0ec status=failed
commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 broke the export
commit=2fd4e1c67a2d28fced849ee1bb76e7391b93eb12
image: registry.example.com/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
Please write to anna.schmidt+billing@example.co.uk
https://shop.example.com/orders/2010604528?zip=7543&country=NL#top
http://localhost:8080/path?mail=a@b.com
ssh://git@github.com/acme/shop.git
order number 2010604528-AB12 for customer C-10023
trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331
charge: ch_3MmlLrLkdIwHu7ix0snN0B15
event evt_1NG8Du2eZvKYlo2CUI79vXWy was delivered twice
ulid: 01ARZ3NDEKTSV4RRFFQ69G5FAV
channel: C024BE91L user: U0123ABCD ts: 1503435956.000247
max_tokens=4096 and completion_tokens: 512, tokenizer: cl100k_base
primary_key=id cache_key=user:123:profile:v2
dedup_key="payments-worker-7f9c4d5b6d-x2x9q"
pod: payments-worker-7f9c4d5b6d-x2x9q
  File "/srv/app/client.py", line 88, in connect
def login(user: str, password: str) -> Token:
if password == user.password:
The API key page shows an error 500
press the key F12 to open devtools
Basic authentication is not supported by this endpoint
Bearer authentication failed for user anna
Authorization: failed for anna
session: monday 10:30
password_reset_url: https://example.com/reset
PASS: tests/test_login.py::test_password
["password", "username", "email"]
| password | username | e-mail |
secretary: Frau Meyer, authors: Jane Doe, compass=north, bypass: true
arn:aws:iam::123456789012:role/deploy
tracking CU227343605DE
model: gpt-4o-mini-2024-07-18
[2026-03-11T08:14:22,123Z] INFO worker-7: processed 12345 rows in 31ms""".splitlines()


@pytest.mark.parametrize("line", BENIGN)
def test_leaves_ordinary_support_text_alone(line: str) -> None:
    assert redact(line) == line


def test_formats_of_vendors_nobody_has_heard_of() -> None:
    shapes = ["{v}_pat_{t}", "{v}-key-{t}", "{v}_live_{t}", "{t}"]
    vendors = ["quorvex", "lumantic", "bryndle", "ostrava9", "zephyrly"]
    texts = [*SENTENCES[1:7], "{v}: {{}}", "{V}_TOKEN={{}}", 'connect({v}="{{}}", timeout=5)', "the {v} token is {{}}"]
    found = total = 0
    for vendor in vendors:
        for shape in shapes:
            for text in texts:
                tail = made(32, DICE.choice([LETTERS, string.ascii_lowercase + string.digits]))
                sentence = text if text in SENTENCES else text.format(v=vendor, V=vendor.upper())
                found += tail not in redact(sentence.format(shape.format(v=vendor, t=tail)))
                total += 1
    assert found / total >= 0.90


@pytest.fixture(scope="module")
def figures() -> Figures:
    if not FOLDER.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the set of secrets is missing: {FOLDER}")
        pytest.skip("the shared set of secrets is not beside the project")
    return measure()


def test_figures_reach_what_was_promised(figures: Figures) -> None:
    tell("20", ", ".join(f"{name.replace('_', ' ')} {figure:.4f}" for name, figure in vars(figures).items()))
    assert figures.generated >= 0.97
    assert figures.own_kinds >= 0.98
    assert figures.samples >= 0.70
    assert figures.unseen >= 0.90
    assert figures.unseen_but_named >= 0.93
    assert figures.benign_touched <= 0.005


@pytest.mark.parametrize(("vendor", "pattern"), FORMATS, ids=[f"{v}-{n}" for n, (v, _) in enumerate(FORMATS)])
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(chosen=st.data())
def test_every_row_of_the_table_masks_its_own_tokens(vendor: str, pattern: str, chosen: st.DataObject) -> None:
    token = chosen.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    found = re.fullmatch(pattern, token)
    assume(found)
    assert found
    assert found[found.lastindex or 0] not in redact(f"saw {token} here")


def _unbounded(parsed: Any, *, last: bool) -> bool:
    """Tell whether a repeat without bound stands before something that must still match."""
    codes = importlib.import_module("re._constants")
    items = list(parsed)
    for number, (code, argument) in enumerate(items):
        after = items[number + 1 :]
        at_end = last and all(
            kind == codes.ASSERT_NOT or (kind == codes.MAX_REPEAT and it[0] == 0) for kind, it in after
        )
        if code == codes.MAX_REPEAT and argument[1] == codes.MAXREPEAT and not at_end:
            return True
        parts = argument[1] if code == codes.BRANCH else []
        if code in (codes.SUBPATTERN, codes.MAX_REPEAT):
            parts = [argument[-1]]
        if any(_unbounded(part, last=at_end) for part in parts):
            return True
    return False


@pytest.mark.parametrize(("vendor", "pattern"), FORMATS)
def test_every_row_is_linear_by_its_shape(vendor: str, pattern: str) -> None:
    assert not _unbounded(importlib.import_module("re._parser").parse(pattern), last=True)
