"""Order, copies and retries of deliveries, with a transport that only writes down."""

import asyncio
import time
from collections.abc import Callable

from bot.workspace import sample_app, sample_seed
from bot.workspace.delivery import Delivery, Envelope, Reply
from bot.workspace.faults import Faults
from bot.workspace.state import Workspace
from bot.workspace.store import Store


class Notebook:
    """A transport that acknowledges from the `after`-th attempt on."""

    def __init__(self, after: int = 0) -> None:
        self.seen: list[Envelope] = []
        self.after = after

    async def deliver(self, envelope: Envelope, sent: Callable[[], None]) -> Reply:
        self.seen.append(envelope)
        sent()
        return Reply(len(self.seen) > self.after, {}, "" if len(self.seen) > self.after else "timeout")


def played(notebook: Notebook, faults: Faults, *reactions: str) -> Workspace:
    """Emit reactions and wait until each is delivered or given up."""
    workspace = Workspace(sample_seed(), sample_app(), Store(None), time.time)

    async def play() -> None:
        delivery = Delivery(workspace, faults, notebook)
        for name in reactions:
            delivery.emit({"type": "reaction_added", "reaction": name, "item": {"channel": "C_FAILURES"}})
        while delivery.busy:
            await asyncio.sleep(0)

    asyncio.run(play())
    workspace.store.close()
    return workspace


def names(notebook: Notebook) -> list[str]:
    return [envelope.payload["event"]["reaction"] for envelope in notebook.seen]


def test_in_order_unless_a_swap_is_ordered() -> None:
    plain, swapped = Notebook(), Notebook()
    played(plain, Faults(), "one", "two", "three")
    played(swapped, Faults(reorders=1), "one", "two", "three")
    assert names(plain) == ["one", "two", "three"]
    assert names(swapped) == ["two", "three", "one"] or names(swapped) == ["two", "one", "three"]


def test_one_that_nothing_overtakes_goes_out_after_a_while() -> None:
    notebook = Notebook()
    played(notebook, Faults(reorders=1), "alone")
    assert names(notebook) == ["alone"]


def test_retries_carry_number_and_reason_and_then_end_visibly() -> None:
    notebook = Notebook(after=9)
    workspace = played(notebook, Faults(retry_delays_s=(0, 0, 0)), "eyes")
    assert [(e.attempt, e.reason) for e in notebook.seen] == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
    assert len({e.payload["event_id"] for e in notebook.seen}) == 1
    assert "never acknowledged" in workspace.notices[0]["text"]


def test_copies_are_equal() -> None:
    notebook = Notebook()
    played(notebook, Faults(duplicates=1, copies=3), "eyes")
    assert [e.payload["event_id"] for e in notebook.seen] == [notebook.seen[0].payload["event_id"]] * 3


def test_what_nobody_subscribed_to_is_not_sent() -> None:
    workspace = Workspace(sample_seed(), sample_app(events=()), Store(None), time.time)
    Delivery(workspace, Faults(), Notebook()).emit({"type": "reaction_added", "item": {"channel": "C_FAILURES"}})
    workspace.store.close()
