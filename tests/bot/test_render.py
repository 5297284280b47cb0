"""From a notification row to the message, as things are now."""

from typing import Any

import pytest

from automations.errors import NotFound
from automations.failure_tickets import life
from automations.plan import RunState
from automations.runs.ask import ask
from bot.render import ACCESS_KINDS, KINDS, RUN_KINDS, render, renderer
from bot.render_customers import CUSTOMER_KINDS
from bot.views.texts import Look
from storage import notifications
from storage.engine import Database
from storage.models import Notification
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World
from tests.bot.listeners.access_world import Access
from tests.bot.live_terms import terms_of
from tests.bot.views.checks import check, pings
from tests.customer_terms import customers_of
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    made.open()
    return made


def posted(world: World, key: str = "case/1") -> None:
    with world.begin() as session:
        version = notifications.take(session, key, world.clock.now()).version
        link = "https://chat.example/p/1"
        notifications.delivered(session, key, version, "C_FAILURES", "1.1", link, world.clock.now())


def rendered(world: World, key: str) -> dict[str, object]:
    with world.database.read() as session:
        row = session.get_one(Notification, key)
        made = renderer(lambda: terms_of(world.ctx, Look(zone="Europe/Oslo")))(session, row)
    check(made)
    return dict(made)


def test_the_card_calls_its_owner_until_it_is_posted_and_never_again(world: World) -> None:
    assert set(pings(rendered(world, "case/1"))) == {"U_AGENT1"}
    posted(world)
    assert pings(rendered(world, "case/1")) == []


def test_the_card_shows_the_state_at_the_time_of_rendering(world: World) -> None:
    with world.begin() as session:
        life.claim(session, 1, BEN, world.ctx)
    assert "claimed by Ben Okoro" in str(rendered(world, "case/1")["blocks"])


def test_a_history_line_calls_the_new_owner(world: World) -> None:
    posted(world)
    with world.begin() as session:
        life.reassign(session, 1, ANNA, "ben@team.example", world.ctx)
    with world.database.read() as session:
        (line,) = session.query(Notification).filter(Notification.kind == "case.entry").all()
    made = rendered(world, line.key)
    assert set(pings(made)) == {"U_AGENT2"}
    assert "Anna Berg reassigned this case from Anna Berg to Ben Okoro" in str(made["text"])


@pytest.mark.parametrize(("actor", "called"), [(ANNA, {"U_LEAD1"}), (LEA, set())])
def test_an_escalation_calls_the_lead_once_and_never_for_their_own_act(
    world: World, actor: object, called: set[str]
) -> None:
    with world.begin() as session:
        life.escalate(session, 1, ANNA if actor is ANNA else LEA, "customer calls", world.ctx)
    assert set(pings(rendered(world, "case/1/escalation/1"))) == called
    posted(world, "case/1/escalation/1")
    assert pings(rendered(world, "case/1/escalation/1")) == []


def test_every_kind_that_automations_write_has_its_view(world: World) -> None:
    posted(world)
    with world.begin() as session:
        life.escalate(session, 1, ANNA, "customer calls", world.ctx)
    with world.database.read() as session:
        written = {row.kind for row in session.query(Notification)}
    assert {"case.card", "case.entry", "case.escalation"} <= written <= set(KINDS)


def test_a_kind_without_a_view_is_named(world: World) -> None:
    with world.database.read() as session, pytest.raises(LookupError, match=r"plan\.card"):
        render(session, Notification(key="x", kind="plan.card", data={}), world.ctx)


def shown(world: World, access: Access | None, key: str = "run/1", **data: Any) -> str:
    """A message about access, as it would be posted now."""
    kind = data.pop("kind", "run.card")
    row = Notification(key=key, kind=kind, channel=data.pop("channel", "C_ACCESS"), data={"run_id": 1, **data})
    look = Look(zone="Europe/Oslo")
    with world.database.read() as session:
        made = renderer(lambda: terms_of(world.ctx, look, access=access.ctx if access else None))(session, row)
    check(made)
    return str(made)


def test_runs_are_rendered_as_they_are_now(world: World) -> None:
    access = Access.on(world)
    access.proposed()
    with world.database.read() as session:
        assert session.get_one(Notification, "run/1").kind == "run.card"
    assert "Waits for confirmation" in shown(world, access)
    access.settled(1, RunState.CANCELLED)
    assert "Cancelled" in shown(world, access)
    assert "still waits" in shown(world, access, kind="run.line", text="RUN-1 still waits to be confirmed.")
    assert "Welcome to support, Kim" in shown(world, access, kind="access.welcome", name="Kim Vogt")


def test_a_reconciliation_shows_its_findings(world: World) -> None:
    access = Access.on(world)
    access.compared("ben@team.example")
    assert "1 difference" in shown(world, access, kind="access.findings")
    kinds = [*KINDS, *ACCESS_KINDS, *RUN_KINDS, *CUSTOMER_KINDS]
    assert len(set(kinds)) == len(kinds), "no kind has two views"


def test_who_is_told_of_a_run_is_led_to_the_message_that_they_can_see(world: World) -> None:
    access = Access.on(world)
    access.proposed()
    assert "Open RUN-1" not in shown(world, access, kind="access.told", text="It is done.", channel="U_LEAD1")
    posted(world, "run/1")
    assert "https://chat.example/p/1" in shown(world, access, kind="access.told", text="Done.", channel="U_LEAD1")
    with world.begin() as session:
        row = notifications.get(session, "run/1")
        assert row is not None
        notifications.put(session, key="run/1/to/U_LEAD1", kind="run.card", channel="U_LEAD1", data={"run_id": 1},
                          at=world.clock.now())  # fmt: skip
        version = notifications.take(session, "run/1/to/U_LEAD1", world.clock.now()).version
        link = "https://chat.example/p/private"
        notifications.delivered(session, "run/1/to/U_LEAD1", version, "D1", "2.1", link, world.clock.now())
    told = shown(world, access, kind="access.told", text="Done.", channel="U_LEAD1")
    assert "https://chat.example/p/private" in told


def test_a_run_is_shown_where_its_own_automation_is_set_up_and_no_other_has_to_be(world: World) -> None:
    customers = customers_of(world.ctx)
    with world.begin() as session:
        ask(session, "customer_changes", "", {}, LEA, customers)
    row = Notification(key="run/1", kind="run.card", channel="C_CUSTOMERS", data={"run_id": 1})
    look = Look(zone="Europe/Oslo")
    with world.database.read() as session:
        made = renderer(lambda: terms_of(world.ctx, look, customers=customers))(session, row)
        assert "Customer changes" in str(made)
        with pytest.raises(NotFound, match="Customers is not set up any more"):
            renderer(lambda: terms_of(world.ctx, look, access=Access.on(world).ctx))(session, row)


def test_the_ledger_is_shown_where_customers_are_set_up(world: World) -> None:
    row = Notification(key="customers/ledger", kind="customers.ledger", channel="C_CUSTOMERS", data={})
    look = Look(zone="Europe/Oslo")
    with world.database.read() as session:
        made = renderer(lambda: terms_of(world.ctx, look, customers=customers_of(world.ctx)))(session, row)
        check(made)
        assert "Sources and desk agree" in str(made)
        with pytest.raises(NotFound, match="Customer context is not set up any more"):
            renderer(lambda: terms_of(world.ctx, look))(session, row)


def test_where_access_is_not_set_up_any_more_its_messages_are_named_as_not_shown(world: World) -> None:
    Access.on(world).proposed()
    with pytest.raises(NotFound, match="not set up any more"):
        shown(world, None)
