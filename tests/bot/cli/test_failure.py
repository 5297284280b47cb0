"""`handoff failure send` to a real port, and verbs beside a bot that runs."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import Bot
from bot.cli.demo import demo_app
from bot.settings_file import load
from bot.workspace import WorkspaceServer, sample_seed
from tests.bot.cli.conftest import INES, TEAM, Terminal, an_event
from tests.bot.workspace.room import Room

TOKEN = ("--token", "a-good-token")


@dataclass(frozen=True)
class Office:
    """A bot at work with its room, and the environment that leads commands to both."""

    bot: Bot
    room: Room
    env: dict[str, str]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Office]:
    """One for all tests here: each sends events of its own."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "team.toml").write_text(TEAM, encoding="utf-8")
    room = Room(WorkspaceServer(sample_seed(), demo_app()).start())
    env = {
        "HANDOFF_CONFIG": str(folder / "team.toml"),
        "HANDOFF_DATABASE__URL": f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'handoff.db')}",
        "HANDOFF_SLACK__BASE_URL": room.server.base_url,
        "HANDOFF_SLACK__BOT_TOKEN": "xoxb-demo-handoff",
        "HANDOFF_SLACK__APP_TOKEN": "xapp-demo-handoff",
        "HANDOFF_INGEST__TOKENS": "billing-worker=own-token, *=a-good-token",
        "HANDOFF_HTTP__PORT": "0",
    }
    bot = Bot(load(folder / "team.toml", env).settings)
    bot.start()
    yield Office(bot, room, env | {"HANDOFF_HTTP__PORT": str(bot.http.port)})
    bot.stop()
    room.leave()


@pytest.fixture
def handoff(bare: Terminal, office: Office, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Somebody at that office's terminal."""
    for name, value in office.env.items():
        monkeypatch.setenv(name, value)
    return bare


def lines(*events: dict[str, Any]) -> str:
    return "\n".join(json.dumps(event) for event in events)


def test_events_are_sent_and_what_became_of_each_is_printed(handoff: Terminal) -> None:
    opens = an_event()
    file = handoff.file(
        "events.jsonl", f"{lines(opens, an_event(reason='info', source='crm'))}\n\n{json.dumps(opens)}\n"
    )
    ran = handoff("failure", "send", file)
    assert ran.code == 0, ran.err
    assert "1 duplicate, 1 opened, 1 recorded" in ran.out
    assert [opens["id"], "opened"] in [line.split()[:2] for line in ran.out.splitlines()]
    again = handoff("failure", "send", file, "--json").json
    assert [(one["where"], one["status"]) for one in again] == [
        ("line 1", "duplicate"), ("line 4", "duplicate"), ("line 2", "duplicate"),
    ]  # fmt: skip
    one_document = handoff.file("event.json", json.dumps(an_event(), indent=2))
    assert (
        "1 opened"
        in handoff("failure", "send", one_document, "--url", "http://127.0.0.1:" + os.environ["HANDOFF_HTTP__PORT"]).out
    )


def test_more_than_a_request_holds_goes_in_several(handoff: Terminal) -> None:
    many = handoff.file("many.json", json.dumps([an_event(reason="info") for _ in range(1_001)]))
    ran = handoff("failure", "send", many)
    assert (ran.code, ran.out) == (0, "1001 recorded\n")


def test_what_the_file_has_wrong_is_named_and_the_rest_sent(handoff: Terminal) -> None:
    wrong = [an_event(reson="info"), an_event(reason="tired"), an_event(job={"nam": "x"})]
    file = handoff.file("events.jsonl", f'{lines(an_event(), *wrong)}\n{{not json\n{{"id": NaN}}\n[]\n')
    ran = handoff("failure", "send", file)
    assert ran.code == 3
    assert "1 opened, 6 refused" in ran.out
    for words in (
        "line 2: reson: there is no such field; known here: id, source",
        "line 3: reason: Input should be one of retries_exhausted, data_blocked",
        "line 4: job.nam: there is no such field; known here: id, name",
        "line 5: this is not JSON",
        "line 6: this is not JSON: NaN is not a JSON number",
        "line 7: Input should be",
    ):
        assert f"events.jsonl, {words}" in ran.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: this is not JSON"),
        ("{\n  'id': 1\n}", "line 2: this is not JSON"),
        ("[]", "the file: an empty array"),
        ('{"id": "a", "id": "b"}', "names a key twice"),
        ("[" * 5_000, "nested too deeply"),
    ],
)
def test_a_file_without_events_sends_nothing(bare: Terminal, text: str, words: str) -> None:
    ran = bare("failure", "send", bare.file("x.json", text), *TOKEN)
    assert (ran.code, words in ran.err) == (1, True), ran.err


def test_what_the_bot_refuses_is_said(handoff: Terminal) -> None:
    file = handoff.file("e.jsonl", lines(an_event(), an_event(source="crm")))
    not_ours = handoff("failure", "send", file, "--token", "own-token")
    assert not_ours.code == 3
    assert "1 opened, 1 refused" in not_ours.out
    assert "line 2: Not your source. This token does not belong to the source 'crm'" in not_ours.err
    unknown = handoff("failure", "send", file, "--token", "another-token")
    assert unknown.code == 1
    assert "answered 401" in unknown.err
    assert "2 of 2 events were not sent" in unknown.err
    assert "another-token" not in unknown.err


def test_a_source_without_a_token_is_not_sent(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_INGEST__TOKENS", "other=some-token")
    ran = bare("failure", "send", bare.file("e.json", json.dumps(an_event())))
    assert ran.code == 1
    assert "there is no token for the source 'billing-worker'" in ran.err


def test_no_bot_no_token_no_address_are_said_in_words(bare: Terminal) -> None:
    file = bare.file("e.json", json.dumps(an_event()))
    for args, code, words in (
        ((), 1, "There is no token"),
        ((*TOKEN, "--url", "http://127.0.0.1:1"), 1, "Nothing answers at http://127.0.0.1:1/v1/failures"),
        ((*TOKEN, "--url", "ftp://bot"), 1, "is not an address"),
        ((*TOKEN, "--url", "http://[::1"), 1, "is not an address"),
        (("--token", "ä-token"), 64, "printable ASCII"),
        ((*TOKEN, "--patience", "-1"), 64, "--patience"),
    ):
        ran = bare("failure", "send", file, *args)
        assert (ran.code, words in ran.err) == (code, True), ran.err
    assert bare("failure", "send", "nowhere.json", *TOKEN).code == 1


def test_a_verb_beside_a_running_bot_is_followed_until_it_shows(handoff: Terminal, office: Office) -> None:
    event = handoff.file("e.json", json.dumps(an_event(summary="Only this one")))
    (taken,) = handoff("failure", "send", event, "--json").json

    def message() -> list[str]:
        return [json.dumps(one) for one in office.room.messages() if "Only this one" in json.dumps(one)]

    office.room.until(message)
    ran = handoff("cases", "claim", taken["case"], *INES)
    assert ran.code == 0, ran.out + ran.err
    first, slack, ticket = ran.out.splitlines()
    assert (first, slack) == (f"{taken['case']} is yours.", "Slack shows it.")
    assert re.fullmatch(r"Ticket \d+ is verified in builtin\.", ticket)
    assert "Ines Holt" in message()[0]
    doctor = {one["area"]: one for one in handoff("doctor", "--json").json["findings"]}
    assert (doctor["bot"]["state"], doctor["http"]["state"]) == ("ok", "ok")
    second = handoff("serve")
    assert second.code == 1
    assert "Cannot listen" in second.err or "already running" in second.err
