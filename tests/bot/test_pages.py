"""The pages of the built-in desk and of a case: what they show, to whom, and that nothing from outside comes alive."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx import Response

from automations.adapters.builtin.desk import BuiltinDesk
from bot.settings import Team
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.desk_world import FAILURES, desk_of, open_tickets, with_pages
from tests.bot.http_world import HttpWorld, problem
from tests.support import FakeClock, RecordingJobs

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOSTILE = "<script>alert(1)</script>\"><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} &amp; 'q' </pre></title>"
one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Seen(HTMLParser):
    """The tags, links and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"

    @property
    def links(self) -> list[str]:
        return [attrs.get("href") or "" for tag, attrs in self.tags if tag == "a"]

    @property
    def tickets(self) -> list[str]:
        return [link.rpartition("/")[2] for link in self.links if re.fullmatch(r"/desk/tickets/\d+", link)]


def seen(answer: Response, status: int = 200) -> Seen:
    """A page, after checking that it is inert: no script, no handler, nothing loaded but our style sheet."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    page = Seen(answer.text)
    assert {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object", "base", "svg"} == set()
    assert [name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "style"] == []
    assert [attrs["href"] for tag, attrs in page.tags if tag == "link"] == ["/desk/style.css"]
    return page


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def desk(world: World) -> BuiltinDesk:
    return desk_of(world)


@pytest.fixture
def port(world: World, desk: BuiltinDesk) -> HttpWorld:
    return with_pages(world, desk)


@one_kind
def test_the_team_is_asked_for_with_each_page(world: World, desk: BuiltinDesk) -> None:
    teams = [Team(name="Before", zone="UTC"), Team(name="After & since", zone="Europe/Oslo")]
    port = with_pages(world, desk, team=lambda: teams[0])
    open_tickets(world, desk, *FAILURES)
    before = port.client.get("/desk/tickets").text
    del teams[0]
    after = port.client.get("/desk/tickets").text
    assert ("Before" in before, "After &amp; since" in after, "Before" in after) == (True, True, False)
    hours = [{int(hour) for hour in re.findall(r"2026-11-21 (\d\d):", text)} for text in (before, after)]
    assert hours[0]
    assert {hour + 1 for hour in hours[0]} == hours[1], "the zone is the new one too"


def test_the_list_is_newest_first_and_filtered_by_status_and_words(
    world: World, desk: BuiltinDesk, port: HttpWorld
) -> None:
    open_tickets(world, desk, *FAILURES)

    def listed(**query: Any) -> list[str]:
        return seen(port.client.get("/desk/tickets", params=query)).tickets

    assert listed() == ["4", "3", "2", "1"] == seen(port.client.get("/desk")).tickets
    assert listed(q="ledger nightly") == ["2"]
    assert listed(q="100%") == listed(q="_____") == []
    assert listed(status="open") == listed(status="") == listed(q="", status="") == ["4", "3", "2", "1"]
    assert listed(status="solved") == []
    assert listed(q="a\x00b") == []
    assert "No ticket matches" in seen(port.client.get("/desk/tickets?q=nothing")).words
    problem(port.client.get("/desk/tickets?status=gone"), 422)
    problem(port.client.get(f"/desk/tickets?page={10**9}"), 422)
    problem(port.client.get(f"/desk/tickets?q={'a' * 201}"), 422)


@one_kind
def test_pages_of_the_list_keep_the_filters(
    world: World, desk: BuiltinDesk, port: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.pages.PER_PAGE", 2)
    open_tickets(world, desk, *({"summary": f"sync & load {n}", "dedup_key": f"k{n}"} for n in range(5)))
    query = {"q": "sync & load", "status": "open"}
    first = seen(port.client.get("/desk/tickets", params=query))
    assert first.tickets == ["5", "4"]
    assert "Page 1 of 3" in first.words
    (older,) = [link for link in first.links if "page=2" in link]
    second = seen(port.client.get(f"/desk/tickets{older}"))
    assert second.tickets == ["3", "2"]
    assert len([link for link in second.links if "page=" in link]) == 2
    assert seen(port.client.get("/desk/tickets", params={**query, "page": 99})).tickets == ["1"]


@one_kind
def test_an_empty_desk_says_what_will_fill_it(port: HttpWorld) -> None:
    assert "No tickets yet" in seen(port.client.get("/desk/tickets")).words


def test_a_ticket_shows_owner_priority_with_its_arithmetic_and_the_way_to_its_case(
    world: World, desk: BuiltinDesk, port: HttpWorld
) -> None:
    open_tickets(world, desk, FAILURES[0])
    page = seen(port.client.get("/desk/tickets/1"))
    for words in ("Anna Berg", "anna@team.example", "urgent", "+3 blocked", "Acme GmbH", "HTTP 502 from ledger",
                  "ledger status page: degraded", "https://logs.example/j/981", "Support", "Europe/Oslo"):  # fmt: skip
        assert words in page.words
    assert "/v1/cases/CASE-1" in page.links
    case = seen(port.client.get("/v1/cases/CASE-1", headers=HTML))
    for words in ("Anna Berg", "+3", "blocked", "= 8", "verified", "opened this case", "case.opened", "evt_"):
        assert words in case.words
    assert "http://127.0.0.1:8080/desk/tickets/1" in case.links


@one_kind
def test_a_case_is_a_page_for_a_browser_and_json_for_everybody_else(
    world: World, desk: BuiltinDesk, port: HttpWorld
) -> None:
    open_tickets(world, desk, *FAILURES)
    for accept in ("*/*", "application/json", "application/json, text/html", ""):
        assert port.client.get("/v1/cases/1", headers={"Accept": accept}).json()["id"] == "CASE-1"
    for number in range(1, len(FAILURES) + 1):
        answer = port.client.get(f"/v1/cases/{number}", headers=HTML)
        assert f"CASE-{number}" in seen(answer).words
        assert answer.headers["vary"] == "Accept"
    assert "There is no CASE-9" in seen(port.client.get("/v1/cases/9", headers=HTML), 404).words


@one_kind
def test_hostile_words_are_only_words(world: World, desk: BuiltinDesk, port: HttpWorld) -> None:
    failure = {
        "source": HOSTILE[:200], "summary": HOSTILE, "details": HOSTILE, "checks": [HOSTILE], "dedup_key": "h",
        "customer": {"id": HOSTILE[:200], "name": HOSTILE, "tier": "<b>x</b>"},
        "job": {"name": HOSTILE[:200], "id": HOSTILE[:200]},
        "attempts": [{"at": world.clock.at, "outcome": HOSTILE}],
        "diagnostics_url": "https://logs.example/\"onmouseover='alert(1)'<x>",
    }  # fmt: skip
    open_tickets(world, desk, failure)
    desk.note("1", HOSTILE, author=HOSTILE[:100], key="note")  # type: ignore[arg-type]  # a key is a text
    for path in ("/desk/tickets", "/desk/tickets/1", "/v1/cases/1"):
        assert "<script>alert(1)</script>" in seen(port.client.get(path, headers=HTML)).words
    asked = seen(port.client.get("/desk/tickets", params={"q": HOSTILE}))
    assert ("input", HOSTILE) in [(tag, attrs.get("value")) for tag, attrs in asked.tags]
    assert "{{ 7*7 }} {% raw %} &amp;" in seen(port.client.get("/desk/tickets/1")).words


@one_kind
@pytest.mark.parametrize("name", ["99", "0", "-1", "x", "1%00", "9" * 30, "%2e%2e", "1;", "١"])
def test_an_unknown_ticket_is_404_in_a_page_or_as_a_problem(port: HttpWorld, name: str) -> None:
    assert "No such ticket" in seen(port.client.get(f"/desk/tickets/{name}", headers=HTML), 404).words
    assert problem(port.client.get(f"/desk/tickets/{name}"), 404)["title"] == "No such ticket"


@one_kind
def test_who_may_read_the_pages(world: World, desk: BuiltinDesk, port: HttpWorld) -> None:
    open_tickets(world, desk, FAILURES[0])
    paths = ("/desk", "/desk/tickets", "/desk/tickets/1", "/v1/cases/1")
    for elsewhere in (port.asking("203.0.113.7", "bot.example"), port.asking("127.0.0.1", "evil.example")):
        for path in paths:
            refused = elsewhere.get(path, headers=HTML)
            assert "Only from this machine" in seen(refused, 403).words
            assert "Invoice" not in refused.text
    guarded = with_pages(world, desk, "the-read-token")
    for path in paths:
        asked = guarded.client.get(path, headers=HTML)
        assert "Not authenticated" in seen(asked, 401).words
        assert asked.headers["www-authenticate"].startswith("Basic ")
        opened = guarded.asking("203.0.113.7", "bot.example").request(
            "GET", path, headers=HTML, auth=("me", "the-read-token")
        )
        assert "Invoice sync failed" in seen(opened).words


@one_kind
def test_the_style_sheet_needs_no_token(port: HttpWorld) -> None:
    answer = port.asking("203.0.113.7", "bot.example").get("/desk/style.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "http" not in answer.text
    assert "@import" not in answer.text
