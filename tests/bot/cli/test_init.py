"""`handoff init`: questions whose answers are tested, and a file that is accepted."""

import tomllib

import pytest

from bot.settings_file import load
from bot.team import book
from tests.bot.cli.conftest import Terminal
from tests.bot.workspace.room import Room


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What somebody will type; an answer that is not there ends the input."""
    waiting: list[str] = []

    def answer(_prompt: str = "") -> str:
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    monkeypatch.setattr("typer._click.termui.visible_prompt_func", answer)
    return waiting


def test_defaults_make_a_short_file_that_is_accepted(bare: Terminal) -> None:
    ran = bare("init", "--defaults")
    assert (ran.code, "handoff.toml was written" in ran.out) == (0, True)
    text = (bare.folder / "handoff.toml").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 40
    assert text.count("# <- fill in") == 5
    settings = load(bare.folder / "handoff.toml", {}).settings
    assert book(settings).default_owner == "you@example.com"
    assert settings.hours is not None, "nobody is mentioned at night who did not ask for it"
    assert "at other times only urgent cases mention anybody" in ran.out


def test_nothing_is_overwritten_without_force(bare: Terminal) -> None:
    mine = bare.file("mine.toml", "# mine\n")
    ran = bare("init", mine, "--defaults")
    assert ran.code == 1
    assert "is there already" in ran.err
    assert mine.read_text() == "# mine\n"
    assert bare("init", mine, "--defaults", "--force").code == 0
    assert "[team]" in mine.read_text()


def test_a_place_that_cannot_be_written_is_named(bare: Terminal) -> None:
    ran = bare("init", bare.file("file", "") / "handoff.toml", "--defaults")
    assert ran.code == 1
    assert "the file cannot be written" in ran.err


def test_answers_are_tested_for_their_form_without_slack(bare: Terminal, answers: list[str]) -> None:
    answers += ["Mars/Base", "Europe/Oslo", "builtin", "#failures", "C0FAILURES", "C0ESCALATE"]
    answers += ["U1, bob", "U1", "", "S0LEADS", "", "anna", "Anna@Team.example", 'Anna "A" Berg', "x", "U0ANNA"]
    ran = bare("init")
    assert ran.code == 0, ran.err
    assert "can be tested for their form only" in ran.err
    for words in (
        "'Mars/Base' is no zone",
        "A channel's id",
        "'bob' is no Slack id",
        "At least one",
        "begins with",
    ):
        assert words in ran.err
    written = tomllib.loads((bare.folder / "handoff.toml").read_text(encoding="utf-8"))
    assert written["team"]["zone"] == "Europe/Oslo"
    assert written["roles"] == {"agent": ["U1"], "lead": ["S0LEADS"], "admin": []}
    assert written["people"] == [{"name": 'Anna "A" Berg', "email": "anna@team.example", "slack": "U0ANNA"}]


def test_slack_is_asked_about_each_answer(bare: Terminal, room: Room, answers: list[str]) -> None:
    room.act("faults", kick="C_REPORTS")
    answers += ["Europe/Oslo", "builtin", "C_NOWHERE", "C_REPORTS", "C_FAILURES", "C_ESCALATIONS"]
    answers += ["U_GUEST", "U_OUTSIDE", "S_AGENTS", "S_LEADS", "U_NOBODY", "U_ADMIN"]
    answers += ["mara.lind@example.com", "Mara Lind", "U_HANDOFF", "U_LEAD1"]
    ran = bare("init")
    assert ran.code == 0, ran.err
    for words in (
        "Slack knows no channel C_NOWHERE", "Handoff is not in #reports", "Type /invite @Handoff there",
        "guests may do nothing", "another organization", "Slack does not know U_NOBODY",
        "In Slack this is mara.lind (U_LEAD1)", "this is an app",
    ):  # fmt: skip
        assert words in ran.err
    assert load(bare.folder / "handoff.toml", {}).settings.roles.admin == ("U_ADMIN",)


def test_a_script_cannot_ask_for_ever(bare: Terminal, answers: list[str]) -> None:
    answers += ["nowhere"] * 5
    ran = bare("init")
    assert ran.code == 1
    assert "5 answers in a row" in ran.err
    stopped = bare("init")
    assert (stopped.code, "Stopped." in stopped.err) == (1, True)
    assert not (bare.folder / "handoff.toml").exists()
