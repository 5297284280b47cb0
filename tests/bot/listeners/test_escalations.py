"""Buttons, forms, commands and the shortcut of escalations: who may, who was first, what is private, what is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select

from automations.desks import Capability
from automations.domain import Mode, TicketEvent
from automations.errors import Unavailable
from automations.escalation import in_thread
from automations.escalation.card import escalation_rows
from automations.escalation.rules import EscalationRules
from automations.ports import HelpDesk
from bot.listeners.home import Homes
from bot.render import render
from bot.wire import MessageRef, Shortcut
from bot.wire_escalation import ESCALATION_MORE, EscalationAct, EscalationButton
from storage import notifications
from storage.engine import Database
from storage.models import Case, Escalation, Notification
from tests.automations.escalation.world import EscalationWorld
from tests.bot.listeners.people import CHANNEL, NO_RIGHTS, Slack, click, form
from tests.bot.listeners.test_home import OPENED, in_home
from tests.bot.listeners.test_home import shown as home_shown
from tests.bot.listeners.test_shortcuts import use
from tests.bot.views.checks import check, pings
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KEYWORDS = EscalationRules(keywords=("cancel",))


class Desk:
    """A desk that tells a conversation, or does not answer."""

    system, title, by_hand = "builtin", "The built-in desk", ""
    capabilities = frozenset({Capability.EVENTS})

    def __init__(self, at: datetime) -> None:
        said = (
            ("customer", "Kim", "It broke. token=ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
            ("internal", "Ben", "x!"),
        )
        self.told = [TicketEvent(str(n), at, kind, who, None, False, text) for n, (kind, who, text) in enumerate(said)]
        self.told += [
            TicketEvent(str(n), at, "public", "Ben", None, False, f"Answer {n} <!channel>") for n in range(2, 14)
        ]
        self.down = False

    def events(self, _ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        assert after is None
        if self.down:
            raise Unavailable("The built-in desk does not answer", system="builtin")
        yield from self.told


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> EscalationWorld:
    """Monday morning, with ESC-1 about #1 open and its message posted."""
    made = EscalationWorld.on(database, clock, jobs)
    made.ctx = replace(made.ctx, rules=KEYWORDS)
    made.promise_nothing()
    made.ticket("1", "I want to cancel my contract", tier="enterprise")
    made.clock.move(timedelta(seconds=30))
    made.sweep()
    assert [row.state for row in made.rows()] == ["open"]
    with made.begin() as session:
        taken = notifications.take(session, "escalation/1", made.now)
        link = "https://chat.example/p/1"
        notifications.delivered(session, "escalation/1", taken.version, "C_ESCALATIONS", "2.1", link, made.now)
    return made


@pytest.fixture
def desk(world: EscalationWorld) -> Desk:
    return Desk(world.now)


@pytest.fixture
def slack(world: EscalationWorld, desk: Desk) -> Iterator[Slack]:
    made = Slack(world.team)
    made.deps = replace(made.deps, escalation=world.ctx, desk=cast("HelpDesk", desk))
    yield made
    made.close()


def press(slack: Slack, user: str, act: EscalationAct, *, menu: bool = False, page: int = 1) -> None:
    value = EscalationButton(1, act, page).encode()
    body = click(user, ESCALATION_MORE if menu else act, "" if menu else value)
    if menu:
        body["actions"][0] |= {"type": "overflow", "selected_option": {"value": value}}
    assert slack.dispatch(body).status == 200


def send(slack: Slack, user: str, act: EscalationAct, **fields: str) -> Any:
    return slack.dispatch(form(user, act, EscalationButton(1, act).encode(), fields))


def rendered(world: EscalationWorld, key: str) -> Any:
    with world.database.read() as session:
        row = session.get_one(Notification, key)
        made = render(session, row, world.team.ctx, escalation=world.ctx)
    check(made)
    return made


def test_claim_is_one_act_and_the_second_clicker_is_told_who_was_first(world: EscalationWorld, slack: Slack) -> None:
    press(slack, "U_AGENT1", EscalationAct.CLAIM)
    assert slack.told() == [], "the message shows it"
    assert world.row().claimed_by == "anna@team.example"
    assert rendered(world, "escalation/1")["blocks"][0]["text"]["text"].startswith("👤 Claimed by Anna Berg")
    press(slack, "U_AGENT2", EscalationAct.CLAIM)
    assert "Anna Berg has claimed ESC-1 at" in slack.words()
    assert world.row().claimed_by == "anna@team.example"
    assert len(world.audited("escalation.claimed")) == 1


