"""`handoff doctor` about help desks: each thing that may be wrong with one, and what to do."""

from typing import Any

import pytest

from automations.adapters.calls import Call
from automations.desks import Capability, Customer
from automations.domain import DeskAgent
from automations.errors import Rejected, Unavailable
from tests.bot.cli.conftest import MARA, TEAM, Terminal
from tests.bot.cli.desks import SECTION, Sign, raises, sqlite_alone
from tests.bot.cli.test_doctor import found
from tests.desks.small import ME, SmallBook, SmallDesk

database_url = sqlite_alone
ALL = frozenset(Capability)
TEAM_THERE = [
    ME,
    DeskAgent("2", "Mara Lind", "Mara.Lind@example.com", "agent", "active"),
    DeskAgent("3", "Ines Holt", "ines.holt@example.com", "agent", "active"),
]
MINE = SECTION.replace("handoff@team.example", "handoff@example.com")


def a_desk(**changes: Any) -> SmallDesk:
    """A desk in which everybody and every queue is."""
    return SmallDesk(**{"people": list(TEAM_THERE), **changes})


def told(handoff: Terminal, section: str = MINE) -> list[tuple[str, str, str]]:
    """State, words and way out of each finding about the desk."""
    handoff.file("team.toml", TEAM + section)
    return [(one["state"], one["found"], one["todo"]) for one in found(handoff)["desk"]]


def one_of(rows: list[tuple[str, str, str]], words: str) -> tuple[str, str]:
    """The state and the way out of the finding that says this."""
    ((state, todo),) = [(state, todo) for state, said, todo in rows if words in said]
    return state, todo


def test_a_desk_in_which_all_is_well(handoff: Terminal, small: Sign) -> None:
    desk = small(a_desk())
    assert told(handoff) == [
        ("ok", "Smalldesk answers; the credential acts as Handoff (handoff@team.example, agent).", ""),
        ("ok", "small: all 2 queues and all 2 people are there.", ""),
        ("ok", "desk.admin_token is not set: access automation is off until then; everything else works.", ""),
        ("ok", "No trigger of the desk could write to customers about Handoff's tickets.", ""),
    ]
    assert not {"create", "update", "note"} & set(desk.asked)


