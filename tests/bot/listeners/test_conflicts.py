"""The buttons of the ledger, of whole fields and of rejected rows, through Bolt."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from automations.customer_context import rejected
from automations.customer_context.values import RejectedRow
from bot.wire_customers import ConflictAct, ConflictButton, FieldButton, ListAct, ListButton, Pages, field_key
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.customers_world import Customers
from tests.bot.listeners.people import Slack, click, form
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


def states(customers: Customers) -> list[str]:
    return [row.state for row in customers.synced.conflicts()]


def test_take_source_by_one_press(slack: Slack, customers: Customers) -> None:
    slack.press("U_LEAD1", customers.conflict(1, ConflictAct.TAKE_SOURCE))
    assert states(customers) == ["taking", "open"]
    assert "takes what crm has" in slack.words()
    customers.synced.work()
    assert states(customers) == ["taken", "open"]
    book = customers.synced.book
    assert book is not None
    assert book.by_reference("A-4").tier == "enterprise"


def test_keep_desk_asks_why_and_until_when(slack: Slack, customers: Customers) -> None:
    button = customers.conflict(1, ConflictAct.KEEP_DESK)
    slack.press("U_LEAD1", button)
    view = slack.told()[-1][2]
    check(view)
    assert (view["callback_id"], view["private_metadata"]) == (ConflictAct.KEEP_DESK, button.encode())
    answer = slack.send("U_LEAD1", button, {"reason": "promised until spring", "until": "90d"})
    assert "keeps its value until" in str(answer.body)
    row = customers.synced.conflicts()[0]
    assert (row.state, row.reason, row.decided_by) == ("kept", "promised until spring", "lea@team.example")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reason": "x", "until": ""}, "Please say until when"),
        ({"reason": "", "until": "90d"}, "needs a reason"),
        ({"reason": "x", "until": "someday"}, "I cannot read"),
        ({"reason": "x", "until": "900d"}, "at most 365 d"),
    ],
)
def test_keep_without_a_reason_or_an_end_keeps_the_form_open(
    slack: Slack, customers: Customers, fields: dict[str, str], why: str
) -> None:
    answer = slack.send("U_LEAD1", customers.conflict(1, ConflictAct.KEEP_DESK), fields)
    assert why in str(answer.body)
    assert "errors" in str(answer.body)
    assert states(customers) == ["open", "open"]


def test_ignore_asks_once_more(slack: Slack, customers: Customers) -> None:
    button = customers.conflict(2, ConflictAct.IGNORE)
    slack.press("U_LEAD1", button)
    check(slack.told()[-1][2])
    assert states(customers) == ["open", "open"]
    answer = slack.send("U_LEAD1", button, {"reason": ""})
    assert "ignored" in str(answer.body)
    assert states(customers) == ["open", "ignored"]


def test_merge_by_hand_is_heard_and_answered_by_nothing(slack: Slack, customers: Customers, world: World) -> None:
    told = len(slack.told())
    slack.press("U_AGENT1", customers.conflict(1, ConflictAct.MERGE))
    assert len(slack.told()) == told
    assert world.audited("click.refused") == []


@pytest.mark.parametrize(
    ("act", "fields", "then"),
    [
        (ConflictAct.TAKE_SOURCE, {}, "taking"),
        (ConflictAct.KEEP_DESK, {"reason": "promised", "until": "30d"}, "kept"),
        (ConflictAct.IGNORE, {"reason": ""}, "ignored"),
    ],
)
def test_a_whole_field_at_once(
    slack: Slack, customers: Customers, act: ConflictAct, fields: dict[str, str], then: str
) -> None:
    button = customers.field("tier", act)
    slack.pick("U_LEAD1", ConflictAct.FIELD, button)
    view = slack.told()[-1][2]
    check(view)
    assert "tier: 2 conflicts" in str(view)
    assert states(customers) == ["open", "open"]
    answer = slack.dispatch(form("U_LEAD1", ConflictAct.FIELD, button.encode(), fields))
    assert "tier" in str(answer.body)
    assert states(customers) == [then, then]


def test_a_field_that_has_no_conflict_any_more_is_said_so(slack: Slack, customers: Customers, world: World) -> None:
    for button in (
        FieldButton(ConflictAct.IGNORE, field_key("colour"), "0" * 16),
        replace(customers.field("tier", ConflictAct.IGNORE), digest="0" * 16),
    ):
        before = rows(world, asked=False)
        answer = slack.dispatch(form("U_LEAD1", ConflictAct.FIELD, button.encode(), {"reason": ""}))
        assert "changed" in str(answer.body)
        assert rows(world, asked=False) == before


def test_a_rejected_row_is_dismissed_and_its_list_made_anew(slack: Slack, customers: Customers, world: World) -> None:
    row = RejectedRow("crm", "A-9", "tier: gold is none of ours", {"id": "A-9", "tier": "gold"})
    with world.begin() as session:
        run = customers.synced.run(customers.run)
        rejected.record(session, session.merge(run), [row], customers.ctx)
    slack.command("U_LEAD1", "rejected", "customers")
    assert slack.words() == "1 row could not be taken"
    (number,) = [one.id for one in customers.synced.rejected("open")]
    body = click("U_LEAD1", ListAct.DISMISS, ListButton(ListAct.DISMISS, Pages.REJECTED, number).encode())
    body["container"]["is_ephemeral"] = True
    slack.dispatch(body)
    kind, _, shown = slack.told()[-1]
    assert (kind, shown["text"]) == ("replace", "No row is rejected")
    slack.press("U_LEAD1", ListButton(ListAct.DISMISS, Pages.REJECTED, number))
    assert len(world.audited("click.refused")) == 1, "it is dismissed already"


@pytest.mark.parametrize("what", [Pages.CONFLICTS, Pages.REJECTED])
def test_pages_turn_in_private(slack: Slack, customers: Customers, what: Pages) -> None:
    slack.press("U_AGENT1", ListButton(ListAct.PAGE, what, 0, 2))
    kind, _, shown = slack.told()[-1]
    check(shown)
    assert kind == "respond"


def stale(customers: Customers) -> Iterator[ConflictButton]:
    """Of another version, of what is not there, and of what is no act of one conflict."""
    good = customers.conflict(1, ConflictAct.TAKE_SOURCE)
    for act in (ConflictAct.TAKE_SOURCE, ConflictAct.KEEP_DESK, ConflictAct.IGNORE):
        yield from (replace(good, act=act, version=version) for version in (0, good.version + 1, 999_999_999))
        yield from (replace(good, act=act, conflict_id=number) for number in (99, 10**17))
    yield replace(good, act=ConflictAct.FIELD)


def payloads(button: ConflictButton) -> Iterator[dict[str, Any]]:
    yield click("U_LEAD1", button.act, button.encode())
    if button.act in (ConflictAct.KEEP_DESK, ConflictAct.IGNORE, ConflictAct.FIELD):
        yield form("U_LEAD1", button.act, button.encode(), {"reason": "so", "until": "30d"})


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


def test_what_is_settled_says_by_whom(slack: Slack, customers: Customers) -> None:
    button = customers.conflict(1, ConflictAct.IGNORE)
    taking = replace(button, act=ConflictAct.TAKE_SOURCE)
    slack.send("U_LEAD1", button, {"reason": ""})
    slack.press("U_ADMIN", taking)
    assert "this conflict is ignored by Lea Lind" in slack.words()


@pytest.mark.parametrize("act", [ConflictAct.TAKE_SOURCE, ConflictAct.KEEP_DESK, ConflictAct.IGNORE])
@pytest.mark.parametrize("user", ["U_GUEST", "U_MEMBER", "U_GONE", "U_AGENT1"])
def test_whoever_may_not_changes_nothing(
    slack: Slack, customers: Customers, world: World, act: ConflictAct, user: str
) -> None:
    one, field = customers.conflict(1, act), customers.field("tier", act)
    filled = {"reason": "so", "until": "30d"}
    before = rows(world, asked=False)
    for body in (
        click(user, act, one.encode()),
        form(user, act, one.encode(), filled),
        click(user, ConflictAct.FIELD, field.encode()),
        form(user, ConflictAct.FIELD, field.encode(), filled),
        click(user, ListAct.DISMISS, ListButton(ListAct.DISMISS, Pages.REJECTED, 1).encode()),
    ):
        assert slack.dispatch(body).status in (200, 404)
    assert rows(world, asked=False) == before
    assert len(world.audited("click.refused")) >= 4
