"""Taken back: recorded values where the desk still has what was made, the rest in the ledger; no sync makes it anew."""

from datetime import timedelta

import pytest

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context import open_tickets
from automations.customer_context.group_rows import made
from automations.customer_context.groups import start
from automations.customer_context.rules import CustomerRules
from automations.customer_context.values import ChangeKind
from automations.customers.known import by_account
from automations.desks import CustomerChange
from automations.plan import RunState
from automations.runs import undo
from storage.engine import Database
from storage.models import CustomerConflict
from tests.automations.customer_context.bad_line import BadLine, Fault
from tests.automations.customer_context.carried import LEA, RULES, Carried, change
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def line(database: Database) -> BadLine:
    return BadLine(BuiltinCustomers(database))


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs, line: BadLine) -> Carried:
    return Carried(database, clock, jobs, line)


def pairs(here: Carried) -> list[tuple[str, str, str, str]]:
    """What stays away: account, field, the source's value and the desk's."""
    return [(one.account, one.field, one.source_value, one.desk_value) for one in here.conflicts("kept")]


def test_what_was_made_goes_back_and_stays_so(here: Carried, line: BadLine) -> None:
    desk_id = here.customer("A-1", tier="pro")
    row = here.group("changed", change("A-1", "tier", "pro", "enterprise", desk_id))
    here.approve(row)
    made_at = here.clock.now()
    here.clock.move(timedelta(hours=1))
    here.undo(here.newest().id)
    assert (here.state(row), here.states(row)) == ("undone", ["undone"])
    assert [one.tier for one in line.customers()] == ["pro"]
    known = here.known("A-1")
    assert (known.tier, known.tier_before, known.tier_since, known.base["tier"]) == ("pro", "pro", made_at, "pro")
    with here.database.read() as session:
        standing = by_account(session, "A-1")
    assert standing is not None
    assert standing.tier_of(made_at) == "pro", "tickets that came since go by the recorded tier"
    assert standing.tier_of(made_at - timedelta(days=9), "free") == "free", "older ones keep what they had long before"
    assert pairs(here) == [("A-1", "tier", "enterprise", "pro")]
    (one,) = here.conflicts("kept")
    assert one.decided_by == "lea@team.example"
    assert here.audited("customer.back")[0].outcome == "undone"


def test_what_changed_since_is_left_and_stands_in_the_ledger(here: Carried, line: BadLine) -> None:
    ids = [here.customer(account, tier="pro") for account in ("A-1", "A-2")]
    row = here.group(
        "changed", *(change(f"A-{n}", "tier", "pro", "enterprise", one) for n, one in enumerate(ids, start=1))
    )
    here.approve(row)
    line.book.update_customer(str(ids[0]), CustomerChange(tier="gold"))
    here.undo(here.newest().id)
    assert here.states(row) == ["left", "undone"]
    assert [one.tier for one in line.customers()] == ["gold", "pro"]
    (conflict,) = here.conflicts("open")
    assert (conflict.account, conflict.source_value, conflict.desk_value) == ("A-1", "enterprise", "gold")
    assert here.known("A-1").tier == "enterprise", "in force is what the next sync reads in the desk"


def test_an_undo_over_a_bad_line_ends_with_every_row_taken_back(here: Carried, line: BadLine) -> None:
    ids = [here.customer(f"A-{n}", tier="pro") for n in range(4)]
    row = here.group("changed", *(change(f"A-{n}", "tier", "pro", "gold", ids[n]) for n in range(4)))
    here.approve(row)
    line.writes.clear()
    line.meets(Fault.LOST_AFTER, Fault.UNAVAILABLE, Fault.LOST_BEFORE)
    here.undo(here.newest().id)
    assert here.states(row) == ["undone"] * 4
    assert len(line.writes) == 4


def test_an_undo_that_the_desk_refuses_is_tried_again(here: Carried, line: BadLine) -> None:
    ids = [here.customer(f"A-{n}", tier="pro") for n in range(3)]
    row = here.group("changed", *(change(f"A-{n}", "tier", "pro", "gold", ids[n]) for n in range(3)))
    here.approve(row)
    run = here.newest().id
    line.refuses = frozenset({str(ids[1])})
    undoing = here.undo(run)
    assert here.states(row) == ["undone", "verified", "undone"]
    assert here.run(run).state == RunState.DONE
    line.refuses = frozenset()
    here.retry(undoing, 1)
    assert (here.states(row), here.state(row)) == (["undone"] * 3, "undone")
    assert here.run(run).state == RunState.ROLLED_BACK


@pytest.mark.parametrize(
    ("kind", "name", "before", "after"),
    [
        ("cleared", "region", "north", ""),
        ("suspended", "status", "active", "suspended"),
        ("changed", "plan", "old", "new"),
        ("changed", "domains", "a.example", "b.example"),
        ("linked", "", "", "A-1"),
    ],
)
def test_every_kind_goes_back(here: Carried, line: BadLine, kind: str, name: str, before: str, after: str) -> None:
    desk_id = here.customer("A-1", region="north", plan="old", domains="a.example")
    if kind == "linked":
        line.book.update_customer(str(desk_id), CustomerChange(reference=""))
    was = line.book.customer(str(desk_id))
    row = here.group(kind, change("A-1", name, before, after, desk_id))
    here.approve(row)
    assert here.states(row) == ["verified"]
    here.undo(here.newest().id)
    assert here.states(row) == ["undone"]
    assert line.book.customer(str(desk_id)) == was
    assert pairs(here) == [("A-1", name, after, before)]


