"""Paging: every page size, every lie about totals, lists that move; the whole list or an error, never fewer people."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.adapters.scim.lists import READINGS
from automations.adapters.scim.reading import EMPTY_PAGES
from automations.errors import AdapterError, OverBudget, Rejected, Unavailable
from automations.identities import IdentityPerson
from tests.desks.fake import Call, Fault, Faulty
from tests.identity.people import Somebody
from tests.identity.provider import Provider

TEAM = tuple(Somebody(f"p{number}@team.example", f"P {number}", groups=("Support",)) for number in range(7))


def a_provider(*people: Somebody) -> Provider:
    provider = Provider()
    provider.people(*(people or TEAM))
    return provider


def asked(provider: Provider, path: str = "/Users") -> int:
    return sum(one.request.url.path.endswith(path) for one in provider.exchanges)


def seen(people: Iterable[Any]) -> set[Any]:
    return {(one.email, one.active, one.groups) for one in people}


@given(
    size=st.integers(1, 30),
    per_page=st.integers(1, 12),
    cap=st.integers(1, 12),
    by_cursor=st.booleans(),
    groups=st.lists(st.sets(st.integers(0, 29)), max_size=4),
)
def test_any_population_comes_whole_through_any_pages(
    size: int, per_page: int, cap: int, by_cursor: bool, groups: list[set[int]]
) -> None:
    provider = Provider()
    inside = [tuple(f"G{g}" for g, members in enumerate(groups) if n in members) for n in range(size)]
    people = [Somebody(f"p{n}@team.example", "P", n % 3 > 0, inside[n]) for n in range(size)]
    provider.people(*people)
    provider.cap, provider.by_cursor = cap, by_cursor
    found = provider.source(per_page=per_page).people()
    assert seen(found) == seen(people)
    assert len(found) == size


def test_calls_are_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = a_provider(*(Somebody(f"p{n}@team.example", "P", groups=("Support",)) for n in range(250)))
    assert len(provider.source().people()) == 250
    assert (asked(provider), asked(provider, "/Groups")) == (3, 1)
    assert "startIndex" not in provider.exchanges[0].request.url.params, "a provider with cursors alone may refuse it"


def moved(call_number: int, change: Callable[[Provider], None]) -> tuple[Provider, list[int]]:
    """A provider whose list changes before its n-th page of users, once."""
    provider = a_provider()
    provider.cap = 3
    pages: list[int] = []

    def before(call: Call) -> None:
        pages.append(1)
        if len(pages) == call_number:
            change(provider)

    provider.before = before
    return provider, pages


def drop_first(provider: Provider) -> None:
    provider.users.pop("u1")


def put_before(provider: Provider) -> None:
    provider.users = {"u0": {"id": "u0", **Somebody("new@team.example", "New").body()}, **provider.users}


def swap(provider: Provider) -> None:
    drop_first(provider)
    provider.users["u9"] = {"id": "u9", **Somebody("new@team.example", "New").body()}


@pytest.mark.parametrize("change", [drop_first, put_before])
def test_a_list_that_moved_is_read_again(change: Callable[[Provider], None]) -> None:
    provider, _ = moved(2, change)
    found = provider.source().people()
    assert {one.id for one in found} == set(provider.users)


@pytest.mark.parametrize("change", [drop_first, put_before])
def test_a_list_that_always_moves_is_an_error(change: Callable[[Provider], None]) -> None:
    provider = a_provider()
    provider.cap = 3
    again = {"u1": provider.users["u1"]}

    def before(call: Call) -> None:
        if "startIndex" in call.query:
            change(provider)
        else:
            provider.users = {**again, **provider.users}
            provider.users.pop("u0", None)

    provider.before = before
    with pytest.raises(Rejected, match=f"no whole list of /Users in {READINGS} readings.*the list moved") as refused:
        provider.source().people()
    assert refused.value.code == "incomplete"


def test_one_who_came_for_one_who_left_cannot_hide_somebody() -> None:
    """The total stays; whoever slipped over the border of two pages would be missing, and nobody come twice."""
    provider, pages = moved(2, swap)
    found = {one.id for one in provider.source().people()}
    assert found == set(provider.users)
    assert len(pages) > 4, "it was read again"


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (lambda true: true + 1, "7 came of the 8 that it says there are"),
        (lambda true: true - 1, "7 came of the 6"),
        (lambda true: None, "does not say how many there are"),
    ],
)
def test_a_total_that_does_not_fit_is_an_error(total: Callable[[int], int | None], words: str) -> None:
    provider = a_provider()
    provider.total = total
    with pytest.raises(Rejected, match=words) as refused:
        provider.source().people()
    assert refused.value.code == "incomplete"
    assert asked(provider) >= READINGS


def test_a_cursor_needs_no_total_and_ends_by_itself() -> None:
    """RFC 9865, section 2: who cannot count leaves the total out; Entra ID may count a page alone."""
    provider = a_provider()
    provider.by_cursor, provider.cap = True, 2
    provider.total = lambda true: None
    assert len(provider.source().people()) == 7
    provider.total = lambda true: 2
    assert len(provider.source().people()) == 7
    provider.total = lambda true: true + 1
    with pytest.raises(Rejected, match="7 came of the 8"):
        provider.source().people()


def answering(*bodies: Any) -> httpx.MockTransport:
    """The bodies in turn, and the last one for ever."""
    left = list(bodies)
    return httpx.MockTransport(lambda request: httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0]))


def test_a_cursor_that_leads_in_a_circle_or_nowhere() -> None:
    provider = Provider()
    one, circle = (
        {"Resources": [{"id": "u1", "userName": "a"}], "nextCursor": "c"},
        {"Resources": [], "nextCursor": "c"},
    )
    with pytest.raises(Unavailable, match="same page twice"):
        provider.source(line=answering(one, circle)).people()
    nowhere = [{"Resources": [], "nextCursor": f"c{n}"} for n in range(READINGS * (EMPTY_PAGES + 2))]
    with pytest.raises(Rejected, match="pages without anybody"):
        provider.source(line=answering(*nowhere)).people()


def test_names_of_a_page_have_no_case() -> None:
    """Entra ID sends `resources`; numbers come as text from some."""
    users = {"TOTALRESULTS": "1", "resources": [{"ID": "u1", "USERNAME": "Anna@Team.example"}]}
    (found,) = Provider().source(line=answering(users, {"totalResults": 0})).people()
    assert (found.id, found.email, found.active) == ("u1", "anna@team.example", True)


@pytest.mark.parametrize("nameless", [{"userName": "x"}, {"id": "", "userName": "x"}, {"id": None}, {"id": {}}])
def test_somebody_without_an_id_is_an_error_that_says_where(nameless: Any) -> None:
    users = {"totalResults": 2, "Resources": [{"id": "u1", "userName": "a"}, nameless]}
    with pytest.raises(Rejected, match="number 2 of it has no id") as refused:
        Provider().source(line=answering(users)).people()
    assert refused.value.code == "incomplete"


BODY = json.dumps({"totalResults": 3, "Resources": [{"id": f"u{n}", "userName": f"p{n}@x.example"} for n in range(3)]})


@given(st.integers(0, len(BODY)), st.booleans())
def test_a_page_cut_anywhere_is_an_error_or_whole(cut: int, length_told: bool) -> None:
    provider = Provider()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Groups"):
            return httpx.Response(200, json={"totalResults": 0})
        headers = {"Content-Length": str(len(BODY))} if length_told else {}
        return httpx.Response(200, content=BODY[:cut].encode(), headers=headers)

    found: tuple[IdentityPerson, ...] = ()
    with suppress(AdapterError):
        found = provider.source(line=httpx.MockTransport(answer)).people()
    assert len(found) in (0, 3)
    assert found or cut < len(BODY)


@pytest.mark.parametrize("path", ["/Users", "/Groups"])
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ({"kind": "refused"}, Unavailable, "cannot be reached"),
        ({"kind": "timeout"}, Unavailable, "did not answer within 20 s"),
        ({"kind": "reset"}, Unavailable, "broke off"),
        ({"kind": "cut"}, Unavailable, "not JSON"),
        ({"kind": "html"}, Unavailable, "not JSON"),
        ({"reply": (401, None)}, Rejected, "check identity.token"),
        ({"reply": (403, {"detail": "read scope missing"})}, Rejected, "no right to this: read scope missing"),
        ({"reply": (404, None)}, Rejected, "knows nothing by that address"),
        ({"reply": (302, None, {"Location": "/login"})}, Rejected, "check identity.url"),
        ({"reply": (429, None, {"Retry-After": "7"})}, Unavailable, "asks for a pause"),
        ({"reply": (500, {"detail": "out of order"})}, Unavailable, "out of order"),
        ({"reply": (503, None)}, Unavailable, "failed"),
        ({"reply": (200, [])}, Unavailable, "a shape that is not known"),
        ({"reply": (200, {"totalResults": -1})}, Unavailable, "a shape that is not known"),
        ({"reply": (200, {"totalResults": 7, "Resources": None})}, Rejected, "no whole list"),
        ({"reply": (400, {"error": {"code": "BadRequest", "message": "no startIndex"}})}, Rejected, "no startIndex"),
    ],
)
def test_a_page_that_fails_is_an_error_with_the_address(
    path: str, fault: dict[str, Any], error: type[AdapterError], words: str
) -> None:
    provider = a_provider()
    line = Faulty(provider, [Fault(f"GET .*{path}", times=99, **fault)])
    with pytest.raises(error, match=words) as raised:
        provider.source(line=line).people()
    assert "https://idp.example/scim/v2 (identity.url)" in str(raised.value)
    assert "read-only-token" not in str(raised.value)


def test_a_budget_that_is_used_up_asks_nobody() -> None:
    provider = a_provider()
    provider.budget.wait_s = 5
    with pytest.raises(OverBudget):
        provider.source().people()
    assert provider.exchanges == []
    assert provider.budget.taken == [("identity/scim", None)]
