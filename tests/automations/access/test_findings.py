"""What people decide about findings, and the runs that come of it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.access import findings
from automations.access.card_types import FindingKind
from automations.desks import ACCESS, Capability
from automations.domain import Actor, Mode, Role
from automations.errors import NotFound, Refused
from automations.plan import RunState
from automations.runs import approve, retry
from automations.runs.ask import ask
from storage.models import AccessBlock, Finding, Notification, Run
from tests.automations.access.listed import person, user
from tests.automations.access.reconciled import ANNA, LEA, LEO, Reconciled

BEN = Actor("U_AGENT2", "Ben Okoro", "ben@team.example", Role.LEAD)


def gone(here: Reconciled, *numbers: int) -> int:
    """Let some leave, and reconcile."""
    for number in numbers:
        here.company.change(f"a{number}@team.example", active=False)
    return here.reconcile()


def confirming(here: Reconciled, row: Finding, actor: Actor = LEA) -> Callable[[Session], str]:
    return lambda session: findings.confirm(session, row.id, row.digest, actor, here.ctx)


def all_of(here: Reconciled, number: int, kind: str, actor: Actor = LEA) -> Callable[[Session], str]:
    digest = here.card(number).digest
    return lambda session: findings.confirm_all(session, number, kind, digest, actor, here.ctx)


def newest(here: Reconciled) -> Run:
    with here.database.read() as session:
        run = session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one()
        session.expunge(run)
        return run


def test_one_yes_looks_once_more_and_mends_it(here: Reconciled) -> None:
    here.team.users[1] = user("a1@team.example", tokens=("t1",))
    number = gone(here, 1)
    one = here.only("left_active", "open")
    said = here.act(confirming(here, one))
    assert said == f"RUN-{number + 1} mends it: A1. It is looked at once more, then carried out."
    assert here.team.writes == []
    assert here.only("left_active").state == "confirmed"
    here.work()
    assert here.team.writes == [
        ("suspend", "a1@team.example"),
        ("sign_out", "a1@team.example"),
        ("revoke_token", "a1@team.example", "t1"),
    ]
    mended = here.only("left_active")
    assert (mended.state, mended.fixed_by, mended.decided_by) == ("fixed", number + 1, "lea@team.example")
    (entry,) = here.audited("finding.confirmed")
    assert entry.after is not None
    assert (entry.actor, entry.target, entry.after["mended_by"]) == (
        "lea@team.example", f"FINDING-{one.id}", f"RUN-{number + 1}",
    )  # fmt: skip
    assert here.card(number).lines[0].fixed_by == number + 1
    here.reconcile()
    assert here.findings("open", "confirmed", "kept") == []


@pytest.mark.parametrize(
    ("prepare", "kind", "writes"),
    [
        (lambda here: here.company.listed.append(person("new@team.example", "support", name="New One")), "missing",
         [("invite", "new@team.example", "Agent"), ("join", "new@team.example", "Support")]),
        (lambda here: here.team.users.append(user("old@desk.example")), "orphaned",
         [("suspend", "old@desk.example"), ("sign_out", "old@desk.example")]),
        (lambda here: here.company.change("ben@team.example", groups=()), "role_high",
         [("suspend", "b.okoro@desk.example"), ("sign_out", "b.okoro@desk.example")]),
        (lambda here: here.company.change("ben@team.example", groups=("watchers",)), "role_high",
         [("set_role", "b.okoro@desk.example", "Light")]),
        (lambda here: here.team.users.__setitem__(0, user("a0@team.example", "Light")), "role_low",
         [("set_role", "a0@team.example", "Agent")]),
        (lambda here: here.team.users.__setitem__(0, user("a0@team.example", groups=("Escalations",))), "groups",
         [("join", "a0@team.example", "Support"), ("leave", "a0@team.example", "Escalations")]),
        (lambda here: here.team.users.__setitem__(0, user("a0@team.example", state="suspended", tokens=("t9",))),
         "token", [("revoke_token", "a0@team.example", "t9")]),
        (lambda here: here.team.users.__setitem__(
            0, user("a0@team.example", last_seen=here.clock.now() - timedelta(days=100))), "inactive",
         [("suspend", "a0@team.example"), ("sign_out", "a0@team.example")]),
    ],
)  # fmt: skip
def test_each_kind_is_mended_by_what_it_says(
    here: Reconciled, prepare: Callable[[Reconciled], None], kind: str, writes: list[tuple[str, ...]]
) -> None:
    prepare(here)
    here.reconcile()
    row = here.only(kind, "open")
    here.act(confirming(here, row))
    here.work()
    assert here.team.writes == writes
    assert here.only(kind).state == "fixed"


def test_an_old_invitation_is_sent_again_and_waits(here: Reconciled) -> None:
    here.team.users[0] = user("a0@team.example", state="invited")
    here.reconcile()
    here.clock.move(here.ctx.waits_for)
    here.reconcile()
    here.act(confirming(here, here.only("invitation", "open")))
    here.work()
    assert here.team.writes == [("invite_again", "a0@team.example")]
    assert here.only("invitation").state == "confirmed"
    here.tomorrow()
    here.reconcile()
    assert here.only("invitation").state == "confirmed", "its run is under way"


def test_what_has_changed_since_is_not_applied_and_is_open_again(here: Reconciled) -> None:
    number = gone(here, 1)
    one = here.only("left_active", "open")
    here.act(confirming(here, one))
    here.team.users[1] = user("a1@team.example", tokens=("new",))
    here.work()
    assert (here.state(number + 1), here.team.writes) == (RunState.REFUSED, [])
    assert here.only("left_active").state == "open"
    here.reconcile()
    again = here.only("left_active", "open")
    assert (again.id, len(again.fix)) == (one.id, 3)
    assert "has changed since" in here.refused(confirming(here, one))
    here.company.change("a1@team.example", active=True)
    here.act(confirming(here, again))
    here.work()
    assert (here.state(newest(here).id), here.team.writes) == (RunState.REFUSED, []), "they are back"


def test_a_second_click_is_told_who_was_first(here: Reconciled) -> None:
    number = gone(here, 1)
    one = here.only("left_active", "open")
    here.act(confirming(here, one))
    said = here.refused(confirming(here, one, LEO))
    assert f"this finding is confirmed by Lea Lind at 03:14. RUN-{number + 1} mends it." in said
    assert here.refused(lambda s: findings.pass_to(s, one.id, one.digest, LEO, "anna@team.example", here.ctx))


def test_nobody_decides_about_themselves_or_without_the_right(here: Reconciled) -> None:
    here.company.change("ben@team.example", active=False)
    here.company.change("lea@team.example", active=False)
    number = here.reconcile()
    bens, leas = (next(row for row in here.findings() if row.subject.startswith(who)) for who in ("b.", "lea"))
    for row, actor in ((bens, BEN), (leas, LEA)):
        assert "about you" in here.refused(confirming(here, row, actor))
        until = here.clock.now() + timedelta(days=1)
        assert "about you" in here.refused(
            lambda s, row=row, actor=actor, until=until: findings.keep(  # type: ignore[misc]  # bound at once
                s, row.id, row.digest, actor, "no", until, here.ctx
            )
        )
    assert "about you" in here.refused(all_of(here, number, "left_active", BEN))
    assert "Only a lead" in here.refused(confirming(here, bens, ANNA))
    with here.database.begin() as session:
        session.add(AccessBlock(email="leo@team.example", run_id=number, since=here.clock.now(), set_by="lea"))
    assert "taken away" in here.refused(confirming(here, bens, LEO))
    said = here.refused(lambda s: findings.pass_to(s, bens.id, bens.digest, LEA, "ben@team.example", here.ctx))
    assert said == "This is about Ben Okoro, so others look after it. Nothing was changed."
    assert {row.state for row in here.findings()} == {"open"}


def test_an_administrator_needs_a_second_person(here: Reconciled) -> None:
    here.company.change("leo@team.example", active=False)
    number = here.reconcile()
    said = here.act(confirming(here, here.only("left_active", "open")))
    assert said.endswith("A second person has to confirm it.")
    here.work()
    run = newest(here)
    assert (run.state, run.needed, run.subject, here.team.writes) == ("proposed", 2, "leo@team.example", [])
    assert "Left out, since administrators are confirmed one by one" not in here.card(number).words
    third = Actor("U_LEAD3", "Mo", "mo@team.example", Role.LEAD)
    here.act(lambda session: approve.approve(session, run.id, run.digest, third, here.ctx))
    here.work()
    assert here.only("left_active").state == "fixed"


def test_a_mending_whose_plan_changed_between_two_yeses_is_shown_anew(here: Reconciled) -> None:
    here.company.change("leo@team.example", active=False)
    here.reconcile()
    here.act(confirming(here, here.only("left_active", "open")))
    here.work()
    first = newest(here)
    place = next(n for n, one in enumerate(here.team.users) if one.agent.email == "leo@team.example")
    here.team.users[place] = replace(here.team.users[place], tokens=user("leo@team.example", tokens=("new",)).tokens)
    third = Actor("U_LEAD3", "Mo", "mo@team.example", Role.LEAD)
    here.act(lambda session: approve.approve(session, first.id, first.digest, third, here.ctx))
    here.work()
    again = newest(here)
    assert (here.state(first.id), again.state, again.id > first.id) == (RunState.REPLACED, "proposed", True)
    assert (here.only("left_active").state, here.team.writes) == ("confirmed", [])
    here.act(lambda session: approve.approve(session, again.id, again.digest, LEA, here.ctx))
    here.act(lambda session: approve.approve(session, again.id, again.digest, third, here.ctx))
    here.work()
    assert here.only("left_active").state == "fixed"


def test_what_no_run_can_settle_is_kept_or_passed(here: Reconciled) -> None:
    here.team.users[0] = user("a0@team.example", "Odd")
    here.reconcile()
    one = here.only("ambiguous", "open")
    assert "No run can settle that" in here.refused(confirming(here, one))
    here.act(lambda s: findings.pass_to(s, one.id, one.digest, LEA, "Anna@team.example", here.ctx))
    passed = here.only("ambiguous")
    assert (passed.state, passed.owner, passed.decided_by) == ("open", "anna@team.example", None)
    with here.database.read() as session:
        (told,) = session.scalars(select(Notification).where(Notification.kind == "access.told"))
    assert told.channel == "U_AGENT1"
    assert told.data["text"].startswith("Lea Lind passed a finding of RUN-1 to you. A0: Has the role Odd")
    said = here.act(lambda s: findings.pass_to(s, one.id, one.digest, LEA, "nils@team.example", here.ctx))
    assert said.endswith("Their Slack user is not known, so please tell them.")
    assert "knows nobody" in here.refused(
        lambda s: findings.pass_to(s, one.id, one.digest, LEA, "x@x.example", here.ctx)
    )
    here.reconcile()
    assert here.only("ambiguous").owner == "nils@team.example", "passed is passed, whoever reconciles"


def test_keeping_needs_a_reason_and_an_end_that_is_near_enough(here: Reconciled) -> None:
    number = gone(here, 1)
    one, now = here.only("left_active", "open"), here.clock.now()
    for reason, days in (("", 1), ("\u200b", 1), ("why", 0), ("why", -1), ("why", 366)):
        here.refused(
            lambda s, reason=reason, days=days: findings.keep(  # type: ignore[misc]  # bound at once
                s, one.id, one.digest, LEA, reason, now + timedelta(days=days), here.ctx
            )
        )
    until = now + timedelta(days=365)
    said = here.act(lambda s: findings.keep(s, one.id, one.digest, LEA, "token=hunter2hunter2 agreed", until, here.ctx))
    assert said.startswith("A1: kept until 21 Nov 03:14")
    row, line = here.only("left_active"), here.card(number).lines[0]
    assert (row.state, row.until, "hunter2" in row.reason) == ("kept", until, False)
    assert (line.state, line.decided_by.name if line.decided_by else "") == ("kept", "Lea Lind")
    assert here.card(number).bulk == ()
    with pytest.raises(NotFound):
        here.act(lambda s: findings.keep(s, 99, "", LEA, "x", until, here.ctx))


def test_all_of_a_kind_are_one_run_and_administrators_stay_out(here: Reconciled) -> None:
    here.company.change("leo@team.example", active=False)
    number = gone(here, 1, 2)
    card = here.card(number)
    assert (dict(card.counts)["left_active"], card.left_out) == (3, (("left_active", 1),))
    said = here.act(all_of(here, number, "left_active"))
    assert said == (
        f"RUN-{number + 1} mends 2 findings. It is looked at once more, then carried out. "
        "Left out, since administrators are confirmed one by one: Leo."
    )
    here.work()
    assert [write for write in here.team.writes if write[0] == "suspend"] == [
        ("suspend", "a1@team.example"),
        ("suspend", "a2@team.example"),
    ]
    assert sorted(row.state for row in here.findings()) == ["fixed", "fixed", "open"]
    assert "administrators are confirmed one by one: Leo" in here.refused(all_of(here, number, "left_active"))
    assert len(here.audited("finding.confirmed")) == 2


def test_the_list_that_was_shown_is_the_list_that_is_confirmed(here: Reconciled) -> None:
    number = gone(here, 1, 2, 3)
    click = all_of(here, number, "left_active")
    one = here.findings("open")[0]
    here.act(
        lambda s: findings.keep(s, one.id, one.digest, LEO, "ours", here.clock.now() + timedelta(days=1), here.ctx)
    )
    assert "The list has changed since" in here.refused(click)
    assert "No open finding" in here.refused(all_of(here, number, "orphaned"))


def test_above_the_brake_all_need_a_second_person(here: Reconciled) -> None:
    number = gone(here, 1, 2, 3, 4)
    card = here.card(number)
    here.release(number, card.digest)
    said = here.act(all_of(here, number, "left_active"))
    assert said.endswith("mends 4 findings. A second person has to confirm it.")
    here.work()
    run = newest(here)
    assert (run.needed, run.plan["brake"], here.team.writes) == (2, "4 of 10 people at once", [])
    here.act(lambda session: approve.approve(session, run.id, run.digest, LEO, here.ctx))
    here.work()
    assert len([write for write in here.team.writes if write[0] == "suspend"]) == 4


def test_nobody_is_the_second_person_for_a_batch_that_takes_their_own_access(here: Reconciled) -> None:
    here.company.change("ben@team.example", active=False)
    number = gone(here, 1, 2, 3, 4)
    card = here.card(number)
    here.release(number, card.digest)
    here.act(all_of(here, number, "left_active"))
    here.work()
    run = newest(here)
    assert run.needed == 2
    assert "This is about you" in here.refused(
        lambda session: approve.approve(session, run.id, run.digest, BEN, here.ctx)
    )
    assert here.team.writes == []


def test_one_that_settled_itself_makes_it_another_plan(here: Reconciled) -> None:
    number = gone(here, 1, 2)
    here.act(all_of(here, number, "left_active"))
    here.company.change("a2@team.example", active=True)
    here.work()
    assert (here.state(number + 1), here.team.writes) == (RunState.REFUSED, [])
    assert {row.state for row in here.findings()} == {"open"}


def test_what_lists_do_not_tell_is_shown_before_anybody_says_yes(here: Reconciled) -> None:
    here.team.quiet = True
    here.team.users[1] = user("a1@team.example", tokens=("hidden",))
    number = gone(here, 1)
    said = here.act(confirming(here, here.only("left_active", "open")))
    assert said.endswith("The desk is looked at first; its card then asks for your yes.")
    here.work()
    run = newest(here)
    assert (run.id, run.state, here.team.writes) == (number + 1, "proposed", [])
    here.act(lambda session: approve.approve(session, run.id, run.digest, LEA, here.ctx))
    here.work()
    assert ("revoke_token", "a1@team.example", "hidden") in here.team.writes


def test_a_failed_step_leaves_the_finding_open_and_a_retry_mends_it(here: Reconciled) -> None:
    number = gone(here, 1, 2)
    here.team.refuses = frozenset({"suspend"})
    here.act(all_of(here, number, "left_active"))
    here.work()
    assert here.state(number + 1) is RunState.PARTIAL, "sessions were ended"
    assert {row.state for row in here.findings()} == {"open"}
    here.team.refuses = frozenset()
    for step in (1, 3):
        here.act(partial(retry.retry_step, run_id=number + 1, number=step, actor=LEA, ctx=here.ctx))
        here.runner.again(number + 1, step)
        while here.runner.advance(number + 1) is not None:
            pass
    assert here.state(number + 1) is RunState.DONE
    assert {row.state for row in here.findings()} == {"fixed"}


def test_of_a_run_that_was_partial_the_mended_ones_are_fixed(here: Reconciled) -> None:
    number = gone(here, 1, 2)
    here.act(all_of(here, number, "left_active"))
    suspend = here.team.suspend

    def only_one(email: str) -> None:
        if email == "a2@team.example":
            here.team.refuses = frozenset({"suspend"})
        suspend(email)

    here.team.suspend = only_one  # type: ignore[method-assign]  # this once
    here.work()
    assert [(row.subject, row.state) for row in here.findings()] == [
        ("a1@team.example", "fixed"),
        ("a2@team.example", "open"),
    ]


def test_a_cancelled_run_leaves_the_finding_to_be_decided_again(here: Reconciled) -> None:
    here.company.change("leo@team.example", active=False)
    number = here.reconcile()
    one = here.only("left_active", "open")
    here.act(confirming(here, one))
    here.work()
    here.act(lambda session: approve.cancel(session, number + 1, LEA, here.ctx))
    assert here.card(number).lines[0].state == "open"
    here.act(confirming(here, one))
    assert here.only("left_active").fixed_by == number + 2


def test_what_a_desk_cannot_becomes_a_task_for_somebody(here: Reconciled) -> None:
    here.team.capabilities = ACCESS - {Capability.MEMBERSHIPS}
    here.team.by_hand = {Capability.MEMBERSHIPS: "Change it under Teams."}
    here.team.users[0] = user("a0@team.example", groups=())
    here.reconcile()
    one = here.only("groups", "open")
    assert (one.fix[0]["by_hand"], one.fix[0]["owner"]) == ("Change it under Teams.", "lea@team.example")
    here.act(confirming(here, one, LEO))
    here.work()
    assert (newest(here).state, here.only("groups").state) == ("running", "confirmed")


def test_switched_off_nothing_is_decided(here: Reconciled) -> None:
    gone(here, 1)
    here.mode = Mode.OFF
    assert "switched off" in here.refused(confirming(here, here.only("left_active", "open")))
    assert here.only("left_active").state == "open"


@pytest.mark.parametrize("many", [False, True])
def test_fifty_clicks_at_once_make_exactly_one_run(here: Reconciled, many: bool) -> None:
    number = gone(here, 1)
    one = here.only("left_active", "open")
    digest = here.card(number).digest
    began, outcomes = threading.Barrier(50), []

    def click(index: int) -> None:
        actor = Actor(f"U{index}", f"Lead {index}", f"lead{index}@team.example", Role.LEAD)
        began.wait()
        try:
            with here.database.begin() as session:
                if many:
                    findings.confirm_all(session, number, FindingKind.LEFT_ACTIVE, digest, actor, here.ctx)
                else:
                    findings.confirm(session, one.id, one.digest, actor, here.ctx)
            outcomes.append("won")
        except Refused:
            outcomes.append("refused")

    threads = [threading.Thread(target=click, args=(index,)) for index in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(outcomes)) == ["refused", "won"]
    assert outcomes.count("won") == 1
    with here.database.read() as session:
        assert len(session.scalars(select(Run).where(Run.kind != "reconcile")).all()) == 1
    assert len(here.audited("finding.confirmed")) == 1


@pytest.mark.parametrize(("by", "state", "refused"), [
    (LEA, "done", True), (LEA, "partial", True), (LEA, "running", True), (LEA, "rolled_back", False),
    (LEA, "cancelled", False), (LEO, "done", False),
])  # fmt: skip
@pytest.mark.parametrize("subject", ["a0@team.example", "ben@team.example"])
def test_who_gave_somebody_access_does_not_also_keep_it(
    here: Reconciled, subject: str, by: Actor, state: str, refused: bool
) -> None:
    """Also where the desk knows them by another address."""
    here.team.users[0] = user("a0@team.example", "Senior")
    here.team.users[7] = user("b.okoro@desk.example", "Senior")
    here.reconcile()
    with here.database.begin() as session:
        given = ask(session, "provision", subject, {}, by, here.ctx)
        given.state, given.open_key, given.settled_at = state, None, here.clock.now()
        number = given.id
    row = next(one for one in here.findings("open") if one.subject[0] == subject[0])
    until = here.clock.now() + timedelta(days=3)

    def keep(session: Session) -> str:
        return findings.keep(session, row.id, row.digest, LEA, "agreed", until, here.ctx)

    if refused:
        words = f"You gave {row.name} access with RUN-{number}, so others keep it. Nothing was changed."
        assert here.refused(keep) == words
        assert row.id in {one.id for one in here.findings("open")}
    else:
        assert "kept until" in here.act(keep)
