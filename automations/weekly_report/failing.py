"""A report that could not be made or posted: its owner is told why, and Retry takes it up where it stopped.

What stands in the failure queue for it and the button on its message are two doors to the same: whoever comes first
settles both.
"""

from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, Role
from automations.errors import Refused
from automations.posting import DELIVER
from automations.weekly_report.asking import MAKE, enqueue, found, write_down
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.context import ReportContext
from automations.weekly_report.posting import CARD, card_key, follow, post, tell_owner
from automations.words import identity, in_brief, when, who
from storage import audit, notifications, stuck
from storage.models import Notification, Report, StuckItem

LONGEST_REASON: Final = 1_000


def fail(session: Session, report_id: int, why: str, ctx: ReportContext) -> None:
    """The report was given up, for this reason; nothing if it does not wait to be made."""
    audit.hold(session)
    why = in_brief(ctx.redactor.text(why), LONGEST_REASON)
    report = move(session, report_id, "asked", "failed", error=why)
    if report is None:
        return
    after = {"state": "failed", "why": why, "not_posted": report.channel}
    write_down(session, report, HANDOFF, "report.failed", "failed", ctx, before={"state": "asked"}, after=after)
    tell_owner(session, report, {"what": "make", "why": why, "place": report.channel}, ctx)


def not_posted(session: Session, key: str, why: str, ctx: ReportContext) -> None:
    """Slack has refused the message `key` for good. If it is a report, its owner is told; nothing otherwise.

    Nor if Slack shows it already, and only a newer state of it (its picture) did not come: the failure queue has that.
    """
    row = notifications.get(session, key)
    if row is None or row.kind != CARD or row.ts is not None:
        return
    report, why = found(session, int(row.data["report_id"])), in_brief(ctx.redactor.text(why), LONGEST_REASON)
    after = {"channel": row.channel, "why": why}
    write_down(session, report, HANDOFF, "report.not_posted", "failed", ctx, after=after)
    if _is_theirs(report, ctx):
        return  # it is the owner whom Slack does not take messages for; the failure queue has it
    tell_owner(session, report, {"what": "post", "why": why, "place": report.channel}, ctx)


def retry(session: Session, report_id: int, actor: Actor, ctx: ReportContext) -> Report:
    """Have it made again, or posted again if only that failed. What waits for it in the failure queue is settled.

    Raises: NotFound; Refused if it is somebody else's and the actor is no lead, nothing of it has failed, or it is for
    everybody and there is no channel for it.
    """
    audit.hold(session)
    report = found(session, report_id)
    if not (actor.id.startswith("os:") or identity(actor) == report.owner or actor.may(Role.LEAD)):
        name = who(report.owner, ctx)
        raise Refused(f"{report_ref(report_id)} is {name}'s. {name} or a lead can retry it. Nothing was changed.")
    why, channel = report.error, _channel_now(report, ctx)
    if report.kind == "weekly" and not channel:
        raise Refused(
            f"There is no channel for {report_ref(report_id)}. An admin names one under [channels] in the settings, "
            "and in report.channel. Nothing was changed."
        )
    again = move(session, report_id, "failed", "asked", error="", channel=channel)
    if again is not None:
        before = {"state": "failed", "why": why}
        seq = write_down(session, again, actor, "report.retry", "asked", ctx, before=before, after={"state": "asked"})
        _settle(session, MAKE, {"report_id": report_id}, actor, ctx)
        enqueue(session, again, f"{report_id}/{seq}", ctx)
        follow(session, report_id, ctx)
        return again
    shown = notifications.get(session, card_key(report_id))
    if report.state != "made" or shown is None or shown.state != "stuck":
        raise Refused(_as_it_is(report, shown, ctx))
    report.channel = channel
    was = {"message": "stuck", "why": shown.error}
    write_down(session, report, actor, "report.retry", "asked", ctx, before=was, after={"message": "pending"})
    _settle(session, DELIVER, {"key": shown.key}, actor, ctx)
    post(session, report, ctx)
    follow(session, report_id, ctx)
    return found(session, report_id)


def take_up(session: Session, report_id: int, ctx: ReportContext) -> None:
    """Somebody had the failed job tried again from the failure queue: that is a Retry of the report."""
    audit.hold(session)
    if stuck.last_state(session, job=MAKE, args={"report_id": report_id}) != "retried":
        return
    channel = _channel_now(found(session, report_id), ctx)
    again = move(session, report_id, "failed", "asked", error="", channel=channel)
    if again is not None:
        before = {"state": "failed"}
        write_down(session, again, HANDOFF, "report.retry", "asked", ctx, before=before, after={"state": "asked"})
        follow(session, report_id, ctx)


def move(session: Session, report_id: int, before: str, after: str, **values: Any) -> Report | None:
    """Bring a report from one state to another. None if it is in a third, and so nothing was changed."""
    moved = (
        update(Report)
        .where(Report.id == report_id, Report.state == before)
        .values(state=after, **values)
        .returning(Report)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.scalars(moved).one_or_none()


def _channel_now(report: Report, ctx: ReportContext) -> str:
    """Where it belongs by now: the settings may have been mended since it failed."""
    return (ctx.channel or report.channel) if report.kind == "weekly" else report.channel


def _is_theirs(report: Report, ctx: ReportContext) -> bool:
    person = ctx.roster.by_email(report.owner)
    return person is not None and person.slack == report.channel


def _settle(session: Session, job: str, args: dict[str, Any], actor: Actor, ctx: ReportContext) -> None:
    """Take its work out of the failure queue: somebody tries it again from the message."""
    now = ctx.clock.now()
    for item in stuck.retried_work(session, job=job, args=args, by=identity(actor), at=now):
        _write_down(session, item, actor, ctx)


def _write_down(session: Session, item: StuckItem, actor: Actor, ctx: ReportContext) -> None:
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action="stuck.retry",
        target=item.target,
        outcome="retried",
        correlation_id=f"stuck-{item.id}",
        before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
        after={"state": item.state},
    )


def _as_it_is(report: Report, shown: Notification | None, ctx: ReportContext) -> str:
    ref = report_ref(report.id)
    if report.state == "asked":
        return f"{ref} is being made. Nothing was changed."
    if shown is None:
        return f"{ref} was made at {when(report.made_at, ctx)} and is for nobody's channel. Nothing was changed."
    if shown.state == "delivered":
        return f"{ref} was made at {when(report.made_at, ctx)} and is posted. Nothing was changed."
    return f"{ref} was made at {when(report.made_at, ctx)} and is on its way to Slack. Nothing was changed."
