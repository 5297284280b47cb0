"""A message's menu and `/support new`: forms that open, cases and notes that come of them, and who may."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt import BoltResponse

from automations.desks import ABILITY, Capability
from automations.domain import CaseStatus
from automations.failure_tickets import closing, life
from bot.wire import MessageRef, Shortcut
from storage.models import Case, FailureEventRow, InboxRow
from tests.automations.failure_tickets.world import ANNA, BEN, World
from tests.bot.listeners.people import CARD_TS, CHANNEL, NO_RIGHTS, TEAM, Slack, form
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TS = "1795227300.000200"
TEXT = "Exports hang &amp; <@U_AGENT2> knows\nsince noon"
HERE = MessageRef("C_HELP", TS).encode()


def use(slack: Slack, user: str, name: str, **changes: Any) -> BoltResponse:
    """Choose an entry of a message's menu."""
    place = {"id": changes.pop("channel", "C_HELP"), "name": "help"}
    message = {"type": "message", "user": "U_LEAD1", "ts": TS, "text": TEXT} | changes
    number = len(slack.told())
    return slack.dispatch(
        {
            "type": "message_action",
            "callback_id": name,
            "action_ts": f"{user}.{number}.{message['ts']}",
            "team": {"id": TEAM, "domain": "sample"},
            "user": {"id": user, "team_id": TEAM},
            "channel": place,
            "message_ts": message["ts"],
            "message": message,
            "trigger_id": f"trigger-{number}",
            "response_url": "https://hooks.example/app/1",
        }
    )


def opened(slack: Slack) -> Any:
    """The form that was opened last."""
    kind, _, view = slack.told()[-1]
    assert kind == "open_view"
    check(view)
    return view


def begun(view: Any) -> dict[str, Any]:
    """What each field of a form begins with."""
    inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    picked = {name: one.get("initial_option", {}).get("value") for name, one in inputs.items()}
    return {name: one.get("initial_value") or picked[name] for name, one in inputs.items()}


def count(world: World, model: type[Any]) -> int:
    with world.database.read() as session:
        return session.query(model).count()


def test_create_case_begins_with_the_message_and_keeps_nothing_of_it_yet(slack: Slack, world: World) -> None:
    use(slack, "U_AGENT1", Shortcut.CREATE_CASE)
    view = opened(slack)
    assert (view["callback_id"], view["private_metadata"]) == (Shortcut.CREATE_CASE, HERE)
    assert begun(view) == {
        "summary": "Exports hang & @Ben Okoro knows",
        "customer": None,
        "details": "Exports hang & @Ben Okoro knows\nsince noon",
        "priority": "rule",
        "to": None,
    }
    with world.database.read() as session:
        kept = session.query(InboxRow).filter_by(kind="slack.shortcut").one()
    assert "Exports" not in str(kept.body)
    assert count(world, Case) == 1


def test_what_is_sent_becomes_a_case_and_the_form_leads_there(slack: Slack, world: World) -> None:
    fields = {"summary": "Exports hang", "details": "since noon", "to": "U_AGENT2", "priority": "high"}
    answer = slack.dispatch(form("U_AGENT1", Shortcut.CREATE_CASE, HERE, fields))
    case = world.case(2)
    assert (case.summary, case.owner, case.priority, case.source) == (
        "Exports hang", "ben@team.example", "high", "slack",
    )  # fmt: skip
    assert '"response_action": "update"' in answer.body
    assert "CASE-2 is open, with Ben Okoro (chosen by Anna Berg), priority high." in answer.body
    assert "https://bot.example/cases/2" in answer.body
    assert world.audited("case.created")[0].actor == "anna@team.example"


def test_the_case_links_back_to_the_message(slack: Slack, world: World) -> None:
    object.__setattr__(slack.deps, "workspace_url", "https://team.slack.example/")
    slack.dispatch(form("U_AGENT1", Shortcut.CREATE_CASE, HERE, {"summary": "Exports hang"}))
    assert world.case(2).diagnostics_url == f"https://team.slack.example/archives/C_HELP/p{TS.replace('.', '')}"


def test_a_form_that_is_delivered_twice_opens_one_case(slack: Slack, world: World) -> None:
    body = form("U_AGENT1", Shortcut.CREATE_CASE, HERE, {"summary": "Exports hang"})
    for _ in range(2):
        slack.dispatch(body)
    assert (count(world, Case), count(world, FailureEventRow)) == (2, 2)


def test_escalate_on_a_message_of_a_case_is_about_that_case(slack: Slack) -> None:
    for place in ({"ts": CARD_TS}, {"thread_ts": CARD_TS}):
        use(slack, "U_AGENT1", Shortcut.ESCALATE, channel=CHANNEL, **place)
        view = opened(slack)
        assert (view["callback_id"], view["private_metadata"]) == ("case.escalate", "case:1:escalate")


def test_escalate_on_any_other_message_opens_a_case_and_brings_it_before_a_lead(slack: Slack, world: World) -> None:
    use(slack, "U_AGENT1", Shortcut.ESCALATE)
    assert opened(slack)["callback_id"] == Shortcut.ESCALATE
    answer = slack.dispatch(form("U_AGENT1", Shortcut.ESCALATE, HERE, {"summary": "Exports hang", "reason": " "}))
    assert "why this needs a lead" in answer.body
    assert count(world, Case) == 1
    slack.dispatch(form("U_AGENT1", Shortcut.ESCALATE, HERE, {"summary": "Exports hang", "reason": "they leave"}))
    assert (world.case(2).escalation_reason, world.case(2).escalated_by) == ("they leave", "anna@team.example")


