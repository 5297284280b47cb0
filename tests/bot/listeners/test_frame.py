"""The frame: durable before acknowledged, one effect per payload, a refusal undone, written down and explained."""

import threading
from typing import Any

import pytest
from slack_bolt import BoltRequest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from structlog.typing import EventDict

import storage.inbox
from automations.errors import Unavailable
from bot.listeners import BotIdentity, make_bolt, register
from bot.listeners.after import After
from bot.wire import CaseAct
from storage.models import InboxRow
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.people import CHANNEL, NO_RIGHTS, Slack, click, command, envelope, form

CLAIMED = "CASE-1 is yours. Undo until 03:15:00."
"""What the claimer alone is told: the claim, and until when it can be taken back."""

SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def inbox(world: World) -> list[InboxRow]:
    with world.database.read() as session:
        return list(session.scalars(select(InboxRow).order_by(InboxRow.id)))


def test_a_click_claims_is_kept_and_is_acknowledged(slack: Slack, world: World) -> None:
    assert slack.click("U_AGENT1", "case.claim").status == 200
    assert world.case(1).claimed_by == "anna@team.example"
    (row,) = inbox(world)
    assert (row.kind, row.actor, row.outcome) == ("slack.action", "U_AGENT1", "CASE-1 is yours.")
    assert [what["text"] for *_, what in slack.told()] == [CLAIMED], "the message itself shows the claim"


def test_a_click_delivered_three_times_has_one_effect(slack: Slack, world: World) -> None:
    body = click("U_AGENT1", "case.claim", "case:1:claim")
    assert [slack.dispatch(body).status for _ in range(3)] == [200, 200, 200]
    assert len(inbox(world)) == 1
    assert len(world.audited("case.claimed")) == 1
    assert [what["text"] for *_, what in slack.told()] == [CLAIMED], "and one offer to take it back"


@pytest.mark.parametrize(
    "body",
    [
        click("U_MEMBER", "case.claim", "case:1:claim"),
        form("U_MEMBER", "case.resolve", "case:1:resolve", {"note": "done"}),
        command("U_MEMBER", "status"),
        envelope({"type": "app_mention", "user": "U_AGENT1", "channel": CHANNEL, "text": "hi"}),
    ],
    ids=["action", "form", "command", "event"],
)
def test_every_kind_of_payload_is_one_row_and_a_repeat_none(slack: Slack, world: World, body: dict[str, Any]) -> None:
    slack.dispatch(body)
    slack.dispatch(body)
    assert len(inbox(world)) == 1
    assert len(slack.told()) <= 1


def test_a_double_click_is_two_payloads_and_one_claim(slack: Slack, world: World) -> None:
    slack.click("U_AGENT1", "case.claim")
    slack.click("U_AGENT1", "case.claim")
    assert len(inbox(world)) == 2
    assert len(world.audited("case.claimed")) == 1
    assert "already" in slack.words()


