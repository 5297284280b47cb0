"""What people decide about findings: confirm one or all of a kind, keep it for a time, pass it to somebody.

Everything happens in the caller's transaction and is written down in it; each function returns what is true now, in
words. A decision is to a digest, which is what the person saw. Findings of a reconciliation that the brake stopped wait
until two people let it go on. Nobody decides about themselves.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.access import fixes
from automations.access.card_types import FindingKind
from automations.access.context import AccessContext
from automations.access.finding_rows import CONFIRMED, IDS, KEPT, OPEN, finding_ref, found_of, reopen, under_way
from automations.access.found import MANY, ONE, Found, many_plan
from automations.access.given import given_by
from automations.access.listing import bulk, digest_of_open
from automations.domain import Actor, Role
from automations.durations import in_words
from automations.errors import NotFound, Refused
from automations.plan import RunState
from automations.posting import put_and_deliver
from automations.runs.ask import ask
from automations.runs.journal import TOLD, follow
from automations.runs.propose import APPROVED_BY, DIGEST
from automations.runs.rows import blocked, found, run_ref
from automations.words import identity, typed, when, who
from storage import audit
from storage.models import Finding, Run


def confirm(session: Session, finding_id: int, digest: str, actor: Actor, ctx: AccessContext) -> str:
    """Have one finding mended. One person's yes is enough, two for an administrator.

    Raises: NotFound; Refused if it is decided, has changed, is nothing a run can mend, or not the actor's to decide.
    """
    row, _run = _to_decide(session, finding_id, digest, actor, ctx)
    if not row.fix:
        raise Refused(f"{row.name}: {row.words} No run can settle that; keep it, or pass it to somebody.")
    _decide(session, row, CONFIRMED, actor, ctx)
    one = found_of(row)
    options = {IDS: [row.id], **_confirmed_by(actor, [one], one.digest)}
    asked = ask(session, ONE, _whose(row.subject, ctx), options, actor, ctx, name=row.kind)
    _mended_by(session, [row], asked, actor, ctx)
    return f"{run_ref(asked.id)} mends it: {row.name}. {_next(one.privileged, [one])}"


def confirm_all(session: Session, run_id: int, kind: str, digest: str, actor: Actor, ctx: AccessContext) -> str:
    """Have all open findings of one kind mended by one run; administrators are left out, and said so.

    `digest` is that of the whole list, as the message's pages show it. Above the brake a second person has to confirm.
    Raises: NotFound; Refused as for `confirm`, or if there is none.
    """
    audit.hold(session)
    run = found(session, run_id)
    _may(session, actor)
    _let_go(run)
    if digest != digest_of_open(session, run_id):
        raise Refused("The list has changed since this message was made, so nothing was changed. Please look again.")
    rows, left_out = bulk(session, run_id, FindingKind(kind))
    if not rows:
        raise Refused(f"No open finding of this kind can be confirmed with others.{_left_out(left_out)}")
    if any(_about(row.subject, actor, ctx) for row in rows):
        raise Refused("One of these is about you, so somebody else confirms them all. Nothing was changed.")
    for row in rows:
        _decide(session, row, CONFIRMED, actor, ctx)
    several = [found_of(row) for row in rows]
    plan = many_plan(FindingKind(kind), several, ctx.rules, int(run.plan.get("working", 0)))
    options = {IDS: [row.id for row in rows], **_confirmed_by(actor, several, plan.digest)}
    asked = ask(session, MANY, "", options, actor, ctx, name=kind)
    _mended_by(session, rows, asked, actor, ctx)
    number = "1 finding" if len(rows) == 1 else f"{len(rows)} findings"
    return f"{run_ref(asked.id)} mends {number}. {_next(plan.approvals > 1, several)}{_left_out(left_out)}"


def keep(
    session: Session, finding_id: int, digest: str, actor: Actor, reason: str, until: datetime, ctx: AccessContext
) -> str:
    """Leave a finding as it is until then; the first reconciliation after that shows it again.

    Who gave somebody access does not also say that they may keep it. Raises: NotFound; Refused as for `confirm`, for
    that, or without a reason or an end that is near enough.
    """
    row, run = _to_decide(session, finding_id, digest, actor, ctx)
    now, why = ctx.clock.now(), typed(reason, ctx)
    if not why:
        raise Refused("Keeping a finding needs a reason. Nothing was changed.")
    if given := given_by(session, {row.subject, _whose(row.subject, ctx)}, actor):
        raise Refused(f"You gave {row.name} access with {run_ref(given)}, so others keep it. Nothing was changed.")
    if not now < until <= now + ctx.rules.keep_at_most:
        longest = in_words(ctx.rules.keep_at_most)
        raise Refused(f"A finding is kept until a time to come, at most {longest} from now. Nothing was changed.")
    _decide(session, row, KEPT, actor, ctx, reason=why, until=until)
    _write(session, row, "kept", actor, ctx)
    follow(session, run, ctx)
    return f"{row.name}: kept until {when(until, ctx)}. The first reconciliation after that shows it again."


def pass_to(session: Session, finding_id: int, digest: str, actor: Actor, to_email: str, ctx: AccessContext) -> str:
    """Let somebody else look after a finding; they are told in a direct message. It stays open.

    Raises: NotFound; Refused as for `confirm`, or if Handoff does not know the other person.
    """
    row, run = _to_decide(session, finding_id, digest, actor, ctx)
    other = ctx.roster.by_email(to_email)
    if other is None:
        raise Refused(f"Handoff knows nobody by the address {to_email[:100]}. Nothing was changed.")
    email = other.email.lower()
    if row.subject in (email, (other.desk or "").lower()):
        raise Refused(f"This is about {other.name}, so others look after it. Nothing was changed.")
    _decide(session, row, OPEN, actor, ctx, owner=email)
    _write(session, row, "passed", actor, ctx)
    follow(session, run, ctx)
    if other.slack is None:
        return f"{row.name}: {other.name} looks after it now. Their Slack user is not known, so please tell them."
    text = f"{actor.name} passed a finding of {run_ref(run.id)} to you. {row.name}: {row.words}"
    put_and_deliver(
        session,
        ctx,
        key=f"finding/{row.id}/to/{other.slack}/{ctx.clock.now().isoformat()}",
        kind=TOLD,
        channel=other.slack,
        data={"run_id": run.id, "text": ctx.redactor.text(text)},
        at=ctx.clock.now(),
    )
    return f"{row.name}: {other.name} looks after it now, and is told."


def _to_decide(session: Session, finding_id: int, digest: str, actor: Actor, ctx: AccessContext) -> tuple[Finding, Run]:
    """The finding and its reconciliation, if it is the actor's to decide as they saw it. Raises: NotFound; Refused."""
    audit.hold(session)
    row = session.get(Finding, finding_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such finding. Nothing was changed.")
    _may(session, actor)
    if _about(row.subject, actor, ctx):
        raise Refused("This is about you, so others decide it. Nothing was changed.")
    if row.state == CONFIRMED and row.id not in under_way(session):
        reopen(session, row, ctx)
    if row.state != OPEN:
        raise _over(row, ctx)
    run = found(session, row.run_id)
    _let_go(run)
    if digest != row.digest:
        raise Refused(f"{row.name}: this has changed since the message was made. {run_ref(run.id)} shows how it is.")
    return row, run


def _decide(session: Session, row: Finding, to: str, actor: Actor, ctx: AccessContext, **values: Any) -> None:
    """Move a finding on if it still is as it was read. Raises: Refused if somebody was faster."""
    now, by = ctx.clock.now(), identity(actor)
    standing = Finding.id == row.id, Finding.state == OPEN, Finding.digest == row.digest, Finding.run_id == row.run_id
    moved = session.execute(
        update(Finding)
        .where(*standing)
        .values({"state": to, **({} if to == OPEN else {"decided_by": by, "decided_at": now}), **values})
        .returning(Finding.id),
        execution_options={"synchronize_session": False},
    ).scalar()
    if moved is None:
        session.refresh(row)
        raise _over(row, ctx)


def _write(session: Session, row: Finding, verb: str, actor: Actor, ctx: AccessContext, mended_by: str = "") -> None:
    """Write a decision down: what was decided about what, as the access review will tell it."""
    session.refresh(row)
    said: Mapping[str, Any] = {"finding": row.words, "kind": row.kind, "subject": row.subject, "digest": row.digest}
    until = {"until": row.until.isoformat()} if row.until else {}
    decided = {"owner": row.owner, "reason": row.reason, "mended_by": mended_by, **until}
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=f"finding.{verb}",
        target=finding_ref(row.id),
        outcome=verb,
        correlation_id=found(session, row.run_id).correlation_id,
        before={"state": OPEN},
        after=ctx.redactor.tree({**said, **decided}),
    )


