"""`handoff doctor` about the identity source: whether it answers, how many it tells, and what is wrong with it."""

from pathlib import Path

import pytest

from tests.automations.adapters.people_file.written import as_csv
from tests.bot.cli.conftest import TEAM, Terminal
from tests.bot.cli.desks import sqlite_alone
from tests.bot.cli.test_doctor import found
from tests.desks.served import served
from tests.identity.people import Somebody
from tests.identity.provider import TOKEN, Provider
from tests.identity.scim_server import ScimServer

database_url = sqlite_alone
PEOPLE = (
    Somebody("anna@team.example", "Anna Berg", groups=("Support", "Leads")),
    Somebody("ben@team.example", "Ben Okafor", groups=("Support",)),
    Somebody("cora@team.example", "Cora Diaz", active=False),
)


def told(handoff: Terminal, section: str) -> list[tuple[str, str, str]]:
    """State, words and way out of each finding about the source."""
    handoff.file("team.toml", f"{TEAM}\n[identity]\n{section}\n")
    return [(one["state"], one["found"], one["todo"]) for one in found(handoff)["identity"]]


def test_no_source_is_all_right(handoff: Terminal) -> None:
    words = "No identity source is set: nobody is compared with the company's people."
    assert told(handoff, "") == [("ok", words, "")]


def test_a_source_that_answers(handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_IDENTITY__TOKEN", TOKEN)
    provider = Provider()
    provider.people(*PEOPLE)
    with served(provider) as url:
        rows = told(handoff, f'kind = "scim"\nurl = "{url}/scim/v2"\nat_least = 2')
    assert rows == [("ok", f"{url}/scim/v2 tells of 3 people, 2 of them active, in 2 groups.", "")]


@pytest.mark.servers
@pytest.mark.timeout(300)  # the first one has to install it
def test_a_real_server(handoff: Terminal, scim_server: ScimServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_IDENTITY__TOKEN", scim_server.token)
    scim_server.people(*PEOPLE)
    rows = told(handoff, f'kind = "scim"\nurl = "{scim_server.url}"\nat_least = 2')
    assert rows == [("ok", f"{scim_server.url} tells of 3 people, 2 of them active, in 2 groups.", "")]


def test_a_source_that_does_not(handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    section = 'kind = "scim"\nurl = "http://127.0.0.1:9/scim"'
    ((state, words, todo),) = told(handoff, section)
    assert (state, words.startswith("identity.token is not set.")) == ("problem", True)
    monkeypatch.setenv("HANDOFF_IDENTITY__TOKEN", "another-token")
    ((state, words, todo),) = told(handoff, section)
    assert (state, words) == (
        "problem",
        "SCIM at http://127.0.0.1:9/scim (identity.url) cannot be reached (GET /Users)",
    )
    assert todo == "Until then nobody can be compared with the company's people."
    with served(Provider()) as url:
        ((state, words, _),) = told(handoff, f'kind = "scim"\nurl = "{url}/scim/v2"')
    assert (state, "check identity.token" in words) == ("problem", True)
    assert "another-token" not in words


def test_what_should_be_set_or_mended(handoff: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{as_csv(PEOPLE)}e-7,,Dan Ek,yes,,\n", encoding="utf-8")
    assert told(handoff, f'kind = "file"\npath = "{path}"') == [
        ("ok", f"{path} tells of 4 people, 3 of them active, in 2 groups.", ""),
        (
            "warning",
            "1 active people have no mail address there: e-7.",
            "They cannot be compared with anybody; give them one.",
        ),
        (
            "warning",
            "identity.at_least is not set: only an empty list is refused, not one that lost most people.",
            "Set it a little below the 4 there are now.",
        ),
    ]
    ((state, words, _),) = told(handoff, f'kind = "file"\npath = "{path}"\nat_least = 5')
    assert (state, "4 people; identity.at_least says 5" in words) == ("problem", True)