def test_a_credential_that_is_missing_is_told_beside_all_else(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(a_desk())
    monkeypatch.delenv("HANDOFF_DESK__TOKEN")
    ((state, words, _),) = told(handoff)
    assert (state, words.startswith("desk.token is not set.")) == ("problem", True)
    assert "audit" in found(handoff)


def test_an_administrative_credential_that_cannot_be_read_hides_nothing_else(handoff: Terminal, small: Sign) -> None:
    small(a_desk())
    rows = told(handoff, MINE + '\nadmin_token_file = "/nowhere/token"\n')
    assert one_of(rows, "admin_token_file: /nowhere/token cannot be read")[0] == "problem"
    assert one_of(rows, "No trigger of the desk could write to customers")[0] == "ok"


def test_a_desk_that_does_not_answer_is_a_problem(handoff: Terminal, small: Sign) -> None:
    for method in ("me", "agents", "groups"):
        small(a_desk(flaw=raises(method, Unavailable("cannot be reached", system="small"), times=9)))
        rows = told(handoff)
        assert one_of(rows, "Smalldesk cannot be read: cannot be reached") == (
            "problem", "`handoff desk check` says more.",
        )  # fmt: skip


def test_queues_and_people_that_a_real_desk_lacks_are_problems(handoff: Terminal, small: Sign) -> None:
    asleep = DeskAgent("3", "Ines Holt", "ines.holt@example.com", "agent", "suspended")
    small(a_desk(queues=["Support"], people=[ME, asleep]))
    rows = told(handoff)
    assert one_of(rows, "has no group Billing") == (
        "problem",
        "Make it there, or name another under [failure_tickets].",
    )
    assert one_of(rows, "has no agent for Mara Lind.")[0] == "problem"
    assert one_of(rows, "Not active in the desk: Ines Holt.") == ("problem", "Activate them, or take them out.")


def test_a_desk_that_shows_nobody_is_a_warning(handoff: Terminal, small: Sign) -> None:
    small(a_desk(people=[]))
    assert one_of(told(handoff), "shows no agents") == ("warning", "Check the credential.")


def test_a_desk_without_groups_is_not_asked_for_queues(handoff: Terminal, small: Sign) -> None:
    desk = small(a_desk(can=ALL - {Capability.GROUPS}, queues=[]))
    rows = told(handoff)
    assert one_of(rows, "small: all 2 people are there.") == ("ok", "")
    assert "groups" not in desk.asked


def test_an_integration_user_who_may_not_work_is_a_problem(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(a_desk())
    monkeypatch.setattr("tests.desks.small.ME", DeskAgent("1", "Handoff", "", "", "suspended"))
    assert one_of(told(handoff), "but Handoff (1) is suspended there") == ("problem", "Activate the integration user.")


@pytest.mark.parametrize(
    ("requester", "words"),
    [
        ("mara.lind@example.com", "desk.requester is Mara Lind's own address"),
        ("support@acme.example", "is at acme.example, where nobody of [[people]] is"),
        ("support@acme.example", "which Smalldesk has as the domain of Acme"),
    ],
)
def test_a_requester_who_is_a_person_or_a_customer_is_a_warning(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch, requester: str, words: str
) -> None:
    acme = Customer("1", "Acme", None, ("acme.example",), "", "active", ())
    monkeypatch.setattr(
        SmallBook, "find_customer", lambda _book, *, domain: acme if domain in acme.domains else None
    )  # fmt: skip
    small(a_desk())
    state, todo = one_of(told(handoff, SECTION.replace("handoff@team.example", requester)), words)
    assert (state, bool(todo)) == ("warning", True)


def test_customers_that_cannot_be_looked_up_are_said(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_book: SmallBook, *, domain: str) -> None:
        raise Rejected("no right", system="small")

    monkeypatch.setattr(SmallBook, "find_customer", refuse)
    small(a_desk())
    assert one_of(told(handoff), "belongs to a customer could not be looked up: no right")[0] == "warning"


def test_the_administrative_credential_is_tried(
    handoff: Terminal, small: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small(a_desk())
    monkeypatch.setenv("HANDOFF_DESK__ADMIN_TOKEN", "another")
    assert one_of(told(handoff), "desk.admin_token sees 3 agents.") == ("ok", "")
    monkeypatch.setenv("HANDOFF_DESK__ADMIN_TOKEN", "t")
    assert one_of(told(handoff), "desk.admin_token and desk.token are the same")[0] == "warning"
    desk.flaw = raises("access", Rejected("no right to this", system="small"))
    assert one_of(told(handoff), "desk.admin_token cannot read agents: no right to this")[0] == "problem"


def test_calls_that_were_inferred_are_named_with_how_to_check_them(handoff: Terminal, small: Sign) -> None:
    small(a_desk(), Call("GET", "/me"), Call("POST", "/tickets", inferred=True))
    assert one_of(told(handoff), "Not checked against its vendor's reference: POST /tickets.") == (
        "warning", "Run `handoff desk check freshdesk --contract FILE`.",
    )  # fmt: skip


def test_triggers_that_could_write_to_customers_are_named(handoff: Terminal, small: Sign) -> None:
    small(a_desk(triggers=("Notify requester", "Survey")))
    state, todo = one_of(told(handoff), "tickets: Notify requester, Survey.")
    assert (state, "Restrict them in Smalldesk" in todo) == ("warning", True)
    small(a_desk(can=ALL - {Capability.TRIGGERS}))
    assert one_of(told(handoff), "Smalldesk cannot list its own triggers") == (
        "warning", "Do it in Smalldesk: list its own triggers that could write to customers.",
    )  # fmt: skip
    small(a_desk(flaw=raises("writing_triggers", Rejected("no right", system="small"))))
    assert one_of(told(handoff), "cannot be read: no right")[0] == "warning"


def test_what_an_automation_needs_and_the_desk_lacks_is_done_by_hand(handoff: Terminal, small: Sign) -> None:
    small(a_desk(can=ALL - {Capability.PARENTS, Capability.INVITES}))
    rows = told(handoff)
    assert one_of(rows, "failure_tickets: Smalldesk cannot link tickets under a parent ticket.") == (
        "warning", "Do it in Smalldesk: link tickets under a parent ticket.",
    )  # fmt: skip
    assert not any("invite" in words for _, words, _ in rows), "nothing that is on needs it"
    handoff.file("team.toml", TEAM.replace("[failure_tickets]", '[failure_tickets]\nmode = "off"') + MINE)
    assert not any("parent" in one["found"] for one in found(handoff)["desk"])
    assert handoff("automations", "mode", "failure_tickets", "shadow", *MARA).code == 0
    assert any("parent" in one["found"] for one in found(handoff)["desk"]), "a mode set by command wins"


def test_an_open_line_is_a_warning(handoff: Terminal, small: Sign) -> None:
    small(a_desk())
    assert one_of(told(handoff, MINE.replace("https:", "http:")), "is not encrypted") == ("warning", "Use https.")


def test_the_builtin_desk_is_given_what_it_lacks(handoff: Terminal) -> None:
    rows = told(handoff, "")
    assert one_of(rows, "Not in the desk yet: Billing, Support, Ines Holt, Mara Lind.") == (
        "warning", "The bot adds them when it starts.",
    )  # fmt: skip
    assert one_of(rows, "No trigger of the desk")[0] == "ok"
