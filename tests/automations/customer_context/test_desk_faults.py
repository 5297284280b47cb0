"""Every fault of a desk's line, met by each call that carries a change out: ended as it should, and got over."""

import pytest

from automations.customer_context.values import Change
from automations.plan import RunState
from storage.engine import Database
from tests.automations.adapters.zendesk import opened
from tests.automations.adapters.zendesk.test_faults import FAILED, FAULTS
from tests.automations.customer_context.carried import Carried, change
from tests.desks.fake import Fault, Faulty
from tests.desks.zendesk import FakeZendesk
from tests.support import FakeClock, RecordingJobs

PATH = "/api/v2/organizations"
CALLS = {
    "look": (f"GET {PATH}/", False),
    "update": (f"PUT {PATH}/", True),
    "find": (f"GET {PATH}/search", False),
    "create": (f"POST {PATH}", True),
}


@pytest.fixture
def fake(clock: FakeClock) -> FakeZendesk:
    return opened.zendesk(clock)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_got_over_with_one_write(
    database: Database, clock: FakeClock, jobs: RecordingJobs, fake: FakeZendesk, name: str, call: str
) -> None:
    on, writes = CALLS[call]
    form, read_end, write_end = FAULTS[name]
    line = Faulty(fake)
    here = Carried(database, clock, jobs, opened.customers(line, clock))
    planned = added() if call in ("find", "create") else changed(here)
    row = here.group("added" if call in ("find", "create") else "changed", planned)
    sent = writes_in(fake)
    line.faults = [Fault(on, form.kind, 1, form.reply)]
    here.approve(row)
    run = here.newest()
    end = write_end if writes else read_end
    if end == FAILED:
        assert here.states(row) == ["refused"]
        assert (run.state, here.state(row)) == (RunState.PARTIAL, "partial")
        assert [one.row_key for one in here.rejected("open")] == ["A-1"]
        here.retry(run.id, 1)
    assert (here.states(row), here.state(row)) == (["verified"], "applied"), here.changes(row)[0].error
    assert here.run(run.id).state == RunState.DONE
    (acme,) = here.applying.doors.book.customers()  # type: ignore[union-attr]  # it was opened above
    assert (acme.reference, acme.tier) == ("A-1", "gold")
    assert writes_in(fake) - sent == 1, "the desk was written to more than once"
    assert here.rejected("open") == []


def added() -> Change:
    return change("A-1", "", "", "", None, name="Acme GmbH", tier="gold")


def changed(here: Carried) -> Change:
    return change("A-1", "tier", "pro", "gold", here.customer("A-1", tier="pro"))


def writes_in(fake: FakeZendesk) -> int:
    """Writes of customers that the desk has taken."""
    taken = [one.request for one in fake.exchanges if one.response.is_success]
    return len([one for one in taken if one.method in ("PUT", "POST") and one.url.path.startswith(PATH)])