def _over(row: Finding, ctx: AccessContext) -> Refused:
    """What became of a finding that is not open, in words."""
    by = f" by {who(row.decided_by, ctx)}" if row.decided_by else ""
    at = f" at {when(row.decided_at, ctx)}" if row.decided_at else ""
    run = f" {run_ref(row.fixed_by)} mends it." if row.fixed_by and row.state == CONFIRMED else ""
    return Refused(f"{row.name}: this finding is {row.state}{by}{at}.{run} Nothing was changed by you.")


def _may(session: Session, actor: Actor) -> None:
    if not actor.may(Role.LEAD):
        raise Refused("Only a lead decides this. Nothing was changed.")
    if actor.email and blocked(session, actor.email) is not None:
        raise Refused("Your access to Handoff was taken away. Nothing was changed.")


def _let_go(run: Run) -> None:
    """Raise Refused while nobody may go by what this reconciliation found."""
    if run.state == RunState.PROPOSED:
        stopped = run.plan.get("brake", "")
        raise Refused(f"{run_ref(run.id)} is stopped ({stopped}); two people have to let it go on first.")
    if run.state != RunState.DONE:
        words = f"{run_ref(run.id)} was stopped and is {run.state}, so nobody goes by what it found."
        raise Refused(f"{words} Reconcile again; nothing was changed.")