def test_a_note_is_shown_as_it_will_be_copied_and_the_case_of_the_thread_is_chosen(slack: Slack, world: World) -> None:
    world.open(dedup_key="another")
    use(slack, "U_AGENT1", Shortcut.ADD_NOTE, channel=CHANNEL, thread_ts=CARD_TS)
    view = opened(slack)
    head = "Lea Lind wrote in #help, 21 Nov 03:15 CET:"
    assert begun(view) == {"case": "CASE-1", "note": f"{head}\nExports hang & @Ben Okoro knows\nsince noon"}
    use(slack, "U_AGENT1", Shortcut.ADD_NOTE)
    assert begun(opened(slack))["case"] is None


def test_a_note_that_is_sent_goes_to_ticket_and_thread_and_to_nobody_else(slack: Slack, world: World) -> None:
    answer = slack.dispatch(form("U_AGENT2", Shortcut.ADD_NOTE, HERE, {"case": "CASE-1", "note": "as they said"}))
    assert "CASE-1 has the note." in answer.body
    line = world.entries(1)[-1]
    assert (line.text, line.to_desk, line.actor) == ("added an internal note: as they said", True, "ben@team.example")


def test_without_an_open_case_there_is_nothing_to_add_a_note_to(slack: Slack, world: World) -> None:
    with world.begin() as session:
        closing.resolve(session, 1, BEN, "replayed", world.ctx)
    use(slack, "U_AGENT1", Shortcut.ADD_NOTE)
    assert "no open case" in slack.words()


def test_support_new_asks_how_it_came_in_and_begins_with_the_words(slack: Slack, world: World) -> None:
    slack.command("U_AGENT1", "new Acme cannot log in")
    view = opened(slack)
    assert (begun(view)["summary"], begun(view)["origin"]) == ("Acme cannot log in", "phone")
    slack.dispatch(form("U_AGENT1", view["callback_id"], view["private_metadata"], {
        "summary": "Acme cannot log in", "origin": "e-mail",
    }))  # fmt: skip
    assert (world.case(2).source, world.case(2).diagnostics_url) == ("e-mail", None)


@pytest.mark.parametrize("user", NO_RIGHTS)
@pytest.mark.parametrize("name", list(Shortcut))
def test_who_has_no_role_opens_and_sends_nothing(slack: Slack, world: World, user: str, name: Shortcut) -> None:
    use(slack, user, name)
    assert [kind for kind, *_ in slack.told()] == ["respond"]
    fields = {"summary": "x", "reason": "y", "case": "CASE-1", "note": "z"}
    assert '"response_action": "errors"' in slack.dispatch(form(user, name, HERE, fields)).body
    assert count(world, Case) == 1
    assert len(world.entries(1)) == 1
    assert len(world.audited("click.refused")) == 2


def test_an_owner_who_is_away_is_refused_and_nothing_is_opened(slack: Slack, world: World) -> None:
    answer = slack.dispatch(form("U_AGENT1", Shortcut.CREATE_CASE, HERE, {"summary": "x", "to": "U_AGENT3"}))
    assert "Cara Diaz is away until" in answer.body
    assert (count(world, Case), count(world, FailureEventRow)) == (1, 1)


@pytest.mark.parametrize("metadata", ["", "case:1:claim", "msg:c_help:1.2:", "msg:C:1.2:x"])
def test_a_form_of_another_version_is_refused_in_words(slack: Slack, world: World, metadata: str) -> None:
    answer = slack.dispatch(form("U_AGENT1", Shortcut.CREATE_CASE, metadata, {"summary": "x"}))
    assert "another version" in answer.body
    assert count(world, Case) == 1


def test_an_entry_of_another_version_is_refused_in_words(slack: Slack) -> None:
    use(slack, "U_AGENT1", "message.delete")
    assert "another version" in slack.words()


def test_what_people_type_in_a_thread_reaches_neither_case_nor_desk(slack: Slack, world: World) -> None:
    """Messages are not subscribed to; should one arrive all the same, nobody listens."""
    before = (world.case(1).version, world.ticket(1).wanted_version, len(world.entries(1)))
    said = {"type": "message", "channel": CHANNEL, "user": "U_AGENT1", "text": "the customer is fine", "ts": TS}
    slack.event(said | {"thread_ts": CARD_TS})
    assert (world.case(1).version, world.ticket(1).wanted_version, len(world.entries(1))) == before
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    assert world.case(1).status == CaseStatus.CLAIMED


CANNOT = {one: f"Smalldesk cannot {ABILITY[one]}. By hand." for one in Capability}


@pytest.mark.parametrize(
    ("open_it", "lacking"),
    [
        (lambda slack: use(slack, "U_AGENT1", Shortcut.CREATE_CASE), Capability.PRIORITIES),
        (lambda slack: use(slack, "U_AGENT1", Shortcut.ADD_NOTE), Capability.AUTHORS),
        (lambda slack: slack.choose("U_AGENT1", "case.resolve"), Capability.FIELDS),
        (lambda slack: slack.choose("U_AGENT1", "case.not_needed"), Capability.FIELDS),
        (lambda slack: slack.choose("U_AGENT1", "case.escalate"), None),
    ],
)
def test_what_the_desk_cannot_is_said_in_the_form_before_anything_is_sent(
    slack: Slack, world: World, open_it: Callable[[Slack], object], lacking: Capability | None
) -> None:
    open_it(slack)
    assert "By hand." not in str(opened(slack))
    slack.deps = replace(slack.deps, ctx=replace(world.ctx, desk_cannot=CANNOT))
    open_it(slack)
    told = [one for one, words in CANNOT.items() if words in str(opened(slack)).replace("\u200b", "")]
    assert told == ([lacking] if lacking else [])
