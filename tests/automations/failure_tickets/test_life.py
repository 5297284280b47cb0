"""Claim, release, reassign, escalate, resolve, set aside, reopen: who may when, who wins, what is written down."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.duty import Group
from automations.errors import NotFound, Refused
from automations.failure_tickets import life
from automations.failure_tickets.life import Outcome
from automations.failure_tickets.moves import Act, perform
from automations.failure_tickets.rules import Rule
from automations.people import Absence, Roster
from storage.models import Case, RuleFeedback
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, STRANGER, World, an_event

Doing = Callable[..., Outcome]


def do(world: World, act: Doing, case: int, actor: Actor, *words: str) -> Outcome:
    with world.begin() as session:
        return act(session, case, actor, *words, world.ctx)


def refusal(world: World, act: Doing, case: int, actor: Actor, *words: str) -> str:
    rows, version = world.audit_rows(), world.case(case).version
    with pytest.raises(Refused) as refused:
        do(world, act, case, actor, *words)
    assert (world.audit_rows(), world.case(case).version) == (rows, version), "a refusal changes nothing"
    return str(refused.value)


def test_claiming_makes_the_claimer_the_owner(world: World) -> None:
    case = world.open()
    outcome = do(world, life.claim, case, BEN)
    assert outcome.changed
    after = world.case(case)
    assert (after.status, after.claimed_by, after.owner) == ("claimed", "ben@team.example", "ben@team.example")
    assert (after.last_actor, after.last_act, after.last_at) == ("ben@team.example", "claimed it", world.clock.now())
    (row,) = world.audited("case.claimed")
    assert row.actor == "ben@team.example"
    assert row.before is not None
    assert row.after is not None
    assert (row.before["status"], row.after["status"]) == ("open", "claimed")
    assert (row.before["owner"], row.after["owner"]) == ("anna@team.example", "ben@team.example")


def test_claiming_twice_is_success_and_leaves_no_trace(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    version = world.case(case).version
    again = do(world, life.claim, case, BEN)
    assert not again.changed
    assert world.case(case).version == version
    assert len(world.audited("case.claimed")) == 1


def test_the_second_claimer_is_told_who_and_when_in_the_teams_zone(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    assert "Ben Okoro claimed CASE-1 at 03:14" in refusal(world, life.claim, case, ANNA)
    world.clock.move(timedelta(days=1))
    assert "at 21 Nov 03:14" in refusal(world, life.claim, case, ANNA)


@pytest.mark.parametrize("act", ["claim", "resolve", "reassign", "escalate"])
def test_of_two_people_at_once_one_wins(world: World, act: str) -> None:
    case = world.open()
    words: dict[str, tuple[str, ...]] = {"resolve": ("restarted it",), "escalate": ("customer calls",)}
    gate, told = Barrier(2), []

    def click(actor: Actor) -> bool:
        gate.wait()
        given = ("ben@team.example",) if act == "reassign" else words.get(act, ())
        try:
            return do(world, getattr(life, act), case, actor, *given).changed
        except Refused as exc:
            told.append(str(exc))
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, [ANNA, LEA])) == [False, True]
    verb = {"claim": "claimed", "resolve": "resolved", "reassign": "reassigned", "escalate": "escalated"}[act]
    assert len(world.audited(f"case.{verb}")) == 1
    assert act == "reassign" or any(name in told[0] for name in ("Anna Berg", "Lea Lind"))


def test_releasing_keeps_the_owner_and_starts_the_time_anew(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    world.clock.move(timedelta(days=90))
    do(world, life.release, case, BEN)
    after = world.case(case)
    assert (after.status, after.claimed_by, after.owner) == ("open", None, "ben@team.example")
    assert after.escalate_at == world.clock.now() + timedelta(minutes=30)


def test_only_the_claimer_or_a_lead_releases(world: World) -> None:
    case = world.open()
    assert not do(world, life.release, case, ANNA).changed
    do(world, life.claim, case, BEN)
    assert "Ben Okoro claimed CASE-1" in refusal(world, life.release, case, ANNA)
    assert do(world, life.release, case, LEA).changed


def test_a_released_case_keeps_the_time_its_rule_gives(world: World) -> None:
    case = world.open(source="billing-worker")
    do(world, life.claim, case, BEN)
    do(world, life.release, case, BEN)
    assert world.case(case).escalate_at == world.clock.now() + timedelta(hours=2)
    world.without_rules()
    do(world, life.claim, case, BEN)
    do(world, life.release, case, BEN)
    assert world.case(case).escalate_at is None


def test_reassigning_leaves_the_case_unclaimed(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, ANNA)
    do(world, life.reassign, case, LEA, " BEN@team.example ")
    after = world.case(case)
    assert (after.status, after.owner, after.owner_why) == ("open", "ben@team.example", "reassigned by Lea Lind")
    assert not do(world, life.reassign, case, LEA, "ben@team.example").changed


def test_reassigning_an_unclaimed_case_does_not_put_off_its_escalation(world: World) -> None:
    case = world.open()
    due = world.case(case).escalate_at
    world.clock.move(timedelta(minutes=20))
    do(world, life.reassign, case, ANNA, "ben@team.example")
    assert world.case(case).escalate_at == due


def test_taking_a_claimed_case_over_claims_it(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    do(world, life.reassign, case, ANNA, "anna@team.example")
    assert (world.case(case).status, world.case(case).claimed_by) == ("claimed", "anna@team.example")


def test_nobody_away_or_unknown_gets_a_case(world: World) -> None:
    case = world.open()
    assert "Cara Diaz is away until 24 Nov 09:00" in refusal(world, life.reassign, case, ANNA, "cara@team.example")
    said = refusal(world, life.reassign, case, ANNA, "nobody@team.example")
    assert "not one of the team" in said
    assert "Ben Okoro" in said


def test_resolving_needs_a_note_and_closes(world: World) -> None:
    case = world.open()
    assert "how it was resolved" in refusal(world, life.resolve, case, ANNA, "  ")
    do(world, life.claim, case, BEN)
    do(world, life.resolve, case, ANNA, " restarted with password=hunter2hunter2 ")
    after = world.case(case)
    assert (after.status, after.open_key, after.claimed_by, after.closed_by) == (
        "resolved", None, None, "anna@team.example",
    )  # fmt: skip
    assert after.owner == "ben@team.example"
    assert after.close_note is not None
    assert "hunter2" not in after.close_note
    assert all("hunter2" not in entry.text for entry in world.entries(case))


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b\u2060", "\x07\x1b", "\u202e"])
def test_a_note_or_reason_of_hidden_signs_alone_is_none(world: World, nothing: str) -> None:
    case = world.open()
    assert "in a sentence how" in refusal(world, life.resolve, case, ANNA, nothing)
    assert "in a sentence why" in refusal(world, life.escalate, case, ANNA, nothing)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (life.claim, ()),
        (life.release, ()),
        (life.reassign, ("ben@team.example",)),
        (life.escalate, ("why",)),
        (life.resolve, ("done",)),
        (life.not_needed, ("noise",)),
    ],
)
def test_a_closed_case_refuses_and_names_who_closed_it(world: World, act: Doing, words: tuple[str, ...]) -> None:
    case = world.open()
    do(world, life.resolve, case, LEA, "restarted it")
    assert "Lea Lind resolved CASE-1 at 03:14: restarted it." in refusal(world, act, case, ANNA, *words)


def test_a_late_claim_leaves_a_case_closed_that_its_source_resolved(world: World) -> None:
    case = world.open()
    world.clock.move(timedelta(minutes=1))
    over = world.fail(status="resolved", occurred_at=world.clock.now(), summary="Invoice sync works again")
    assert (over.status, over.case_id) == ("resolved", "CASE-1")
    said = refusal(world, life.claim, case, ANNA)
    assert "Handoff resolved CASE-1" in said
    assert "Invoice sync works again" in said


def test_not_needed_keeps_feedback_for_the_rule(world: World) -> None:
    case = world.open(source="billing-worker")
    do(world, life.not_needed, case, BEN, "")
    again = do(world, life.not_needed, case, BEN, "again")
    assert not again.changed
    with world.database.read() as session:
        rows = list(session.scalars(select(RuleFeedback)))
    assert [(row.rule, row.case_id, row.actor, row.note) for row in rows] == [("billing", case, "ben@team.example", "")]


def test_reopening_withdraws_the_feedback_and_keeps_the_row(world: World) -> None:
    case = world.open(source="billing-worker")
    do(world, life.not_needed, case, BEN, "a test run")
    do(world, life.reopen, case, BEN)
    withdrawn = world.clock.now()
    world.clock.move(timedelta(hours=1))
    do(world, life.not_needed, case, ANNA, "it was one")
    with world.database.read() as session:
        rows = list(session.scalars(select(RuleFeedback).order_by(RuleFeedback.id)))
    assert [(row.note, row.withdrawn_at) for row in rows] == [("a test run", withdrawn), ("it was one", None)]


def test_reopening_starts_a_new_life(world: World) -> None:
    case = world.open()
    do(world, life.escalate, case, ANNA, "customer calls")
    do(world, life.resolve, case, ANNA, "restarted it")
    world.clock.move(timedelta(hours=5))
    do(world, life.reopen, case, BEN)
    after = world.case(case)
    assert (after.status, after.open_key, after.closed_at, after.close_note) == ("open", after.case_key, None, None)
    assert (after.escalated_at, after.escalate_at) == (None, world.clock.now() + timedelta(minutes=30))
    assert not do(world, life.reopen, case, BEN).changed
    assert world.fail().case_id == "CASE-1"


def gone(world: World, email: str, *, for_good: bool = False) -> None:
    """Send somebody away for a week from now, or for good."""
    now = world.clock.now()
    away = (Absence(now, now + timedelta(days=7)),)
    people = [replace(one, away=away) if one.email == email else one for one in world.ctx.roster.people]
    left = tuple(one for one in people if not (for_good and one.email == email))
    world.ctx = replace(world.ctx, roster=Roster(left))


@pytest.mark.parametrize(
    ("for_good", "said"),
    [(False, "Ben Okoro is away until 28 Nov 03:14"), (True, "ben@team.example is not one of the")],
)
def test_reopening_chooses_an_owner_anew_if_the_old_one_cannot(world: World, for_good: bool, said: str) -> None:
    duty = Group("seniors", ("lea@team.example", "ben@team.example"))
    rule = Rule(name="billing", source="billing-*", owner="group:seniors")
    world.ctx = replace(world.ctx, book=replace(world.ctx.book, rules=(rule,), groups=(duty,)))
    case = world.open(source="billing-worker")
    assert world.case(case).owner == "ben@team.example"
    do(world, life.resolve, case, ANNA, "restarted it")
    gone(world, "ben@team.example", for_good=for_good)
    outcome = do(world, life.reopen, case, ANNA)
    after = world.case(case)
    assert (after.owner, outcome.text) == ("lea@team.example", "CASE-1 is open again, with Lea Lind.")
    assert said in after.owner_why
    assert after.owner_why.endswith("; least loaded of seniors (0 open)")
    entry = world.entries(case)[-1]
    assert entry.text == f"reopened this case; it is with Lea Lind ({after.owner_why})"
    (row,) = world.audited("case.reopened")
    assert row.before is not None
    assert row.after is not None
    assert (row.before["owner"], row.after["owner"]) == ("ben@team.example", "lea@team.example")


def test_reopening_says_that_even_the_default_owner_is_away(world: World) -> None:
    case = world.open()
    do(world, life.resolve, case, BEN, "restarted it")
    gone(world, "anna@team.example")
    do(world, life.reopen, case, BEN)
    after = world.case(case)
    words = "default owner: no rule names an owner; Anna Berg is away until 28 Nov 03:14"
    assert (after.owner, after.owner_why) == ("anna@team.example", words)


def test_reopening_leaves_the_owner_who_is_there(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    do(world, life.resolve, case, BEN, "restarted it")
    gone(world, "lea@team.example")
    do(world, life.reopen, case, LEA)
    after = world.case(case)
    assert (after.owner, after.owner_why) == ("ben@team.example", "claimed it")


def test_a_case_is_not_reopened_beside_its_successor(world: World) -> None:
    case = world.open()
    do(world, life.resolve, case, ANNA, "restarted it")
    newer = world.open()
    assert world.case(newer).previous_id == case
    assert "came back as CASE-2" in refusal(world, life.reopen, case, ANNA)
    assert world.case(case).status == "resolved"


def test_escalating_needs_a_reason_and_happens_once(world: World) -> None:
    case = world.open()
    assert "needs a lead" in refusal(world, life.escalate, case, ANNA, "")
    do(world, life.escalate, case, ANNA, "customer calls")
    assert "Anna Berg escalated CASE-1 at 03:14: customer calls" in refusal(world, life.escalate, case, BEN, "me too")
    post = world.notification("case/1/escalation/1")
    assert post is not None
    assert (post.kind, post.channel) == ("case.escalation", "C_ESCALATIONS")
    assert post.data["mention"] == "lea@team.example"
    assert world.notification("case/1/escalation/2") is None


def test_a_lead_is_not_called_by_the_own_escalation(world: World) -> None:
    case = world.open()
    do(world, life.escalate, case, LEA, "I take this to the vendor")
    post = world.notification("case/1/escalation/1")
    assert post is not None
    assert post.data["mention"] is None


def test_somebody_outside_the_team_changes_nothing(world: World) -> None:
    case = world.open()
    for act, words in ((life.claim, ()), (life.resolve, ("done",)), (life.release, ())):
        assert "not in Handoff's list of people" in refusal(world, act, case, STRANGER, *words)


def test_a_case_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="CASE-77"):
        do(world, life.claim, 77, ANNA)


def test_a_refusal_is_audited(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        life.refused(session, case, STRANGER, "claim", "not in the list", world.ctx)
        life.refused(session, 77, STRANGER, "claim", "no such case", world.ctx)
    rows = world.audited("case.claim")
    assert [(row.actor, row.target, row.outcome) for row in rows] == [
        ("gus@elsewhere.example", "CASE-1", "refused"),
        ("gus@elsewhere.example", "CASE-77", "refused"),
    ]
    assert rows[0].correlation_id == world.case(case).correlation_id


def test_a_source_that_reports_the_end_twice_changes_nothing_more(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        row = session.get_one(Case, case)
        over = an_event(status="resolved", summary="works again")
        assert life.close_by_event(session, row, over, world.ctx).changed
        again = life.close_by_event(session, row, over, world.ctx)
    assert not again.changed
    assert "Handoff resolved CASE-1" in again.text
    assert len(world.audited("case.resolved")) == 1


def test_a_change_between_decision_and_write_is_decided_anew(world: World) -> None:
    case, seen = world.open(), []

    def decide(row: Case) -> Act:
        seen.append(row.owner)
        if len(seen) == 1:
            session.execute(
                update(Case).values(owner="lea@team.example"), execution_options={"synchronize_session": False}
            )
        return Act("claimed", {"owner_why": f"after {row.owner}"}, "did it", "did it", "done")

    with world.begin() as session:
        assert perform(session, case, ANNA, world.ctx, decide).changed
    assert seen == ["anna@team.example", "lea@team.example"]
    assert world.case(case).owner_why == "after lea@team.example"


def test_nobody_is_kept_waiting_by_changes_without_end(world: World) -> None:
    case = world.open()

    def decide(row: Case) -> Act:
        session.execute(update(Case).values(owner=f"{row.owner}x"), execution_options={"synchronize_session": False})
        return Act("claimed", {"owner_why": "never"}, "did it", "did it", "done")

    with pytest.raises(Refused, match="Others are changing CASE-1"), world.begin() as session:
        perform(session, case, ANNA, world.ctx, decide)
    assert world.case(case).owner == "anna@team.example"


def test_counts_that_grow_meanwhile_do_not_spoil_a_click(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision rests on what people see of the state, not on the version that every occurrence raises."""
    case = world.open()
    with world.begin() as session:
        decided = life.claim(session, case, ANNA, world.ctx)
    assert world.fail().status == "joined"
    with world.begin() as session:
        outcome: Any = life.release(session, case, ANNA, world.ctx)
    assert decided.changed
    assert outcome.changed


def test_nothing_of_an_act_is_kept_when_its_transaction_fails(world: World) -> None:
    case = world.open()
    rows, asked = world.audit_rows(), len(world.jobs.calls)

    def act_and_fail(session: Session) -> None:
        life.claim(session, case, ANNA, world.ctx)
        raise LookupError("the listener failed after it")

    with pytest.raises(LookupError), world.begin() as session:
        act_and_fail(session)
    assert world.case(case).status == "open"
    assert (world.audit_rows(), len(world.jobs.calls)) == (rows, asked)