def test_the_menu_does_what_its_entry_says(world: EscalationWorld, slack: Slack) -> None:
    press(slack, "U_AGENT1", EscalationAct.CLAIM)
    press(slack, "U_AGENT1", EscalationAct.RELEASE, menu=True)
    assert world.row().state == "open"
    press(slack, "U_AGENT1", EscalationAct.NOT_NEEDED, menu=True)
    kind, _, view = slack.told()[-1]
    assert (kind, view["callback_id"]) == ("open_view", EscalationAct.NOT_NEEDED)
    check(view)


@pytest.mark.parametrize(
    ("act", "fields", "state", "ending"),
    [
        (EscalationAct.RESOLVE, {"note": "Called them. password=Tr0ub4dor&3x"}, "closed", "handled"),
        (EscalationAct.NOT_NEEDED, {}, "closed", "not_needed"),
        (EscalationAct.TOO_LATE, {"note": "an hour earlier"}, "closed", "too_late"),
        (EscalationAct.SNOOZE, {"end": "1h"}, "open", ""),
        (EscalationAct.SNOOZE, {"until": "tomorrow 09:00"}, "open", ""),
        (EscalationAct.REASSIGN, {"to": "U_AGENT2"}, "open", ""),
    ],
)
def test_a_form_is_opened_and_does_what_it_says(
    world: EscalationWorld, slack: Slack, act: EscalationAct, fields: dict[str, str], state: str, ending: str
) -> None:
    press(slack, "U_AGENT1", act, menu=True)
    check(slack.told()[-1][2])
    assert send(slack, "U_AGENT1", act, **fields).body in ("", "{}")
    row = world.row()
    assert (row.state, row.ending) == (state, ending)
    assert "Tr0ub4dor" not in f"{row.close_note} {rendered(world, 'escalation/1')}"
    if act is EscalationAct.SNOOZE:
        assert row.snoozed_until is not None
    if act is EscalationAct.REASSIGN:
        assert row.owner == "ben@team.example"


def test_who_sends_a_form_after_it_ended_is_told_who_ended_it(world: EscalationWorld, slack: Slack) -> None:
    send(slack, "U_AGENT1", EscalationAct.RESOLVE, note="done")
    answer = send(slack, "U_AGENT2", EscalationAct.SNOOZE, end="1h")
    assert "Anna Berg resolved ESC-1" in answer.body
    assert "Nothing was changed" in answer.body
    assert "Please choose" in send(slack, "U_AGENT2", EscalationAct.REASSIGN, to="").body
    assert world.row().snoozed_until is None


@pytest.mark.parametrize("user", [*NO_RIGHTS, "U_AGENT2"])
def test_roles_are_looked_at_with_the_click_and_again_with_the_form(
    world: EscalationWorld, slack: Slack, user: str
) -> None:
    if user == "U_AGENT2":  # lost the role between click and form
        press(slack, user, EscalationAct.RESOLVE, menu=True)
        slack.deps = replace(slack.deps, permissions=slack.permissions.under(roles={}))
        assert "role" in send(slack, user, EscalationAct.RESOLVE, note="x").body
    before = world.row().version
    for act in EscalationAct:
        if act is not EscalationAct.ESCALATE_TICKET:
            press(slack, user, act)
    assert world.row().version == before
    assert world.team.audited("click.refused")


@pytest.mark.parametrize(
    "value", ["", "escalation:1:claim", "escalation:1:fly:1", "case:1:claim", "escalation:1:release:1"]
)
def test_a_value_that_is_not_the_buttons_own_changes_nothing(world: EscalationWorld, slack: Slack, value: str) -> None:
    slack.dispatch(click("U_AGENT1", EscalationAct.CLAIM, value))
    assert "Nothing was changed" in slack.words()
    assert world.row().claimed_by is None


def test_the_note_is_asked_for_once_under_the_name_of_who_pressed_first(world: EscalationWorld, slack: Slack) -> None:
    press(slack, "U_AGENT1", EscalationAct.SEND_NOTE)
    press(slack, "U_AGENT2", EscalationAct.SEND_NOTE)
    assert "Anna Berg is sending the note already" in slack.words()
    assert len(world.team.jobs.of("escalation.note")) == 1
    assert "🟠 asked for by" in str(rendered(world, "escalation/1"))


