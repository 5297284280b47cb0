"""Take source: a run brings the source's value into the desk, for one conflict or a whole field."""

from functools import partial

import pytest

from automations.customer_context.rules import CustomerField, Direction
from automations.customer_context.values import ConflictKind
from automations.domain import Mode
from automations.plan import RunState
from automations.runs import approve, retry
from storage.engine import Database
from tests.automations.customer_context.ledgered import (
    Ledgered,
    all_taken,
    conflict,
    desk_id,
    ignoring,
    ledgered,
    taking,
)
from tests.automations.customer_context.listed import Book
from tests.automations.customer_context.synced import DECISION, LEA, LEO, NAME, RULES, TIER
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    here = ledgered(database, clock, jobs)
    for number in range(10):
        account = f"A-{number}"
        here.know(account, desk_id=desk_id(account), source={"tier": "enterprise"}, tier="pro")
    return here


def book(here: Ledgered) -> Book:
    assert here.book is not None
    return here.book


def tiers(here: Ledgered) -> dict[str, str]:
    """What the desk has by account, of those who are not pro."""
    return {one.reference or "": one.tier for one in book(here).kept.values() if one.tier != "pro"}


def test_the_source_is_taken_by_a_run_and_read_back(here: Ledgered) -> None:
    here.saw(conflict(desk="pro"))
    said = here.act(taking(here))
    waiting = here.only("taking")
    assert said == f"Customer A-1, tier: RUN-{waiting.run_id} takes what crm has."
    assert (waiting.decided_by, waiting.version) == (LEA.email, 2)
    assert book(here).writes == []
    (group,) = here.groups()
    assert (group.kind, group.field, group.before, group.after, group.size, group.state, group.applied_by) == (
        "taken", "tier", "pro", "enterprise", 1, "confirmed", waiting.run_id,
    )  # fmt: skip
    (change,) = here.changes(group)
    assert (change.account, change.before, change.after, change.conflict) == ("A-1", "pro", "enterprise", waiting.id)
    here.work()
    assert here.run(group.applied_by or 0).state == RunState.DONE
    assert tiers(here) == {"A-1": "enterprise"}
    assert here.only().state == "taken"
    assert [row.state for row in here.groups()] == ["applied"]
    (entry,) = here.audited("conflict.taking")
    assert entry.after is not None
    assert (entry.target, entry.after["taken_by"]) == (f"CONFLICT-{waiting.id}", f"RUN-{waiting.run_id}")
    (end,) = here.audited("conflicts.settled")
    assert end.after == {
        "taken": 1, "open": 0, "first_taken": [f"CONFLICT-{waiting.id}"], "first_open": [],
    }  # fmt: skip
    here.saw()
    here.saw(conflict(desk="pro"))
    assert [row.state for row in here.conflicts()] == ["taken", "open"], "somebody changed it back in the desk"


def test_whoever_comes_while_it_is_taken_is_told_of_the_run(here: Ledgered) -> None:
    here.saw(conflict(desk="pro"))
    here.act(taking(here))
    run = here.only().run_id
    assert here.refused(ignoring(here, LEO)) == (
        f"Customer A-1, tier: this conflict is decided by Lea Lind at 03:14; RUN-{run} takes the source's value. "
        "Nothing was changed by you."
    )


def test_taking_a_blank_empties_and_says_so(here: Ledgered) -> None:
    here.saw(conflict(source="", desk="pro"))
    said = here.act(taking(here))
    assert said.endswith("takes what crm has. It empties tier in Listed.")
    here.work()
    assert tiers(here) == {"A-1": ""}
    assert here.only().state == "taken"


@pytest.mark.parametrize("kind", [ConflictKind.TWO_ROWS, ConflictKind.TWO_ACCOUNTS, ConflictKind.TWO_CUSTOMERS])
def test_what_is_not_clear_is_nothing_a_run_can_take(here: Ledgered, kind: ConflictKind) -> None:
    here.saw(conflict(kind=kind, others=("A-1", "A-2")))
    assert here.refused(taking(here)) == (
        "Customer A-1, tier: which value would be taken is not clear, so no run can settle this. "
        "Merge by hand in Listed, or keep it as it is. Nothing was changed."
    )
    assert here.only().state == "open"


@pytest.mark.parametrize(
    "fields",
    [
        (NAME,),
        (NAME, CustomerField(name="tier", source="erp", decision=DECISION)),
        (NAME, CustomerField(name="tier", source="desk", direction="to_handoff", decision=DECISION)),
    ],
    ids=["no field any more", "another source", "the desk itself"],
)
def test_what_the_settings_do_not_say_any_more_is_not_taken(here: Ledgered, fields: tuple[CustomerField, ...]) -> None:
    here.saw(conflict(desk="pro"))
    here.rules = RULES.model_copy(update={"fields": fields})
    assert "no run can settle this" in here.refused(taking(here))
    assert "can be taken with others" in here.refused(all_taken(here))


