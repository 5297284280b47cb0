"""The buttons of a sync's groups, their forms and details, through Bolt."""

from collections.abc import Iterator
from typing import Any

import pytest

from automations.customer_context.context import APPLY
from bot.views.customers_group import group_details
from bot.wire_customers import ChangesAct, ChangesButton, ListAct, ListButton, Pages
from bot.wire_runs import RunAct, RunButton
from storage.models import CustomerGroup, Run
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.customers_world import Customers
from tests.bot.listeners.people import CustomersButton, Slack, click, form
from tests.bot.listeners.test_attacks import rows
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def customers(world: World) -> Customers:
    return Customers.on(world).changed()


@pytest.fixture
def slack(world: World, customers: Customers) -> Iterator[Slack]:
    made = Slack(world, customers=customers.ctx)
    yield made
    made.close()


def group(customers: Customers, field: str) -> CustomerGroup:
    (row,) = [one for one in customers.synced.groups() if one.field == field]
    return row


def newest(customers: Customers) -> Run:
    found: Run = customers.synced.rows(Run, Run.id)[-1]
    return found


def test_a_group_without_effects_is_approved_by_one_press(slack: Slack, customers: Customers) -> None:
    slack.press("U_LEAD1", customers.button("name", ChangesAct.APPROVE))
    row = group(customers, "name")
    assert (row.state, row.open_too, row.decided_by) == ("confirmed", False, "lea@team.example")
    assert newest(customers).kind == APPLY
    assert slack.words().startswith(f"RUN-{newest(customers).id} carries it out")
    customers.synced.work()
    assert group(customers, "name").state == "applied"


@pytest.mark.parametrize(("ticked", "too"), [("", False), ("open_too\n", True)])
def test_where_open_tickets_would_change_a_form_asks_first(
    slack: Slack, customers: Customers, ticked: str, too: bool
) -> None:
    button = customers.button("tier", ChangesAct.APPROVE)
    slack.press("U_LEAD1", button)
    kind, _, view = slack.told()[-1]
    check(view)
    assert (kind, view["callback_id"], view["private_metadata"]) == ("open_view", ChangesAct.APPROVE, button.encode())
    assert "3 open tickets would get another SLA, 1 would escalate" in str(view)
    assert group(customers, "tier").state == "open"
    answer = slack.send("U_LEAD1", button, {"open_too": ticked})
    assert ("Open tickets follow too" in str(answer.body)) is too
    row = group(customers, "tier")
    assert (row.state, row.open_too) == ("confirmed", too)


def test_hold_and_let_go(slack: Slack, customers: Customers) -> None:
    button = customers.button("tier", ChangesAct.HOLD)
    slack.press("U_LEAD1", button)
    check(slack.told()[-1][2])
    answer = slack.send("U_LEAD1", button, {"reason": ""})
    assert "needs a reason" in str(answer.body)
    assert "errors" in str(answer.body)
    slack.send("U_LEAD1", button, {"reason": "Billing is asking them"})
    assert (group(customers, "tier").state, group(customers, "tier").reason) == ("held", "Billing is asking them")
    slack.press("U_LEAD1", customers.button("tier", ChangesAct.LET_GO))
    assert group(customers, "tier").state == "open"


def test_reject(slack: Slack, customers: Customers) -> None:
    button = customers.button("tier", ChangesAct.REJECT)
    slack.press("U_LEAD1", button)
    check(slack.told()[-1][2])
    answer = slack.send("U_LEAD1", button, {"reason": "The old price list"})
    assert "is rejected" in str(answer.body)
    assert group(customers, "tier").state == "rejected"


def test_all_at_once_says_what_that_is_and_asks(slack: Slack, customers: Customers) -> None:
    button = customers.all_at_once()
    slack.press("U_LEAD1", button)
    view = slack.told()[-1][2]
    check(view)
    assert "2 customers" in str(view)
    assert "3 open tickets would get another SLA" in str(view)
    answer = slack.send("U_LEAD1", button, {"open_too": ""})
    assert "carries 2 groups out. It acts on new tickets only." in str(answer.body)
    customers.synced.work()
    assert {row.state for row in customers.synced.groups()} == {"applied"}


def test_details_show_a_group_whole_and_turn(slack: Slack, customers: Customers) -> None:
    button = customers.button("tier", ChangesAct.DETAILS)
    slack.press("U_AGENT1", button)
    kind, _, view = slack.told()[-1]
    check(view)
    assert kind == "open_view"
    assert "Customer 1 (A-1): pro → enterprise" in str(view)
    slack.press("U_AGENT1", button, view={"id": "V1", "type": "modal", "private_metadata": view["private_metadata"]})
    assert slack.told()[-1][0] == "update_view"


def test_details_list_more_customers_than_the_message(slack: Slack, customers: Customers) -> None:
    for number in range(100, 130):
        customers.synced.source.put(f"A-{number}", name=f"New {number}", domains=f"n{number}.example", tier="pro")
    customers.run = customers.synced.sync()
    (line,) = [one for one in customers.card().groups if one.kind == "added"]
    slack.press("U_AGENT1", ChangesButton(line.id, ChangesAct.DETAILS, line.digest, customers.run))
    view = slack.told()[-1][2]
    check(view)
    assert (len(line.samples), line.size) == (3, 30)
    assert all(f"New {number}" in str(view) for number in range(100, 130))
    assert "All of them" in str(view)