def test_the_conversation_is_shown_to_one_alone_redacted_and_kept_nowhere(
    world: EscalationWorld, slack: Slack, desk: Desk
) -> None:
    press(slack, "U_AGENT1", EscalationAct.SHOW_ALL, menu=True, page=0)
    (opened, _, first), (updated, view_id, view) = slack.told()
    assert (opened, updated, view_id) == ("open_view", "update_view", "V_OPENED")
    assert "Reading #1" in str(first)
    check(view)
    assert pings(view) == []
    assert "Answer 13" in str(view), "the newest page first"
    assert "x!" not in str(view), "internal notes stay in the desk"
    back = click(
        "U_AGENT1",
        EscalationAct.SHOW_ALL,
        EscalationButton(1, EscalationAct.SHOW_ALL).encode(),
        view=view | {"id": "V_OPENED"},
    )
    slack.dispatch(back)
    kind, view_id, page = slack.told()[-1]
    assert (kind, view_id) == ("update_view", "V_OPENED")
    assert "It broke." in str(page)
    assert "ghp_" not in str(page)
    desk.down = True
    slack.dispatch(back | {"actions": [back["actions"][0] | {"action_ts": "9.9"}]})
    assert "does not answer" in str(slack.told()[-1][2])
    with world.database.read() as session:
        kept = [str(row.data) for row in session.scalars(select(Notification))]
        assert "It broke" not in str([*kept, session.get_one(Escalation, 1).evidence])


def test_the_conversation_comes_into_the_thread_once_and_only_when_asked_for(
    world: EscalationWorld, slack: Slack, desk: Desk
) -> None:
    press(slack, "U_AGENT1", EscalationAct.SHOW_IN_THREAD, menu=True)
    assert "Slack keeps it" in str(slack.told()[-1][2])
    assert world.team.jobs.of(in_thread.JOB) == []
    assert "is being posted" in str(send(slack, "U_AGENT1", EscalationAct.SHOW_IN_THREAD).body)
    assert "Anna Berg had #1" in str(send(slack, "U_AGENT2", EscalationAct.SHOW_IN_THREAD).body)
    assert len(world.team.jobs.of(in_thread.JOB)) == 1
    for _ in range(2):  # the job may be done twice
        assert in_thread.post(world.database, cast("HelpDesk", desk), 1, world.ctx) == 2
    pages = [rendered(world, f"escalation/1/conversation/{number}") for number in (1, 2)]
    assert [pings(page) for page in pages] == [[], []]
    assert "It broke." in str(pages[0])
    assert "ghp_" not in str(pages)
    assert "part 2 of 2" in str(pages[1])


def test_a_refusal_of_a_form_without_fields_takes_its_place(world: EscalationWorld, slack: Slack) -> None:
    answer = send(slack, "U_MEMBER", EscalationAct.SHOW_IN_THREAD)
    assert "needs the role agent" in answer.body
    assert "errors" not in answer.body


def test_a_person_escalates_a_ticket_by_command(world: EscalationWorld, slack: Slack) -> None:
    world.ticket("7", "Where is my invoice?")
    slack.command("U_AGENT1", "escalate #7 because the customer called twice")
    assert "#7 was brought before the chain: ESC-2." in slack.words()
    (row,) = [one for one in world.rows() if one.subject_id == "7"]
    assert (row.reason, row.opened_by) == ("person", "anna@team.example")
    assert "Escalated by a colleague: the customer called twice" in str(rendered(world, "escalation/2"))
    slack.command("U_AGENT1", "escalate https://desk.example/7 because again")
    assert "already" in slack.words()
    slack.command("U_AGENT1", "escalate 4711 because it burns")
    assert "#4711 is not known here" in slack.words()
    slack.command("U_AGENT1", "escalations")
    assert "ESC-1" in str(slack.told()[-1][2])
    assert "ESC-2" in str(slack.told()[-1][2])
    check(slack.told()[-1][2])


def test_a_bare_command_asks_in_a_form_that_keeps_what_was_typed(world: EscalationWorld, slack: Slack) -> None:
    world.ticket("7", "Where is my invoice?")
    slack.command("U_AGENT1", "escalate #7")
    view = slack.told()[-1][2]
    check(view)
    assert view["blocks"][0]["element"]["initial_value"] == "#7"
    where = MessageRef(CHANNEL).encode()
    empty = slack.dispatch(form("U_AGENT1", EscalationAct.ESCALATE_TICKET, where, {"ticket": "7", "reason": " "}))
    assert "Please say" in empty.body
    unknown = slack.dispatch(form("U_AGENT1", EscalationAct.ESCALATE_TICKET, where, {"ticket": "99", "reason": "x"}))
    assert '"ticket"' in unknown.body
    done = slack.dispatch(
        form("U_AGENT1", EscalationAct.ESCALATE_TICKET, where, {"ticket": "#7", "reason": "they called"})
    )
    assert "Open ESC-2" in done.body
    assert len(world.rows()) == 2