def test_a_customer_who_is_in_no_desk_is_not_taken_into_one(here: Ledgered) -> None:
    here.saw(conflict(desk="pro", desk_id=None))
    assert "no run can settle this" in here.refused(taking(here))


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_nothing_is_taken_while_nothing_is_applied(here: Ledgered, mode: Mode) -> None:
    here.saw(conflict(desk="pro"))
    here.mode = mode
    for click in (taking(here), all_taken(here)):
        assert here.refused(click) == (
            f"Customers are switched to {mode}, so nothing is brought into the desk. Nothing was changed."
        )
    assert here.only().state == "open"


def test_what_has_changed_in_the_desk_since_is_not_written_over(here: Ledgered) -> None:
    here.saw(conflict(desk="pro"))
    here.act(taking(here))
    book(here).change(desk_id("A-1"), tier="gold")
    here.work()
    assert tiers(here) == {"A-1": "gold"}
    one = here.only("open")
    assert (one.desk_value, one.version > 2) == ("gold", True)


def test_what_the_desk_refuses_is_open_again_and_taken_by_a_retry(here: Ledgered) -> None:
    here.saw(conflict(desk="pro"))
    book(here).refuses = {desk_id("A-1"): "tier is locked"}
    here.act(taking(here))
    here.work()
    run = here.groups()[0].applied_by or 0
    assert here.run(run).state in (RunState.FAILED, RunState.PARTIAL)
    assert (here.only().state, here.only().decided_by) == ("open", None)
    assert here.only_rejected("open").reason == "Listed: tier is locked"
    book(here).refuses = {}
    here.act(lambda session: retry.retry_step(session, run, 1, LEA, here.ctx))
    here.runner.again(run, 1)
    while here.runner.advance(run) is not None:
        pass
    assert here.run(run).state == RunState.DONE
    assert tiers(here) == {"A-1": "enterprise"}
    assert here.only().state == "taken"
    assert here.only_rejected().state == "fixed"


def test_a_whole_field_is_taken_by_one_run_without_blanks(here: Ledgered) -> None:
    here.saw(
        conflict(desk="pro"), conflict("A-3", source="trial", desk="pro"), conflict("A-2", source="", desk="pro"),
        conflict("A-4", kind=ConflictKind.TWO_ROWS),
    )  # fmt: skip
    said = here.act(all_taken(here))
    (group,) = here.groups()
    assert said == (f"RUN-{group.applied_by} takes tier for 2 customers. 2 left open, to be decided one by one.")
    assert (group.size, group.before, group.after) == (2, "", "")
    assert [(one.account, one.after) for one in here.changes(group)] == [("A-1", "enterprise"), ("A-3", "trial")]
    here.work()
    assert tiers(here) == {"A-1": "enterprise", "A-3": "trial"}
    assert {row.account: row.state for row in here.conflicts()} == {
        "A-1": "taken", "A-2": "open", "A-3": "taken", "A-4": "open",
    }  # fmt: skip


def test_above_the_brake_a_second_person_confirms_a_whole_field(here: Ledgered) -> None:
    here.saw(*[conflict(f"A-{number}", desk="pro") for number in range(4)])
    said = here.act(all_taken(here))
    (group,) = here.groups()
    number = group.applied_by or 0
    assert said == (
        f"RUN-{number} takes tier for 4 customers. A second person has to confirm it: 4 of 10 customers at once."
    )
    here.work()
    run = here.run(number)
    assert (run.state, run.needed) == (RunState.PROPOSED, 2)
    assert run.plan["why_two"] == "It changes 4 of 10 customers at once."
    assert book(here).writes == []
    assert len(here.conflicts("taking")) == 4
    confirm = partial(approve.approve, run_id=number, digest=run.digest, ctx=here.ctx)
    assert here.refused(partial(confirm, actor=LEA)).startswith("You ")
    here.act(partial(confirm, actor=LEO))
    here.work()
    assert len(tiers(here)) == 4
    assert len(here.conflicts("taken")) == 4


def test_a_run_that_people_cancel_leaves_the_conflicts_open(here: Ledgered) -> None:
    here.saw(*[conflict(f"A-{number}", desk="pro") for number in range(4)])
    here.act(all_taken(here))
    here.work()
    here.act(lambda session: approve.cancel(session, here.groups()[0].applied_by or 0, LEO, here.ctx))
    here.work()
    assert {(row.state, row.version) for row in here.conflicts()} == {("open", 3)}
    assert tiers(here) == {}
    here.act(all_taken(here))


def test_a_field_that_is_kept_here_alone_is_taken_here(here: Ledgered) -> None:
    only_here = TIER.model_copy(update={"direction": Direction.TO_HANDOFF})
    here.rules = RULES.model_copy(update={"fields": (NAME, only_here)})
    here.saw(conflict(desk="pro", desk_id=None))
    here.act(taking(here))
    here.work()
    assert here.only().state == "taken"
    assert here.customers()["A-1"].tier == "enterprise"
    assert tiers(here) == {}