def test_who_was_added_is_suspended_and_never_deleted(here: Carried, line: BadLine) -> None:
    row = here.group("added", change("A-1", "", "", "", None, name="Acme GmbH", status="active", tier="pro"))
    here.approve(row)
    here.undo(here.newest().id)
    assert here.states(row) == ["undone"]
    (acme,) = line.customers()
    assert (acme.status, acme.tier, here.known("A-1").status) == ("suspended", "pro", "suspended")
    assert pairs(here) == [("A-1", "status", "active", "suspended")]


def test_who_was_added_stays_where_the_settings_name_no_status(here: Carried, line: BadLine) -> None:
    here.rules = CustomerRules(fields=tuple(one for one in RULES.fields if one.name != "status"))
    row = here.group("added", change("A-1", "", "", "", None, name="Acme GmbH"))
    here.approve(row)
    here.undo(here.newest().id)
    assert here.states(row) == ["left"]
    assert "never deleted" in here.changes(row)[0].error
    assert [one.status for one in line.customers()] == ["active"]
    assert here.conflicts() == []


def test_who_was_added_here_alone_is_blank_again_and_stays_away(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    here = Carried(database, clock, jobs, None)
    row = here.group("added", change("A-1", "", "", "", None, name="Acme", tier="gold", domains="a.example"))
    here.approve(row)
    here.undo(here.newest().id)
    known = here.known("A-1")
    assert (known.tier, known.domains, known.base) == ("", [], {})
    assert pairs(here) == [("A-1", "", "", "")]


def test_a_settled_conflict_is_taken_and_kept_again_when_that_is_taken_back(here: Carried, line: BadLine) -> None:
    desk_id = here.customer("A-1", tier="gold")
    with here.database.begin() as session:
        conflict = _conflict(here, desk_id)
        session.add(conflict)
        session.flush()
        taken = change("A-1", "tier", "gold", "enterprise", desk_id)
        group = made(session, ChangeKind.TAKEN, [taken], LEA, here.ctx, conflicts={0: conflict.id})
        conflict.run_id = start(session, [group], LEA, here.ctx, title="Take crm's tier for A-1").id
    here.play()
    assert [one.tier for one in line.customers()] == ["enterprise"]
    assert [one.state for one in here.conflicts()] == ["taken"]
    here.undo(here.newest().id)
    assert [one.tier for one in line.customers()] == ["gold"]
    assert [one.state for one in here.conflicts()] == ["taken", "kept"]
    assert "tier" not in here.known("A-1").base, "nobody knows what both agreed on"


def test_a_conflict_that_the_desk_did_not_let_be_taken_is_open_again(here: Carried, line: BadLine) -> None:
    desk_id = here.customer("A-1", tier="gold")
    line.refuses = frozenset({str(desk_id)})
    with here.database.begin() as session:
        conflict = _conflict(here, desk_id)
        session.add(conflict)
        session.flush()
        taken = change("A-1", "tier", "gold", "enterprise", desk_id)
        group = made(session, ChangeKind.TAKEN, [taken], LEA, here.ctx, conflicts={0: conflict.id})
        conflict.run_id = start(session, [group], LEA, here.ctx, title="Take crm's tier for A-1").id
    here.play()
    assert [one.state for one in here.conflicts()] == ["open"]
    line.refuses = frozenset()
    here.retry(here.newest().id, 1)
    assert [one.state for one in here.conflicts()] == ["taken"]


@pytest.mark.parametrize("open_too", [False, True])
def test_open_tickets_follow_only_where_the_approver_said_so(
    here: Carried, monkeypatch: pytest.MonkeyPatch, open_too: bool
) -> None:
    told: list[tuple[str, str | None, str]] = []
    monkeypatch.setattr(
        open_tickets, "retier", lambda _session, account, desk_id, tier, _now: told.append((account, desk_id, tier))
    )
    desk_id = here.customer("A-1", tier="pro", region="north")
    row = here.group("changed", change("A-1", "tier", "pro", "enterprise", desk_id))
    other = here.group("cleared", change("A-1", "region", "north", "", desk_id))
    here.approve(row, open_too=open_too)
    run = here.newest().id
    here.approve(other, open_too=open_too)
    here.undo(run)
    assert told == ([("A-1", desk_id, "enterprise"), ("A-1", desk_id, "pro")] if open_too else [])


def test_an_undo_cannot_be_undone(here: Carried) -> None:
    desk_id = here.customer("A-1", tier="pro")
    here.approve(here.group("changed", change("A-1", "tier", "pro", "gold", desk_id)))
    undoing = here.undo(here.newest().id)
    assert "is an undo itself" in here.refused(lambda session: undo.undo(session, undoing, LEA, here.ctx))


def _conflict(here: Carried, desk_id: str | None) -> CustomerConflict:
    now = here.clock.now()
    return CustomerConflict(
        account="A-1", name="Customer A-1", field="tier", kind="differs", source="crm", source_value="enterprise",
        desk_value="gold", desk_id=desk_id, url="", others=[], winner="source", since=now, last_seen=now,
        state="taking", version=1, reason="",
    )  # fmt: skip