def test_a_case_goes_to_its_lead_as_ever(world: EscalationWorld, slack: Slack) -> None:
    number = world.team.open()
    slack.command("U_AGENT1", f"escalate CASE-{number} because the customer calls")
    assert world.team.case(number).escalation_reason == "the customer calls"


def test_the_shortcut_on_a_message_about_a_ticket_asks_why_and_for_nothing_else(
    world: EscalationWorld, slack: Slack
) -> None:
    use(slack, "U_AGENT1", Shortcut.ESCALATE, text="Look at <https://desk.example/1|#1>, they are angry")
    view = slack.told()[-1][2]
    assert (view["callback_id"], view["blocks"][0]["element"]["initial_value"]) == (EscalationAct.ESCALATE_TICKET, "1")
    use(slack, "U_AGENT1", Shortcut.ESCALATE, text="Ticket #4711 is nothing we know")
    assert slack.told()[-1][2]["callback_id"] == Shortcut.ESCALATE, "a case, as ever"
    slack.deps = replace(slack.deps, escalation=replace(world.ctx, mode=Mode.SHADOW))
    use(slack, "U_AGENT1", Shortcut.ESCALATE, text="Look at #1")
    assert slack.told()[-1][2]["callback_id"] == Shortcut.ESCALATE


@pytest.mark.parametrize(("mode", "escalated"), [(Mode.AUTO, True), (Mode.OFF, False)])
def test_what_came_by_phone_and_is_urgent_goes_through_the_chain(
    world: EscalationWorld, slack: Slack, mode: Mode, escalated: bool
) -> None:
    slack.deps = replace(slack.deps, escalation=replace(world.ctx, mode=mode))
    fields = {"summary": "Nobody can log in", "origin": "phone", "priority": "urgent"}
    slack.dispatch(form("U_AGENT1", Shortcut.CREATE_CASE, MessageRef(CHANNEL).encode(), fields))
    with world.database.read() as session:
        (case,) = session.scalars(select(Case)).all()
    assert (case.escalated_at is not None) is escalated
    world.sweep()
    with world.database.read() as session:
        subjects = {row.subject for row in escalation_rows(session, world.ctx)}
    assert ("case" in subjects) is escalated


def test_mine_and_the_status_show_what_waits(world: EscalationWorld, slack: Slack) -> None:
    press(slack, "U_AGENT1", EscalationAct.CLAIM)
    slack.command("U_AGENT1", "mine")
    assert "Your escalations" in str(slack.told()[-1][2])
    slack.command("U_AGENT2", "mine")
    assert "Your escalations" not in str(slack.told()[-1][2])
    slack.command("U_AGENT2", "status")
    made = slack.told()[-1][2]
    check(made)
    for words in ("1 open escalation", "claimed by Anna Berg", "Keyword", "fired once"):
        assert words in str(made)


def test_the_home_tab_has_buttons_and_follows_time_as_well(world: EscalationWorld, slack: Slack) -> None:
    world.ctx = replace(world.ctx, policy=EscalationWorld.on(world.database, world.clock, world.team.jobs).ctx.policy)
    slack.deps = replace(slack.deps, escalation=world.ctx)
    world.ticket("8", "Hello", tier="enterprise", assignee="anna@team.example")
    world.sweep()
    slack.event({**OPENED, "user": "U_AGENT1"})
    made = home_shown(slack)
    check(made)
    for words in ("SLA clocks about to run out", "Mine", "#8 Cannot log in", "30 min left"):
        assert words in str(made)
    slack.dispatch(in_home("U_AGENT1", EscalationAct.CLAIM, EscalationButton(1, EscalationAct.CLAIM).encode()))
    assert "My escalations" in str(home_shown(slack))

    published: list[Any] = []
    homes = Homes()
    homes.follow(slack.deps, lambda _user, view: published.append(view))
    published.clear()
    world.clock.move(timedelta(minutes=10))
    assert homes.follow(slack.deps, lambda _user, view: published.append(view)) == 0, "less is left, nothing has turned"
    world.clock.move(timedelta(minutes=21))
    assert homes.follow(slack.deps, lambda _user, view: published.append(view)) == 1, "it has run out"
    assert "1 min overdue" in str(published)
    assert homes.follow(slack.deps, lambda _user, view: published.append(view)) == 0
