"""Claim, release, reassign, escalate: who may when, who wins, what is written down."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.failure_tickets import closing, life
from automations.failure_tickets.moves import Act, perform
from storage.models import Case
from tests.automations.failure_tickets.deeds import Doing, do, refusal
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, STRANGER, World


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
            return do(world, getattr(closing if act == "resolve" else life, act), case, actor, *given).changed
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


def test_a_released_case_does_not_say_that_its_owner_claims_it(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    do(world, life.release, case, BEN)
    assert (world.case(case).owner, world.case(case).owner_why) == ("ben@team.example", "had claimed it")


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


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b\u2060", "\x07\x1b", "\u202e"])
def test_a_note_or_reason_of_hidden_signs_alone_is_none(world: World, nothing: str) -> None:
    case = world.open()
    assert "in a sentence how" in refusal(world, closing.resolve, case, ANNA, nothing)
    assert "in a sentence why" in refusal(world, life.escalate, case, ANNA, nothing)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (life.claim, ()),
        (life.release, ()),
        (life.reassign, ("ben@team.example",)),
        (life.escalate, ("why",)),
        (closing.resolve, ("done",)),
        (closing.not_needed, ("noise",)),
    ],
)
def test_a_closed_case_refuses_and_names_who_closed_it(world: World, act: Doing, words: tuple[str, ...]) -> None:
    case = world.open()
    do(world, closing.resolve, case, LEA, "restarted it")
    assert "Lea Lind resolved CASE-1 at 03:14: restarted it." in refusal(world, act, case, ANNA, *words)


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
    for act, words in ((life.claim, ()), (closing.resolve, ("done",)), (life.release, ())):
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
