"""Cases from the terminal: lists, and verbs that work while Slack does not."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from automations.failure_tickets.context import Context
from bot.replies import CaseReply
from storage.engine import Database
from storage.models import AuditEntry, Case, CaseGroup, CaseTicket, DeskFact, Notification
from tests.blocked import set_block
from tests.bot.cli.conftest import INES, MARA, Terminal, an_event, report
from tests.support import START

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def one(database: Database, context: Context) -> str:
    """The first case."""
    (case,) = report(database, context, an_event(details="token=ghp_abcdefghijklmnopqrstuvwxyz0123456789"))
    assert case == "CASE-1"
    return case


@ON_SQLITE
def test_nothing_is_said_in_words(handoff: Terminal) -> None:
    assert handoff("cases", "list").out == "Nothing to show.\n"
    assert handoff("cases", "list", "--json").json == []


def test_the_list_fits_80_columns_and_never_lets_text_out(
    handoff: Terminal, database: Database, context: Context
) -> None:
    report(database, context, an_event(impact={}, summary="Slow \x1b[31mred\x07 text [bold]x " + "long " * 80))
    report(database, context, an_event())
    ran = handoff("cases", "list")
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "\\x1b[31mred\\x07" in ran.out
    assert "[bold]x" in ran.out
    assert ran.out.index("CASE-2") < ran.out.index("CASE-1"), "most urgent first"
    rows = handoff("cases", "list", "--json").json
    assert [row["id"] for row in rows] == ["CASE-2", "CASE-1"]
    assert rows[0]["owner"] == "mara.lind@example.com"
    assert rows[0]["owner_name"] == "Mara Lind"


@ON_SQLITE
def test_the_list_can_be_narrowed(handoff: Terminal, database: Database, context: Context, one: str) -> None:
    report(database, context, an_event())
    assert handoff("cases", "claim", one, *INES).code == 0
    for args, wanted in (
        (["--status", "claimed"], ["CASE-1"]),
        (["--status", "open"], ["CASE-2"]),
        (["--status", "resolved"], []),
        (["--owner", "INES.holt@example.com"], ["CASE-1"]),
        (["--limit", "1"], ["CASE-1"]),
        (["--status", "all"], ["CASE-2", "CASE-1"]),
    ):
        found = [row["id"] for row in handoff("cases", "list", "--json", *args).json]
        assert sorted(found) == sorted(wanted), args


@ON_SQLITE
def test_one_case_is_shown_in_full(handoff: Terminal, one: str) -> None:
    ran = handoff("cases", "show", "1")
    assert ran.code == 0
    for words in ("CASE-1  Invoice sync failed", "Mara Lind", "billing, Billing", "History", "not verified", "blocked"):
        assert words in ran.out
    assert "ghp_" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    detail = handoff("cases", "show", one, "--json").json
    assert (detail["id"], detail["status"], detail["count"]) == ("CASE-1", "open", 1)
    assert detail["occurrences"][0]["outcome"] == "opened"


@ON_SQLITE
@pytest.mark.parametrize(
    ("words", "state", "named"),
    [(("ticket-found", "--ticket", "#4711"), "unknown", "4711"), (("ticket-absent", "--note", "x"), "wanted", None)],
)
def test_an_unclear_ticket_is_settled_from_the_terminal(
    handoff: Terminal, database: Database, one: str, words: tuple[str, ...], state: str, named: str | None
) -> None:
    verb, *rest = words
    refused = handoff("cases", verb, one, *rest, *INES)
    assert refused.code == 1
    assert "Nobody has to look" in refused.err
    with database.begin() as session:
        session.execute(update(CaseTicket).values(state="unknown", unclear_at=START - timedelta(days=99)))
    assert handoff("cases", verb, one, *rest, *INES, "--wait", "0").code == 0
    with database.read() as session:
        row = session.get_one(CaseTicket, 1)
        assert (row.state, row.named) == (state, named)
    assert handoff("cases", verb, one, *rest, *INES).code == 1, "somebody was first"


@ON_SQLITE
def test_what_a_case_waits_for_is_shown(handoff: Terminal, database: Database, one: str) -> None:
    with database.begin() as session:
        group = CaseGroup(
            source="billing-worker", reason="retries_exhausted", channel="failures", queue="Billing",
            correlation_id="case-1", version=1, opened_at=START, last_joined_at=START, called=[], ticket_key="group-1",
            ticket_system="builtin", ticket_state="wanted", ticket_wanted=1, ticket_verified=0,
        )  # fmt: skip
        session.add(group)
        session.flush()
        case = session.get_one(Case, 1)
        case.group_id, case.flaps, case.stale_at, case.hold_until = group.id, 3, START, START + timedelta(minutes=1)
        case.snoozed_until, case.snoozed_by = START + timedelta(hours=1), "mara.lind@example.com"
        case.close_fields = {"cause": "network"}
    shown = handoff("cases", "show", one).out
    detail = handoff("cases", "show", one, "--json").json
    for line in (
        r"Fields +cause: network", r"Desk hears +2026-11-21 03:15", r"Snoozed +until 2026-11-21 04:14 by Mara Lind",
        r"Stale since +2026-11-21 03:14", r"Came back +3 times by itself", r"Group +GROUP-1",
    ):  # fmt: skip
        assert re.search(line, shown), line
    assert (detail["group"], detail["flaps"], detail["close_fields"]) == ("GROUP-1", 3, {"cause": "network"})
    assert [datetime.fromisoformat(detail[name]) - START for name in ("stale_at", "hold_until", "snoozed_until")] == [
        timedelta(0), timedelta(minutes=1), timedelta(hours=1),
    ]  # fmt: skip
    CaseReply.model_validate(detail)


@ON_SQLITE
@pytest.mark.parametrize(("named", "words"), [("CASE-9", "There is no CASE-9"), ("nine", "is not a case")])
def test_a_case_that_is_not_there_is_named(handoff: Terminal, context: Context, named: str, words: str) -> None:
    for args in (("show", named), ("claim", named, *INES)):
        ran = handoff("cases", *args)
        assert (ran.code, ran.out) == (1, "")
        assert words in ran.err


def test_every_verb_changes_the_case_and_is_audited(handoff: Terminal, database: Database, one: str) -> None:
    steps: tuple[tuple[tuple[str, ...], str, str], ...] = (
        (("claim", one, *INES), "CASE-1 is yours.", "claimed"),
        (("release", one, *INES), "is open again", "open"),
        (("reassign", one, *INES, "--to", "mara.lind@example.com"), "is with Mara Lind now", "open"),
        (("escalate", one, *INES, "--reason", "the customer calls"), "brought before Mara Lind", "open"),
        (("resolve", one, *INES, "--note", "replayed, password=Tr0ub4dor&3x"), "is closed", "resolved"),
        (("reopen", one, *MARA), "is open again", "open"),
        (("not-needed", one, *MARA), "is closed", "not_needed"),
    )
    for args, words, status in steps:
        ran = handoff("cases", *args)
        assert ran.code == 0, ran.err
        assert words in ran.out
        assert "No bot is running" in ran.err
        with database.read() as session:
            assert session.get_one(Case, 1).status == status
            typed = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert typed is not None
        assert (typed.actor, typed.action) == ("os:typist", f"command.case.{args[0].replace('-', '_')}")
        assert (typed.outcome, typed.after) == ("done", {"as": args[3]})
    with database.read() as session:
        acts = session.scalars(select(AuditEntry).where(AuditEntry.action.like("case.%"))).all()
        assert {"ines.holt@example.com", "mara.lind@example.com"} <= {act.actor for act in acts}
        assert session.get_one(Notification, "case/1").version >= len(steps)
        assert session.get_one(Case, 1).close_note is not None
        assert "Tr0ub4dor" not in str([entry.after for entry in session.scalars(select(AuditEntry))])


@ON_SQLITE
def test_done_twice_says_so_and_is_no_error(handoff: Terminal, one: str) -> None:
    handoff("cases", "claim", one, *INES)
    again = handoff("cases", "claim", one, *INES)
    assert (again.code, again.out) == (0, "You have claimed CASE-1 already.\n")


@ON_SQLITE
def test_who_is_refused_is_told_why_and_audited(handoff: Terminal, database: Database, one: str) -> None:
    stranger = handoff("cases", "claim", one, "--as", "stranger@example.com")
    assert stranger.code == 1
    assert "nobody under [[people]] has this address. Known: ines.holt@example.com, mara.lind@" in stranger.err
    handoff("cases", "claim", one, *MARA)
    late = handoff("cases", "claim", one, *INES)
    assert late.code == 1
    assert "Mara Lind claimed CASE-1 at" in late.err
    with database.read() as session:
        refused = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "refused")).all()
        assert [entry.actor for entry in refused] == ["os:typist", "os:typist", "ines.holt@example.com", "os:typist"]
        assert session.get_one(Case, 1).claimed_by == "mara.lind@example.com"


@ON_SQLITE
def test_only_a_lead_releases_for_somebody_else(handoff: Terminal, one: str) -> None:
    handoff("cases", "claim", one, *MARA)
    assert "or a lead" in handoff("cases", "release", one, *INES).err
    handoff("cases", "release", one, *MARA)
    handoff("cases", "claim", one, *INES)
    assert handoff("cases", "release", one, *MARA).code == 0


@ON_SQLITE
@pytest.mark.parametrize("args", [("escalate", "--reason"), ("resolve", "--note")])
def test_words_that_are_needed_may_not_be_blank(handoff: Terminal, one: str, args: tuple[str, str]) -> None:
    verb, option = args
    assert handoff("cases", verb, one, *INES).code == 64
    blank = handoff("cases", verb, one, *INES, option, "  ")
    assert blank.code == 1
    assert "Please say in a sentence" in blank.err


@ON_SQLITE
def test_resolving_asks_for_the_fields_of_the_desk(handoff: Terminal, database: Database, one: str) -> None:
    fields = [{"id": "cause", "label": "Root cause", "options": ["Ledger", "Network"]}]
    with database.begin() as session:
        session.add(DeskFact(system="builtin", name="required_fields", value={"fields": fields}, read_at=START))
    refused = handoff("cases", "resolve", one, "--note", "replayed", *INES)
    assert refused.code == 1
    assert "Root cause" in refused.err
    assert "--field cause=VALUE" in refused.err.replace("\n", " ")
    assert handoff("cases", "resolve", one, "--note", "replayed", "--field", "cause", *INES).code == 64
    assert handoff("cases", "resolve", one, "--note", "replayed", "--field", "cause=ledger", *INES).code == 0
    with database.read() as session:
        assert session.get_one(Case, 1).close_fields == {"cause": "Ledger"}


@ON_SQLITE
def test_a_case_is_snoozed_until_a_time_that_can_be_read(handoff: Terminal, database: Database, one: str) -> None:
    assert handoff("cases", "snooze", one, "--until", "soon", *INES).code == 1
    ran = handoff("cases", "snooze", one, "--until", "2h", *INES)
    assert ran.code == 0
    assert "CASE-1 is snoozed until" in ran.out
    with database.read() as session:
        assert session.get_one(Case, 1).snoozed_by == "ines.holt@example.com"


def test_nobody_acts_whose_access_was_taken_away(handoff: Terminal, database: Database, one: str) -> None:
    with database.begin() as session:
        set_block(session, "ines.holt@example.com", START)
    ran = handoff("cases", "claim", one, *INES)
    assert ran.code == 1
    assert "Ines Holt has no access to Handoff any more. Nothing was changed." in " ".join(ran.err.split())
    assert handoff("cases", "claim", one, *MARA).code == 0
