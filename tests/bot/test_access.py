"""Who may read: this machine alone, or whoever has a token; a browser page, a proxy or another name does not count."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from bot.access import ReadAccess
from bot.ingest import Senders
from bot.problems import Problem

SENDERS = Senders("*=demo-token, shop=shop-token")


def status(access: ReadAccess, peer: str = "127.0.0.1", host: str = "127.0.0.1:8080", **headers: str) -> int:
    """200 if the request may read, else the status of the refusal."""
    said = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in said.items()]
    request = Request({"type": "http", "client": (peer, 1), "headers": raw})
    try:
        access.check(request)
    except Problem as problem:
        return problem.status
    return 200


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


OPEN, CLOSED = ReadAccess(None, SENDERS), ReadAccess("read-token", SENDERS)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "127.9.9.9"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
def test_this_machine_may_read_without_a_token(peer: str, host: str) -> None:
    assert status(OPEN, peer, host) == 200


@pytest.mark.parametrize("peer", ["10.0.0.5", "203.0.113.7", "", "unix", "::ffff:10.0.0.5", "0.0.0.0"])
def test_another_machine_may_not(peer: str) -> None:
    assert status(OPEN, peer) == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "[::1",
     "10.0.0.5", "127.0.0.1@evil.example", "evil.example#localhost", "localhost\\@evil.example", "0", "2130706433"],
)  # fmt: skip
def test_a_page_that_renamed_this_machine_may_not(host: str) -> None:
    assert status(OPEN, host=host) == 403


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"])
def test_what_a_proxy_forwards_may_not(header: str) -> None:
    assert status(OPEN, **{header: "127.0.0.1"}) == 403


@pytest.mark.parametrize("access", [OPEN, CLOSED])
@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.7"])
@pytest.mark.parametrize("token", ["demo-token", "shop-token"])
def test_who_may_report_may_read(access: ReadAccess, peer: str, token: str) -> None:
    assert status(access, peer, "bot.example", Authorization=f"Bearer {token}") == 200
    assert status(access, peer, "bot.example", Authorization=basic(f"anybody:{token}")) == 200


def test_the_read_token_opens_as_bearer_and_as_password() -> None:
    for header in ("Bearer read-token", "bearer  read-token ", basic(":read-token"), basic("me:read-token")):
        assert status(CLOSED, "203.0.113.7", "bot.example", Authorization=header) == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer read-toke", "Bearer read-token2", "read-token", "Token read-token", "Basic",
     "Basic é", "Basic =", "Basic ////", basic("read-token"), basic("read-token:"), basic("a:b:read-token"),
     "Bearer é"],
)  # fmt: skip
def test_with_a_read_token_this_machine_needs_it_too(header: str) -> None:
    assert status(CLOSED, Authorization=header) == 401


def test_a_browser_is_asked_for_a_password() -> None:
    with pytest.raises(Problem) as problem:
        CLOSED.check(Request({"type": "http", "client": ("127.0.0.1", 1), "headers": []}))
    assert problem.value.headers["WWW-Authenticate"].startswith("Basic realm=")


@given(st.text(st.characters(max_codepoint=255), max_size=60), st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_invented_header_opens_or_breaks(host: str, authorization: str) -> None:
    assert status(CLOSED, host=host, Authorization=authorization) == 401
    assert status(OPEN, "203.0.113.7", host, Authorization=authorization) == 403