def _whose(subject: str, ctx: AccessContext) -> str:
    """The address of the person whose desk user this is, as Handoff knows people; else the desk's own."""
    named = (one.email for one in ctx.roster.people if (one.desk or one.email).lower() == subject)
    return next(named, subject).lower()


def _about(subject: str, actor: Actor, ctx: AccessContext) -> bool:
    return bool(actor.email) and identity(actor) in (subject, _whose(subject, ctx))


def _confirmed_by(actor: Actor, several: Sequence[Found], digest: str) -> dict[str, str]:
    """The yes to what was seen; none where it is not all to be seen yet, so that the run's own card asks for it."""
    unseen = any(step.kind == fixes.LOOK for one in several for step in one.fix)
    return {} if unseen else {APPROVED_BY: identity(actor), DIGEST: digest}


def _mended_by(session: Session, rows: Sequence[Finding], asked: Run, actor: Actor, ctx: AccessContext) -> None:
    """Join confirmed findings to the run that mends them."""
    for row in rows:
        session.execute(
            update(Finding).where(Finding.id == row.id, Finding.state == CONFIRMED).values(fixed_by=asked.id),
            execution_options={"synchronize_session": False},
        )
        _write(session, row, "confirmed", actor, ctx, mended_by=run_ref(asked.id))
    follow(session, found(session, rows[0].run_id), ctx)


def _next(two: bool, several: Sequence[Found]) -> str:
    if any(step.kind == fixes.LOOK for one in several for step in one.fix):
        return "The desk is looked at first; its card then asks for your yes."
    return "A second person has to confirm it." if two else "It is looked at once more, then carried out."


def _left_out(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f" Left out, since administrators are confirmed one by one: {', '.join(names[:10])}{more}."
