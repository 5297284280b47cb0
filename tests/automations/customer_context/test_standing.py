"""How customers stand, in numbers."""

from automations.customer_context.standing import how_customers_stand
from automations.domain import Actor, Role
from automations.runs.ask import ask
from storage.engine import Database
from storage.models import CustomerConflict, CustomerGroup, CustomerRejected, KnownCustomer
from tests.automations.failure_tickets.samples import context
from tests.customer_terms import customers_of
from tests.support import START, FakeClock, RecordingJobs

LEA = Actor("U_LEAD1", "Lea Lind", "lea@team.example", Role.LEAD)
EMPTY = {
    "status": "active",
    "tier": "",
    "domains": [],
    "fields": {},
    "source_values": {},
    "base": {},
    "tier_before": "",
}


def test_before_the_first_sync_there_is_nothing(database: Database) -> None:
    with database.read() as session:
        stands = how_customers_stand(session)
    assert (stands.customers, stands.gone, stands.last_sync) == (0, 0, None)
    assert (stands.open_groups, stands.held_groups, stands.open_conflicts, stands.open_rejected) == (0, 0, 0, 0)


def test_what_waits_is_counted_and_what_is_settled_is_not(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    ctx = customers_of(context(clock, jobs))
    with database.begin() as session:
        for kind in ("customers", "customer_changes"):
            ask(session, kind, "", {}, LEA, ctx)
        for account, gone in (("A-1", None), ("A-2", START), ("A-3", None)):
            session.add(KnownCustomer(account=account, name=account, changed_at=START, gone_since=gone, **EMPTY))
        for number, state in enumerate(("open", "open", "held", "applied", "superseded")):
            session.add(
                CustomerGroup(
                    run_id=1, key=f"k{number}", kind="changed", field="tier", before="a", after="b", size=1, digest="d",
                    state=state, open_too=False, effects={}, version=1, reason="",
                )
            )  # fmt: skip
        for number, state in enumerate(("open", "taking", "kept", "gone")):
            session.add(
                CustomerConflict(
                    account=f"A-{number}", name="", field="tier", kind="differs", source="crm", source_value="a",
                    desk_value="b", url="", others=[], winner="source", since=START, last_seen=START, state=state,
                    version=1, reason="",
                )
            )  # fmt: skip
        for number, state in enumerate(("open", "fixed", "dismissed")):
            session.add(
                CustomerRejected(
                    source="crm", row_key=f"A-{number}", reason="no name", row={}, hash="h", first_seen=START,
                    last_seen=START, tries=1, state=state,
                )
            )  # fmt: skip
    with database.read() as session:
        stands = how_customers_stand(session)
        assert stands.last_sync is not None
        assert (stands.last_sync.id, stands.last_sync.kind) == (1, "customers")
    assert (stands.customers, stands.gone) == (3, 1)
    assert (stands.open_groups, stands.held_groups, stands.open_conflicts, stands.open_rejected) == (2, 1, 1, 1)