def test_two_people_at_once_one_wins_and_the_other_is_told_who(slack: Slack, world: World) -> None:
    ready = threading.Barrier(2)

    def press(user: str) -> None:
        ready.wait()
        slack.click(user, "case.claim")

    threads = [threading.Thread(target=press, args=(user,)) for user in ("U_AGENT1", "U_AGENT2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = {"anna@team.example": "Anna Berg", "ben@team.example": "Ben Okoro"}[str(world.case(1).claimed_by)]
    assert len(world.audited("case.claimed")) == 1
    assert [kind for kind, *_ in slack.told()] == ["respond", "respond"]
    first, second = sorted((what["text"] for *_, what in slack.told()), key=lambda text: text != CLAIMED)
    assert first == CLAIMED
    assert second.startswith(f"{winner} claimed CASE-1 at")
    assert len(world.audited("click.refused")) == 1


@SQLITE_ONLY
@pytest.mark.parametrize("kind", ["action", "event"])
def test_while_the_database_refuses_nothing_is_acknowledged(slack: Slack, world: World, kind: str) -> None:
    with world.begin() as session:
        session.execute(text("create trigger no_inbox before insert on inbox begin select raise(abort, 'full'); end"))
    body = click("U_AGENT1", "case.claim", "case:1:claim")
    event = envelope({"type": "app_mention", "user": "U_AGENT1", "channel": CHANNEL})
    assert slack.dispatch(body if kind == "action" else event).status == 500
    assert world.case(1).claimed_by is None
    assert slack.told() == []


def test_a_failing_listener_leaves_nothing_and_its_repeat_is_processed(
    slack: Slack, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = click("U_AGENT1", "case.claim", "case:1:claim")

    def broken(*_: object) -> None:
        raise DBAPIError("commit", None, OSError("disk"))

    with monkeypatch.context() as patched:
        patched.setattr(storage.inbox, "settle", broken)
        assert slack.dispatch(body).status == 500
    assert inbox(world) == []
    assert world.case(1).claimed_by is None
    assert slack.dispatch(body).status == 200
    assert world.case(1).claimed_by == "anna@team.example"


@pytest.mark.parametrize("user", NO_RIGHTS)
def test_whoever_has_no_right_changes_nothing_is_told_why_and_is_written_down(
    slack: Slack, world: World, user: str
) -> None:
    before = world.audit_rows()
    assert slack.click(user, "case.claim").status == 200
    assert world.case(1).claimed_by is None
    (row,) = world.audited("click.refused")
    assert (row.target, row.outcome) == ("CASE-1", "refused")
    assert row.after is not None
    assert row.after["what"] == "action case.claim"
    assert world.audit_rows() == before + 1
    assert slack.words()


def test_somebody_of_another_organization_is_refused_without_a_look_up(slack: Slack, world: World) -> None:
    body = click("U_AGENT1", "case.claim", "case:1:claim") | {"user": {"id": "U_AGENT1", "team_id": "T_OTHER"}}
    slack.dispatch(body)
    assert world.case(1).claimed_by is None
    assert slack.directory.asked == []
    assert "other organizations" in slack.words()


def test_while_slack_cannot_say_who_somebody_is_nobody_may_act(slack: Slack, world: World) -> None:
    slack.directory.down = True
    assert slack.click("U_AGENT1", "case.claim").status == 200
    assert world.case(1).claimed_by is None
    assert "try again" in slack.words()


def test_a_look_up_that_hangs_is_given_up_before_slack_gives_us_up(slack: Slack, world: World) -> None:
    released = threading.Event()
    slack.directory.before = released.wait
    try:
        assert slack.click("U_AGENT1", "case.claim").status == 200
        assert world.case(1).claimed_by is None
    finally:
        released.set()


@pytest.mark.parametrize("value", ["", "claim", "case:0:claim", "case:1:delete", "case:1:resolve", "case:1:claim\n"])
def test_a_forged_button_changes_nothing_and_is_written_down(slack: Slack, world: World, value: str) -> None:
    assert slack.dispatch(click("U_AGENT1", "case.claim", value)).status == 200
    assert world.case(1).status == "open"
    assert len(world.audited("click.refused")) == 1
    assert "Nothing was changed" in slack.words()


def test_a_button_of_another_version_is_answered_and_kept(slack: Slack, world: World) -> None:
    assert slack.dispatch(click("U_AGENT1", "case.teleport", "x")).status == 200
    assert len(inbox(world)) == 1
    assert "another version" in slack.words()


def test_a_private_answer_that_fails_harms_nothing(slack: Slack, world: World, logs: list[EventDict]) -> None:
    slack.door.error = Unavailable("Slack does not answer", system="slack")
    assert slack.click("U_MEMBER", "case.claim").status == 200
    assert slack.click("U_AGENT1", "case.claim").status == 200
    assert world.case(1).status == "claimed"
    assert [line["call"] for line in logs if line["event"] == "slack.private_answer_failed"] == ["respond"] * 2


def test_the_log_says_what_became_of_a_click_and_not_what_was_typed(slack: Slack, logs: list[EventDict]) -> None:
    slack.submit("U_AGENT1", CaseAct.REASSIGN, {"to": "U_AGENT2"})
    (line,) = [line for line in logs if line["event"] == "slack.interaction"]
    assert line["outcome"] == "done"
    for _ in range(2):
        slack.submit("U_AGENT2", CaseAct.RESOLVE, {"note": "a long story"})
        slack.submit("U_AGENT1", CaseAct.RESOLVE, {"note": "a long story"})
    outcomes = [line["outcome"] for line in logs if line["event"] == "slack.interaction"]
    assert sorted(set(outcomes)) == ["done", "refused"]
    assert "a long story" not in str(logs)


def test_while_the_bot_does_not_know_itself_nothing_is_acknowledged(world: World, slack: Slack) -> None:
    def unknown() -> BotIdentity:
        raise Unavailable("auth.test did not answer", system="slack")

    app = make_bolt("http://127.0.0.1:1/api/", unknown)
    register(app, lambda: slack.deps)
    body = click("U_AGENT1", "case.claim", "case:1:claim")
    assert app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 500
    assert inbox(world) == []


def test_after_closing_an_answer_is_dropped_and_the_effect_stays(slack: Slack, logs: list[EventDict]) -> None:
    after = After(slack.door)
    after.close()
    after.respond("https://hooks.example/1", {"text": "x", "blocks": []})
    assert [line["event"] for line in logs] == ["slack.private_answer_dropped"]


def test_a_defect_in_an_answer_is_logged_with_its_trace(slack: Slack, logs: list[EventDict]) -> None:
    slack.door.error = ZeroDivisionError("a defect")
    after = After(slack.door)
    after.respond("https://hooks.example/1", {"text": "x", "blocks": []})
    after.close()
    (line,) = logs
    assert (line["event"], line["exc_info"]) == ("slack.private_answer_broke", slack.door.error)


def test_secrets_typed_into_a_form_are_not_kept(slack: Slack, world: World) -> None:
    slack.submit("U_AGENT1", CaseAct.RESOLVE, {"note": "set password=hunter2hunter2Xy9 and replayed"})
    assert "hunter2" not in str(inbox(world)[0].body)
    assert "hunter2" not in str(world.case(1).close_note)


def test_the_bots_own_reactions_are_passed_over(slack: Slack, world: World) -> None:
    assert slack.react("U_HANDOFF", "eyes").status == 200
    assert world.case(1).claimed_by is None
    assert inbox(world) == []


@pytest.mark.parametrize("sign", ["\x00", "\ud800"])
def test_a_note_with_a_sign_that_no_database_takes_is_kept_without_it(slack: Slack, world: World, sign: str) -> None:
    assert slack.submit("U_AGENT1", CaseAct.RESOLVE, {"note": f"rep{sign}layed"}).status == 200
    assert world.case(1).close_note == "rep\ufffdlayed"