def test_in_the_details_the_view_is_made_anew_after_each_act(slack: Slack, customers: Customers) -> None:
    line = customers.line("name")
    metadata = group_details(line, customers.run, slack.deps.look)["private_metadata"]
    view = {"id": "V1", "type": "modal", "private_metadata": metadata}
    slack.press("U_LEAD1", customers.button("name", ChangesAct.APPROVE), view=view)
    kind, _, made = slack.told()[-1]
    check(made)
    assert kind == "update_view"
    assert "Approved" in str(made)


def test_pages_turn_in_private(slack: Slack, customers: Customers) -> None:
    button = ListButton(ListAct.PAGE, Pages.SYNC, customers.run, 2)
    slack.press("U_AGENT1", button)
    kind, _, shown = slack.told()[-1]
    check(shown)
    assert kind == "respond"
    body = click("U_AGENT1", ListAct.PAGE, button.encode())
    body["container"]["is_ephemeral"] = True
    slack.dispatch(body)
    assert slack.told()[-1][0] == "replace"


def test_two_people_release_what_was_stopped(slack: Slack, customers: Customers) -> None:
    for number in range(10):
        customers.synced.source.change(f"A-{number}", tier="gold")
    number = customers.synced.sync()
    button = RunButton(number, RunAct.CONFIRM, customers.synced.run(number).digest)
    slack.press("U_LEAD1", button)
    assert "1 of 2. Another person has to confirm it too" in slack.words()
    slack.press("U_ADMIN", button)
    customers.synced.work()
    assert customers.synced.state(number) == "done"


def stale(customers: Customers) -> Iterator[CustomersButton]:
    """Of what is decided, of another version, of what is not there."""
    good = customers.button("tier", ChangesAct.APPROVE)
    for act in (ChangesAct.APPROVE, ChangesAct.HOLD, ChangesAct.LET_GO, ChangesAct.REJECT):
        for digest in ("", "0" * 16, customers.line("name").digest):
            yield ChangesButton(good.group_id, act, digest, good.run_id)
        for number in (99, 10**17):
            yield ChangesButton(number, act, good.digest, good.run_id)
    for digest in ("", "0" * 16):
        yield ChangesButton(0, ChangesAct.APPROVE_ALL, digest, customers.run)
    yield ChangesButton(0, ChangesAct.APPROVE_ALL, customers.card().digest, 1)
    yield ChangesButton(0, ChangesAct.APPROVE_ALL, customers.card().digest, 99)
    yield ChangesButton(0, ChangesAct.APPROVE, good.digest, good.run_id)
    yield ChangesButton(good.group_id, ChangesAct.APPROVE_ALL, good.digest, good.run_id)
    yield ChangesButton(good.group_id, ChangesAct.LET_GO, good.digest, good.run_id)
    for kind in (Pages.SYNC, Pages.CONFLICTS):
        yield ListButton(ListAct.DISMISS, kind, 1)
    yield ListButton(ListAct.PAGE, Pages.SYNC, 99)


def payloads(button: CustomersButton) -> Iterator[dict[str, Any]]:
    yield click("U_LEAD1", button.act, button.encode())
    if button.act in (ChangesAct.APPROVE, ChangesAct.APPROVE_ALL, ChangesAct.HOLD, ChangesAct.REJECT):
        yield form("U_LEAD1", button.act, button.encode(), {"reason": "so", "open_too": "open_too"})


def test_a_stale_button_has_no_effect_and_is_answered_in_words(
    slack: Slack, customers: Customers, world: World
) -> None:
    for button in stale(customers):
        for body in payloads(button):
            before, told, refused = rows(world, asked=False), len(slack.told()), len(world.audited("click.refused"))
            answer = slack.dispatch(body)
            assert answer.status == 200
            assert rows(world, asked=False) == before, body
            assert len(world.audited("click.refused")) == refused + 1, body
            assert len(slack.told()) == told + 1 or answer.body, body


def test_a_button_that_did_its_work_does_nothing_more(slack: Slack, customers: Customers, world: World) -> None:
    button = customers.button("name", ChangesAct.APPROVE)
    slack.press("U_LEAD1", button)
    before = rows(world, asked=False)
    for user in ("U_LEAD1", "U_ADMIN"):
        slack.press(user, button)
        assert "is confirmed by Lea Lind" in slack.words()
    assert rows(world, asked=False) == before


@pytest.mark.parametrize("act", ChangesAct)
@pytest.mark.parametrize("user", ["U_GUEST", "U_MEMBER", "U_GONE", "U_AGENT1"])
def test_whoever_may_not_changes_nothing(
    slack: Slack, customers: Customers, world: World, act: ChangesAct, user: str
) -> None:
    button = customers.all_at_once() if act is ChangesAct.APPROVE_ALL else customers.button("name", act)
    before = rows(world, asked=False)
    bodies = [click(user, act, button.encode()), form(user, act, button.encode(), {"reason": "so"})]
    for body in bodies[:1] if act is ChangesAct.DETAILS else bodies:  # details have no form
        assert slack.dispatch(body).status in (200, 404)
    assert rows(world, asked=False) == before
    looks = act is ChangesAct.DETAILS and user == "U_AGENT1"
    assert bool(world.audited("click.refused")) is not looks
