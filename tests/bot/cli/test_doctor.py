"""`handoff doctor`: everything the bot needs, what is wrong with it and what to do."""

import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from automations.failure_tickets.context import Context
from bot.engine import prepare
from storage.engine import Database
from tests.bot.cli.conftest import MARA, TEAM, Terminal, an_event, report
from tests.bot.workspace.room import Room


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: nothing here differs by database."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


def found(handoff: Terminal, *args: str) -> dict[str, list[dict[str, str]]]:
    """What doctor says, by area."""
    by_area: dict[str, list[dict[str, str]]] = {}
    for one in handoff("doctor", "--json", *args).json["findings"]:
        by_area.setdefault(one["area"], []).append(one)
    return by_area


def states(rows: list[dict[str, str]]) -> set[str]:
    return {row["state"] for row in rows}


def test_all_is_well_in_a_room_that_is(
    handoff: Terminal, room: Room, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(database)
    monkeypatch.setenv("HANDOFF_INGEST__TOKENS", "*=a-secret-token")
    monkeypatch.setenv("HANDOFF_HTTP__PORT", "0")
    ran = handoff("doctor")
    assert ran.code == 0, ran.out
    assert "0 problems" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "a-secret-token" not in ran.out
    assert "xoxb" not in ran.out
    rows = {row["key"]: row for row in handoff("doctor", "--json").json["settings"]}
    assert rows["ingest.tokens"] == {"key": "ingest.tokens", "value": "set", "from": "HANDOFF_INGEST__TOKENS"}
    assert rows["team.zone"]["from"].endswith("team.toml")
    assert rows["http.host"]["from"] == "default"
    by_area = found(handoff)
    for area in (
        "scopes",
        "channels",
        "slack",
        "secrets",
        "ingest",
        "database",
        "audit",
        "stuck",
        "people",
        "http",
    ):
        assert states(by_area[area]) == {"ok"}, by_area[area]
    assert states(by_area["bot"]) == {"warning"}


def test_what_is_missing_is_a_problem_with_a_way_out(handoff: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        handoff.file("team.toml", f"{TEAM}\n[http]\nport = {port}\n".replace('lead = ["U_LEAD1"]', ""))
        ran = handoff("doctor", "--json")
    assert (ran.code, ran.json["ok"]) == (1, False)
    problems = {one["area"]: one for one in ran.json["findings"] if one["state"] == "problem"}
    assert set(problems) == {"secrets", "ingest", "roles", "http"}
    assert "slack.app_token is missing" in problems["secrets"]["found"]


def test_settings_that_are_wrong_are_told_line_by_line(handoff: Terminal) -> None:
    handoff.file("team.toml", TEAM.replace("Europe/Oslo", "Mars").replace("queue =", "cue ="))
    ran = handoff("doctor", "--json")
    assert ran.code == 1
    words = [one["found"] for one in ran.json["findings"]]
    assert len(words) == 2
    assert any("team.zone" in one for one in words)
    assert any("Known here" in one for one in words)


def test_a_rule_that_names_nobody_known_is_told(handoff: Terminal) -> None:
    handoff.file("team.toml", TEAM.replace('job = "*-import"', 'job = "*-import"\nowner = "group:nights"'))
    assert any("'nights' is not known" in one["found"] for one in found(handoff)["settings"])


def test_slack_says_what_is_wrong_with_channels_scopes_and_people(handoff: Terminal, room: Room) -> None:
    room.act("faults", kick="C_FAILURES")
    room.act("faults", archive="C_ESCALATIONS")
    handoff.file("team.toml", TEAM.replace('"U_AGENT1"', '"U_GUEST"').replace("S_AGENTS", "S_NOBODY"))
    by_area = found(handoff)
    assert {one["found"] for one in by_area["channels"]} == {
        "failures: Handoff is not in #failures.", "escalations: #escalations is archived.",
    }  # fmt: skip
    assert any("guests may do nothing" in one["found"] for one in by_area["people"])
    assert any("S_NOBODY" in one["found"] for one in by_area["roles"])
    room.act("faults", revoke_token=True)
    (refused,) = found(handoff)["slack"]
    assert "Slack refuses the bot token" in refused["found"]


def test_missing_and_spare_scopes_are_named(handoff: Terminal, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = dict.fromkeys(("chat:write", "extra:read"), "posts")
    monkeypatch.setattr("bot.cli.check_slack.scopes", lambda *, usergroups_write: {} if usergroups_write else wanted)
    missing = [one["found"] for one in found(handoff)["scopes"]]
    assert "extra:read is not granted: posts." in missing
    assert any(one.startswith("Granted, but not used: ") for one in missing)


def test_a_slack_that_does_not_answer_is_a_problem(handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_SLACK__BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("HANDOFF_SLACK__BASE_URL", "http://127.0.0.1:1/api/")
    (only,) = found(handoff)["slack"]
    assert only["state"] == "problem"
    assert "Slack cannot be asked" in only["found"]


def test_rules_are_judged_by_what_came(handoff: Terminal, database: Database, context: Context) -> None:
    assert "nothing can be said" in found(handoff)["rules"][0]["found"]
    report(database, context, *(an_event(dedup_key="same", reason="info") for _ in range(25)))
    words = [one["found"] for one in found(handoff)["rules"]]
    assert words == [
        "No effect on 25 failures of the last 30 days: imports.", "billing takes 25 of 25 failures.",
    ]  # fmt: skip
    other = [an_event(source="crm", job={"name": "night-import"}, reason="info") for _ in range(10)]
    report(database, context, *other)
    (only,) = found(handoff)["rules"]
    assert (only["state"], "Each of 2 rules" in only["found"]) == ("ok", True)


def test_feedback_is_told_per_rule_until_it_is_withdrawn(
    handoff: Terminal, database: Database, context: Context
) -> None:
    assert [one["found"] for one in found(handoff)["feedback"]] == [
        "No case of the last 30 days was marked as not needed."
    ]
    report(database, context, an_event(), an_event())
    handoff("cases", "not-needed", "1", *MARA, "--note", "a drill")
    (told,) = found(handoff)["feedback"]
    assert (told["state"], told["found"]) == (
        "warning", "billing: 1 of 2 cases of the last 30 days were marked as not needed.",
    )  # fmt: skip
    assert "a drill (rule billing)" in " ".join(handoff("cases", "show", "1").out.split())
    handoff("cases", "reopen", "1", *MARA)
    assert states(found(handoff)["feedback"]) == {"ok"}
    assert "withdrawn" in handoff("cases", "show", "1").out


def test_people_away_and_rotations_without_anybody_are_warnings(handoff: Terminal) -> None:
    today = datetime.now(UTC).date()
    away = f"\n[[people.away]]\nfrom = {today - timedelta(days=2)}\nuntil = {today + timedelta(days=2)}\n"
    shifts = [
        f'[[rotations]]\nname = "{name}"\npeople = ["ines.holt@example.com"]\nfirst = {first}\n'
        for name, first in (("nights", today - timedelta(days=30)), ("later", today + timedelta(days=30)))
    ]
    group = '[[groups]]\nname = "all"\npeople = ["ines.holt@example.com"]\n'
    handoff.file("team.toml", TEAM + away + "\n".join([*shifts, group]))
    words = " ".join(one["found"] for one in found(handoff)["duty"] if one["state"] == "warning")
    for expected in ("Rotation nights: everybody is away", "Rotation later: its first shift", "Group all:"):
        assert expected in words


def test_whether_people_may_be_mentioned_at_night_is_said(handoff: Terminal) -> None:
    (always,) = found(handoff)["hours"]
    assert "every case may mention its owner at night" in always["found"]
    assert "[hours]" in always["todo"]
    handoff.file("team.toml", f'{TEAM}\n[hours]\ndays = ["Mon", "Tue"]\nstart = "08:00"\n')
    (within,) = found(handoff)["hours"]
    assert within["found"].startswith("The team works Mon, Tue 08:00-17:00, Europe/Oslo")
    assert within["todo"] == ""
