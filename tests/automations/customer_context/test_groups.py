"""What leads decide about groups: one click wins, only as it was seen, never of a sync that is stopped."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.customer_context import groups
from automations.customer_context.group_rows import digest_of_open
from automations.domain import Actor, Mode
from automations.errors import HandoffError, NotFound, Refused
from automations.plan import RunState
from storage.engine import Database
from storage.models import AccessBlock, AuditEntry, CustomerGroup, Run
from tests.automations.customer_context.carried import ANNA, LEA, LEO, Carried, change
from tests.support import FakeClock, RecordingJobs

Act = Callable[[Carried, CustomerGroup, Actor], Callable[[Session], str]]


def approving(here: Carried, row: CustomerGroup, actor: Actor) -> Callable[[Session], str]:
    return lambda session: groups.approve(session, row.id, row.digest, actor, here.ctx)


def approving_all(here: Carried, row: CustomerGroup, actor: Actor) -> Callable[[Session], str]:
    def act(session: Session) -> str:
        run = row.run_id or 0
        return groups.approve_all(session, run, digest_of_open(session, run), actor, here.ctx)

    return act


def holding(here: Carried, row: CustomerGroup, actor: Actor) -> Callable[[Session], str]:
    return lambda session: groups.hold(session, row.id, row.digest, actor, "after the fair", here.ctx)


def letting_go(here: Carried, row: CustomerGroup, actor: Actor) -> Callable[[Session], str]:
    return lambda session: groups.let_go(session, row.id, row.digest, actor, here.ctx)


def rejecting(here: Carried, row: CustomerGroup, actor: Actor) -> Callable[[Session], str]:
    return lambda session: groups.reject(session, row.id, row.digest, actor, "sales told us", here.ctx)


ACTS: dict[str, Act] = {
    "approve": approving,
    "approve all": approving_all,
    "hold": holding,
    "let go": letting_go,
    "reject": rejecting,
}


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Carried:
    return Carried(database, clock, jobs, BuiltinCustomers(database))


@pytest.fixture
def row(here: Carried) -> CustomerGroup:
    """Two customers whose tier would be another."""
    ids = {account: here.customer(account, tier="pro") for account in ("A-1", "A-2")}
    return here.group("changed", *(change(one, "tier", "pro", "enterprise", ids[one]) for one in ids))


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_only_a_lead_whose_access_stands_decides(here: Carried, row: CustomerGroup, act: Act) -> None:
    assert here.refused(act(here, row, ANNA)) == "Only a lead decides this. Nothing was changed."
    with here.database.begin() as session:
        now = here.clock.now()
        session.add(AccessBlock(email=str(LEO.email), run_id=here.sync, since=now, set_by="lea@team.example"))
    assert "access to Handoff was taken away" in here.refused(act(here, row, LEO))
    assert here.state(row) == "open"


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.PROPOSED, "is stopped (40 of 50 customers at once); two people have to let it go on first"),
        (RunState.CANCELLED, "is cancelled, so nobody goes by what it found"),
    ],
)
def test_a_stopped_sync_comes_first(here: Carried, row: CustomerGroup, act: Act, state: RunState, words: str) -> None:
    stopped = here.another_sync(state, "40 of 50 customers at once")
    with here.database.begin() as session:
        session.get_one(CustomerGroup, row.id).run_id = stopped
    row.run_id = stopped
    assert words in here.refused(act(here, row, LEA))
    assert here.state(row) == "open"


@pytest.mark.parametrize("name", [name for name in ACTS if name != "approve all"])
def test_a_decision_is_to_what_was_seen(here: Carried, row: CustomerGroup, name: str) -> None:
    with here.database.begin() as session:
        session.get_one(CustomerGroup, row.id).digest = "another"
    assert "has changed since this message was made" in here.refused(ACTS[name](here, row, LEA))
    row.id += 1
    assert "no such group" in here.refused(ACTS[name](here, row, LEA), NotFound)


def test_all_are_approved_as_they_were_seen_and_what_is_held_stays_held(here: Carried, row: CustomerGroup) -> None:
    second = here.group("changed", change("A-1", "name", "Customer A-1", "Acme AG", here.changes(row)[0].desk_id))
    third = here.group("cleared", change("A-2", "region", "north", "", here.changes(row)[1].desk_id))
    with here.database.read() as session:
        digest = digest_of_open(session, here.sync)
    here.act(holding(here, third, LEA))
    stale = here.refused(lambda session: groups.approve_all(session, here.sync, digest, LEA, here.ctx))
    assert "have changed since" in stale
    said = here.act(approving_all(here, row, LEO))
    assert said == "RUN-2 carries 2 groups out. It acts on new tickets only."
    here.play()
    assert [here.state(one) for one in (row, second, third)] == ["applied", "applied", "held"]
    assert here.newest().title == "2 groups of RUN-1"
    assert "No group of RUN-1 is open any more" in here.refused(approving_all(here, row, LEA))


def test_held_waits_until_it_is_let_go(here: Carried, row: CustomerGroup) -> None:
    said = here.act(holding(here, row, LEA))
    assert said == "GROUP-1 is held: tier pro → enterprise for 2 customers. It waits until somebody lets it go."
    assert here.refused(approving(here, row, LEO)).startswith("GROUP-1 is held by Lea Lind at ")
    assert here.act(letting_go(here, row, LEO)) == "GROUP-1 is open again: tier pro → enterprise for 2 customers."
    assert "GROUP-1 is open." in here.refused(letting_go(here, row, LEO))
    here.approve(row)
    assert here.state(row) == "applied"
    assert [one.action for one in here.rows(AuditEntry, AuditEntry.seq) if one.action.startswith("group.")] == [
        "group.held", "group.let_go", "group.approved",
    ]  # fmt: skip


@pytest.mark.parametrize("act", [groups.hold, groups.reject])
def test_holding_and_rejecting_need_a_reason(here: Carried, row: CustomerGroup, act: Callable[..., str]) -> None:
    assert "needs a reason" in here.refused(lambda session: act(session, row.id, row.digest, LEA, " ", here.ctx))
    assert here.state(row) == "open"


def test_rejected_stays_away_while_both_values_are_as_they_are(here: Carried, row: CustomerGroup) -> None:
    said = here.act(rejecting(here, row, LEA))
    assert said.startswith("GROUP-1 is rejected: tier pro → enterprise for 2 customers.")
    settled = here.conflicts("kept")
    assert [(one.account, one.field, one.source_value, one.desk_value, one.reason) for one in settled] == [
        ("A-1", "tier", "enterprise", "pro", "sales told us"),
        ("A-2", "tier", "enterprise", "pro", "sales told us"),
    ]
    assert here.refused(approving(here, row, LEO)).startswith("GROUP-1 is rejected by Lea Lind")


def test_a_superseded_group_says_that_a_newer_sync_shows_it(here: Carried, row: CustomerGroup) -> None:
    with here.database.begin() as session:
        session.get_one(CustomerGroup, row.id).state = "superseded"
    assert "A newer sync shows how it is now." in here.refused(approving(here, row, LEA))


def test_where_it_is_switched_off_nothing_is_decided(here: Carried, row: CustomerGroup) -> None:
    here.mode = Mode.OFF
    assert "switched off" in here.refused(approving(here, row, LEA))
    assert here.state(row) == "open"


def test_whose_plan_is_given_up_is_open_again(here: Carried, row: CustomerGroup) -> None:
    """Whoever approved it lost the right to before it began: it is decided anew, by others."""
    here.act(approving(here, row, LEA))
    here.mode = Mode.OFF
    here.play()
    assert (here.newest().state, here.state(row)) == (RunState.CANCELLED, "open")
    here.mode = Mode.ASK
    fresh = here.rows(CustomerGroup, CustomerGroup.id)[0]
    assert (fresh.decided_by, fresh.open_too) == (None, False)
    here.approve(fresh, LEO)
    assert here.state(row) == "applied"


@pytest.mark.parametrize("first", ["approve", "hold", "reject", "approve all"])
@pytest.mark.parametrize("second", ["approve", "hold", "reject"])
def test_of_two_clicks_at_once_one_wins(here: Carried, row: CustomerGroup, first: str, second: str) -> None:
    together, said = threading.Barrier(2), list[str | HandoffError]()

    def click(name: str, actor: Actor) -> None:
        together.wait()
        try:
            with here.database.begin() as session:
                said.append(ACTS[name](here, row, actor)(session))
        except Refused as exc:
            said.append(exc)

    both = [threading.Thread(target=click, args=args) for args in ((first, LEA), (second, LEO))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    won = [one for one in said if isinstance(one, str)]
    assert len(won) == 1 or {first, second} == {"hold", "reject"}, "what is held may be rejected still"
    runs = [one for one in here.rows(Run, Run.id) if one.kind == "customer_changes"]
    assert len(runs) == (here.state(row) == "confirmed")
