"""One customer as people see them: every field with both sides, what is not clear, and what became of them."""

import pytest

from automations.customer_context import groups, lists
from automations.customer_context.card_types import CustomerSheet
from automations.customer_context.rules import CustomerField, Direction
from automations.errors import NotFound
from storage.engine import Database
from tests.automations.customer_context.ledgered import Ledgered, conflict, keeping, ledgered
from tests.automations.customer_context.synced import DECISION, LEA, RULES
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    return ledgered(database, clock, jobs)


def sheet(here: Ledgered, account: str = "A-1") -> CustomerSheet:
    with here.database.read() as session:
        return lists.sheet(session, account, here.ctx)


def test_every_field_says_both_sides_and_its_decision(here: Ledgered) -> None:
    owner = CustomerField(name="owner", source="desk", direction=Direction.TO_HANDOFF, decision="Who is called first")
    here.rules = RULES.model_copy(update={"fields": (*RULES.fields, owner)})
    here.know(
        "A-1", desk_id="2", source={"tier": "enterprise", "name": "Acme"}, name="Acme", tier="pro",
        domains=["acme.example", "acme.test"], fields={"owner": "password=hunter2hunter2"},
    )  # fmt: skip
    seen = sheet(here)
    assert (seen.account, seen.name, seen.status, seen.tier, seen.desk_id) == ("A-1", "Acme", "active", "pro", "2")
    assert seen.domains == ("acme.example", "acme.test")
    assert seen.fields[:3] == (
        ("name", "Acme", "crm", "Acme", DECISION),
        ("domains", "acme.example, acme.test", "crm", "", DECISION),
        ("tier", "pro", "crm", "enterprise", DECISION),
    )
    assert seen.fields[3][::2] == ("owner", "Listed", "Who is called first")
    assert "hunter2" not in str(seen)
    assert (seen.as_of, seen.gone_since, seen.url, seen.conflicts, seen.history) == (None, None, "", (), ())


def test_the_history_tells_what_runs_and_people_did_newest_first(here: Ledgered) -> None:
    here.sync()
    here.source.change("A-1", tier="enterprise")
    number = here.sync()
    here.apply(number)
    here.tomorrow()
    here.saw(conflict(source="trial", desk="enterprise", url="https://desk.example/c/2"))
    here.act(keeping(here))
    seen = sheet(here)
    assert seen.as_of == here.source.at
    assert [(field, before, after, how) for _, field, before, after, how in seen.history] == [
        ("tier", "enterprise", "trial", "CONFLICT-1 kept by Lea Lind"),
        ("tier", "pro", "enterprise", f"RUN-{number + 1}"),
    ]
    assert seen.history[0][0] > seen.history[1][0]
    (line,) = seen.conflicts
    assert (line.state, line.reason, seen.url) == ("kept", "a pilot", "https://desk.example/c/2")


def test_who_was_added_says_so(here: Ledgered) -> None:
    here.sync()
    here.source.put("A-77", name="New One", domains="new.example", tier="trial")
    number = here.sync()
    (group,) = here.groups("open")
    here.act(lambda session: groups.approve(session, group.id, group.digest, LEA, here.ctx))
    here.work()
    assert [(field, how) for _, field, _, _, how in sheet(here, "A-77").history] == [("added", f"RUN-{number + 1}")]


def test_whoever_is_not_known_is_said_to_be_so(here: Ledgered) -> None:
    with pytest.raises(NotFound, match="no customer with the account id A-404"):
        sheet(here, "A-404")
