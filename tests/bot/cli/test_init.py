"""`handoff init`: questions whose answers are tested, and a file that is accepted."""

import tomllib

import pytest

from automations.errors import Rejected, Unavailable
from bot.settings_file import load
from bot.team import book
from tests.bot.cli.conftest import Terminal
from tests.bot.cli.desks import Sign, raises
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


REST = ["C0FAILURES", "C0ESCALATE", "", "S0LEADS", "", "anna@team.example", "Anna Berg", ""]
"""The answers that follow those about the desk."""


def test_a_desk_elsewhere_is_asked_as_its_address_is_given(
    bare: Terminal, answers: list[str], small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small()
    desk.flaw = raises("me", Unavailable("Smalldesk cannot be reached", system="small"))
    for name in ("HANDOFF_CONFIG", "HANDOFF_DATABASE__URL"):
        monkeypatch.delenv(name)
    answers += ["Europe/Oslo", "nodesk", "freshdesk", "desk.example", "http://[", "https://us:pw@desk.example"]
    answers += ["https://desk.example", "https://desk.example", "nobody", "handoff@team.example", *REST]
    ran = bare("init")
    assert ran.code == 0, ran.err
    for words in (
        "'nodesk' is none of builtin, ",
        "An http(s) address is needed",
        "Smalldesk cannot be reached. Is the address right?",
        "Smalldesk answers; the credential acts as Handoff (handoff@team.example).",
        "An e-mail address of your own team is needed",
    ):
        assert words in ran.err
    text = (bare.folder / "handoff.toml").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 40
    assert "HANDOFF_DESK__TOKEN" in text
    section = load(bare.folder / "handoff.toml", {}).settings.desk
    assert (section.kind, section.url, section.requester) == (
        "freshdesk", "https://desk.example", "handoff@team.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "words", "asks"),
    [("unauthorized", "does not accept our credential", 1), ("not_found", "Is the address right?", 2)],
)
def test_a_refused_credential_is_told_and_a_wrong_address_asked_again(
    bare: Terminal, answers: list[str], small: Sign, monkeypatch: pytest.MonkeyPatch, code: str, words: str, asks: int
) -> None:
    desk = small()
    desk.flaw = raises("me", Rejected("does not accept our credential", system="small", code=code))
    monkeypatch.delenv("HANDOFF_CONFIG")
    answers += ["UTC", "freshdesk", *["https://desk.example"] * asks, "handoff@team.example", *REST]
    ran = bare("init")
    assert (ran.code, words in ran.err, desk.asked) == (0, True, ["me"] * asks)


def test_without_its_credential_the_desk_is_not_asked(
    bare: Terminal, answers: list[str], small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small()
    for name in ("HANDOFF_CONFIG", "HANDOFF_DESK__TOKEN"):
        monkeypatch.delenv(name)
    answers += ["UTC", "freshdesk", "https://desk.example", "handoff@team.example", *REST]
    ran = bare("init")
    assert (ran.code, "the desk cannot be asked now" in ran.err, desk.asked) == (0, True, [])


@pytest.mark.parametrize(
    ("kind", "name", "key"), [("zendesk", "handoff", "client_id"), ("intercom", "Incident", "ticket_type")]
)
def test_what_a_kind_of_desk_cannot_do_without_is_asked_for(
    bare: Terminal, answers: list[str], monkeypatch: pytest.MonkeyPatch, kind: str, name: str, key: str
) -> None:
    for variable in ("HANDOFF_CONFIG", "HANDOFF_DESK__TOKEN", "HANDOFF_DATABASE__URL"):
        monkeypatch.delenv(variable, raising=False)
    answers += ["UTC", kind, name, "https://desk.example", "handoff@team.example", *REST]
    ran = bare("init")
    assert ran.code == 0, ran.err
    file = bare.folder / "handoff.toml"
    assert len(file.read_text(encoding="utf-8").splitlines()) < 40
    assert getattr(getattr(load(file, {}).settings.desk, kind), key) == name
