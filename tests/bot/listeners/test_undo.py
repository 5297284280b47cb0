"""Undo in private, Snooze by a form, and the desk's own fields in the form of Resolve."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from automations.domain import CaseStatus
from automations.failure_tickets import life
from bot.wire import CaseAct
from storage.models import DeskFact, InboxRow, UndoOffer
from tests.automations.failure_tickets.world import BEN, World
from tests.bot.listeners.people import CHANNEL, Slack, click, form
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FIELDS = [
    {"id": "cause", "label": "Root cause", "options": ["Ledger", "Network"]},
    {"id": "minutes", "label": "Minutes spent", "options": []},
]
FILLED = {"note": "replayed", "desk:cause": "Ledger", "desk:minutes": "20"}


def undo(slack: Slack, user: str = "U_AGENT1", value: str = "") -> None:
    """Press the Undo of the last private answer that had one."""
    offers = [
        block["elements"][0] for _, _, told in slack.told() for block in told["blocks"] if block["type"] == "actions"
    ]
    slack.dispatch(click(user, CaseAct.UNDO, value or offers[-1]["value"]))


def wants_fields(world: World) -> None:
    with world.begin() as session:
        row = {
            "system": "builtin",
            "name": "required_fields",
            "value": {"fields": FIELDS},
            "read_at": world.clock.now(),
        }
        session.add(DeskFact(**row))


DOING: dict[str, Callable[[Slack], object]] = {
    "claimed": lambda slack: slack.click("U_AGENT1", CaseAct.CLAIM),
    "claimed by a reaction": lambda slack: slack.react("U_AGENT1", "eyes"),
    "reassigned": lambda slack: slack.submit("U_AGENT1", CaseAct.REASSIGN, {"to": "U_AGENT2"}),
    "escalated": lambda slack: slack.submit("U_AGENT1", CaseAct.ESCALATE, {"reason": "customer calls"}),
    "resolved": lambda slack: slack.submit("U_AGENT1", CaseAct.RESOLVE, {"note": "replayed"}),
    "not_needed": lambda slack: slack.submit("U_AGENT1", CaseAct.NOT_NEEDED, {"note": ""}),
}


@pytest.mark.parametrize("name", DOING)
def test_whoever_acted_may_take_it_back_in_private(slack: Slack, world: World, name: str) -> None:
    before = world.case(1)
    DOING[name](slack)
    ((kind, to, offer),) = slack.told()
    assert kind in ("respond", "ephemeral")
    assert kind == "respond" or to == f"{CHANNEL}/U_AGENT1"
    assert offer["text"].endswith("Undo until 03:15:00.")
    (button,) = offer["blocks"][-1]["elements"]
    assert (button["action_id"], button["value"]) == ("case.undo", "undo:1")
    check(offer)
    undo(slack)
    kind, to, told = slack.told()[-1]
    assert (kind, to[:26]) == ("replace", "https://hooks.example/acti")
    assert told["text"] == "Taken back. CASE-1 is open, with Anna Berg."
    after = world.case(1)
    assert (after.status, after.owner, after.claimed_by, after.escalated_at) == (
        before.status,
        before.owner,
        None,
        None,
    )


def test_nobody_else_may_and_that_is_written_down(slack: Slack, world: World) -> None:
    slack.click("U_AGENT1", CaseAct.CLAIM)
    for user, words in (("U_LEAD1", "Only Anna Berg can take that back."), ("U_MEMBER", "needs the role agent")):
        undo(slack, user)
        assert words in slack.words()
        assert slack.told()[-1][0] == "respond", "the one who may still has the button"
    assert world.case(1).status == CaseStatus.CLAIMED
    rows = world.audited("click.refused")
    assert [(row.actor, row.target) for row in rows] == [("lea@team.example", "CASE-1"), ("mo@team.example", "CASE-1")]


def test_too_late_is_said_and_changes_nothing(slack: Slack, world: World) -> None:
    slack.submit("U_AGENT1", CaseAct.RESOLVE, {"note": "replayed"})
    world.clock.move(timedelta(seconds=61))
    undo(slack)
    assert slack.words().startswith("It is too late to take that back")
    assert slack.told()[-1][0] == "replace", "the button that can do nothing any more is gone"
    assert world.case(1).status == CaseStatus.RESOLVED
    assert len(world.audited("click.refused")) == 1


def test_what_came_since_is_named(slack: Slack, world: World) -> None:
    slack.submit("U_AGENT1", CaseAct.REASSIGN, {"to": "U_AGENT2"})
    with world.begin() as session:
        life.claim(session, 1, BEN, world.ctx)
    undo(slack)
    assert slack.words().startswith("Ben Okoro claimed it at 03:14, so it cannot be taken back.")
    assert slack.told()[-1][0] == "replace"
    assert world.case(1).claimed_by == "ben@team.example"


@pytest.mark.parametrize(
    "value", ["", "undo:", "undo:0", "undo:-1", "undo:1:2", "case:1:undo", "undo:x", "undo:\u0661"]
)
def test_a_value_that_is_none_of_ours_is_refused(slack: Slack, world: World, value: str) -> None:
    slack.click("U_AGENT1", CaseAct.CLAIM)
    slack.dispatch(click("U_AGENT1", CaseAct.UNDO, value))
    assert "another version" in slack.words()
    assert world.case(1).status == CaseStatus.CLAIMED


def test_an_undo_that_is_not_there_is_refused(slack: Slack) -> None:
    undo(slack, value="undo:77")
    assert "nothing here that could be taken back" in slack.words()


@pytest.mark.parametrize("act", ["undo", "snooze"])
def test_the_menu_carries_no_undo(slack: Slack, world: World, act: str) -> None:
    slack.dispatch(click("U_AGENT1", "case.more", f"case:1:{act}"))
    kind, _, told = slack.told()[-1]
    assert (kind == "open_view") == (act == "snooze")
    assert world.case(1).version == 1 or kind == "open_view"
    assert told


def test_an_undo_is_durable_before_it_is_acknowledged(slack: Slack, world: World) -> None:
    """The click, the columns, the offer and the audit row are one transaction; a second delivery finds them."""
    slack.click("U_AGENT1", CaseAct.CLAIM)
    body = click("U_AGENT1", CaseAct.UNDO, "undo:1")
    assert slack.dispatch(body).status == 200
    assert slack.dispatch(body).status == 200
    with world.database.read() as session:
        kept = session.scalars(select(InboxRow).where(InboxRow.actor == "U_AGENT1").order_by(InboxRow.id)).all()
        assert session.get_one(UndoOffer, 1).state == "taken"
    assert len(kept) == 2
    assert len(world.audited("case.undone")) == 1


def test_snooze_asks_until_when(slack: Slack, world: World) -> None:
    slack.choose("U_AGENT1", CaseAct.SNOOZE)
    ((kind, _, view),) = slack.told()
    assert (kind, view["callback_id"], view["title"]["text"]) == ("open_view", "case.snooze", "Snooze")
    check(view)
    options = [option["text"]["text"] for option in view["blocks"][1]["element"]["options"]]
    assert options == ["1 hour", "4 hours", "Next morning (09:00)"]


@pytest.mark.parametrize(
    ("fields", "hours"), [({"end": "4h", "until": ""}, 4), ({"until": "2h"}, 2), ({"end": "1h", "until": "3h"}, 3)]
)
def test_a_snooze_has_the_end_that_was_chosen_or_typed(
    slack: Slack, world: World, fields: dict[str, str], hours: int
) -> None:
    body = form("U_AGENT1", CaseAct.SNOOZE, "case:1:snooze", fields)
    state: dict[str, Any] = body["view"]["state"]["values"]
    if "end" in fields:
        state["end"]["end"] = {"type": "radio_buttons", "selected_option": {"value": fields["end"]}}
    assert slack.dispatch(body).body == ""
    assert world.case(1).snoozed_until == world.clock.now() + timedelta(hours=hours)
    assert slack.told() == []


@pytest.mark.parametrize(
    ("typed", "words"), [("", "choose when"), ("soon", "as a time"), ("30 Nov", "more than 7 days")]
)
def test_an_end_that_is_none_is_refused_at_the_field(slack: Slack, world: World, typed: str, words: str) -> None:
    answer = json.loads(slack.submit("U_AGENT1", CaseAct.SNOOZE, {"until": typed}).body)
    assert words in answer["errors"]["until"]
    assert world.case(1).snoozed_until is None


def test_resolve_asks_for_what_the_desk_wants(slack: Slack, world: World) -> None:
    wants_fields(world)
    slack.click("U_AGENT1", CaseAct.RESOLVE)
    ((_, _, view),) = slack.told()
    check(view)
    asked = [(block["block_id"], block["label"]["text"], block["element"]["type"]) for block in view["blocks"][2:]]
    assert asked == [
        ("desk:cause", "Root cause", "static_select"), ("desk:minutes", "Minutes spent", "plain_text_input"),
    ]  # fmt: skip
    assert slack.submit("U_AGENT1", CaseAct.RESOLVE, FILLED).body == ""
    assert world.case(1).close_fields == {"cause": "Ledger", "minutes": "20"}
    undo(slack)
    assert world.case(1).close_fields is None


def test_not_needed_asks_for_the_same_since_it_solves_the_ticket_too(slack: Slack, world: World) -> None:
    wants_fields(world)
    slack.click("U_AGENT1", CaseAct.NOT_NEEDED)
    ((_, _, view),) = slack.told()
    assert [block["block_id"] for block in view["blocks"][2:]] == ["desk:cause", "desk:minutes"]
    assert list(json.loads(slack.submit("U_AGENT1", CaseAct.NOT_NEEDED, {"note": ""}).body)["errors"]) == ["desk:cause"]
    assert world.case(1).status == CaseStatus.OPEN
    assert slack.submit("U_AGENT1", CaseAct.NOT_NEEDED, FILLED).body == ""
    assert world.case(1).close_fields == {"cause": "Ledger", "minutes": "20"}


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"desk:cause": ""}, "desk:cause", "Please choose one of: Ledger, Network."),
        ({"desk:cause": "Moon"}, "desk:cause", "“Moon” is not one of its values."),
        ({"desk:minutes": " "}, "desk:minutes", "asks for “Minutes spent”"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    slack: Slack, world: World, changed: dict[str, str], field: str, words: str
) -> None:
    wants_fields(world)
    answer = json.loads(slack.submit("U_AGENT1", CaseAct.RESOLVE, FILLED | changed).body)
    assert list(answer["errors"]) == [field]
    assert words in answer["errors"][field]
    assert world.case(1).status == CaseStatus.OPEN
    assert len(world.audited("click.refused")) == 1
