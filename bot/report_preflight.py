"""The look ahead on the working day before a report: whatever would keep it from its channel, while there is time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from automations.domain import Mode
from automations.errors import AdapterError, Refused, Rejected, Unavailable
from automations.mirror.reading import place
from automations.ports import HelpDesk
from automations.weekly_report.asking import mode
from automations.weekly_report.context import ReportContext
from automations.weekly_report.known import fitted
from automations.words import when
from bot.gateway import SlackGateway
from bot.grammar import plain
from bot.slack_channels import channel_of
from bot.slack_errors import TargetGone
from storage.engine import Database

NEEDED: Final = ("chat:write", "files:write")
"""Scopes without which a report is not posted, or has no picture."""
FRESH: Final = timedelta(days=1)

Problem = tuple[str, str]
"""What is wrong, and what to do about it."""


def look(database: Database, gateway: SlackGateway, desk: HelpDesk, ctx: ReportContext) -> tuple[Problem, ...]:
    """Everything that stands in the way. Raises: Unavailable while Slack cannot be asked."""
    return (
        *_in_slack(database, gateway, ctx),
        *_in_the_desk(desk),
        *_in_the_mirror(database, ctx),
        *_filters(database, ctx),
        *_owner(ctx),
    )


def channel_problem(gateway: SlackGateway, channel: str) -> Problem | None:
    """What keeps us from posting in a channel. Raises: Unavailable."""
    try:
        found = channel_of(gateway, channel)
    except TargetGone:
        words = f"Slack knows no channel {channel}, or it is private and Handoff is not in it."
        return words, "Correct it under [channels], or invite the bot there: /invite @Handoff."
    if found.is_archived:
        return f"The channel #{found.name} is archived.", "Unarchive it, or name another one in report.channel."
    if not found.is_member:
        return f"Handoff is not in the channel #{found.name}.", "Type /invite @Handoff there."
    return None


def missing_scopes(granted: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes that reports need and that are not granted; none where Slack did not say which are."""
    return tuple(one for one in NEEDED if granted and one not in granted)


def _in_slack(database: Database, gateway: SlackGateway, ctx: ReportContext) -> Iterator[Problem]:
    with database.read() as session:
        posted = mode(session, ctx) is Mode.AUTO
    try:
        if missing := missing_scopes(gateway.auth_test().scopes):
            words = f"Slack has not granted {' and '.join(missing)}."
            yield words, "Update the app by `handoff manifest`, and install it again."
        if posted and not ctx.channel:
            yield "There is no channel for it.", "Name one under [channels], and in report.channel."
        elif posted and (problem := channel_problem(gateway, ctx.channel)) is not None:
            yield problem
    except Unavailable:
        raise
    except Rejected as exc:
        yield f"Slack refuses us: {exc}.", "`handoff doctor` says more."


def _in_the_desk(desk: HelpDesk) -> Iterator[Problem]:
    try:
        desk.me()
    except AdapterError as exc:
        yield f"{desk.title} cannot be asked: {exc}.", "`handoff doctor` says more."


def _in_the_mirror(database: Database, ctx: ReportContext) -> Iterator[Problem]:
    with database.read() as session:
        known = place(session, ctx.desk_system)
    if known is None or known.read_at is None:
        listed = f"{known.listed:,} tickets so far" if known is not None else "not begun"
        yield (
            f"{ctx.desk_title} has not been read to its end yet ({listed}).",
            "The report waits for it. If the number does not grow, `handoff stuck list` and the bot's log say why.",
        )
    elif ctx.clock.now() - known.read_at > FRESH:
        yield (
            f"{ctx.desk_title} was last read at {when(known.read_at, ctx)}.",
            "The report waits until it can be read on. `handoff doctor` says more.",
        )


def _filters(database: Database, ctx: ReportContext) -> Iterator[Problem]:
    """Filters of the settings that no ticket fits: the report would come, and say that there is nothing."""
    try:
        with database.read() as session:
            fitted(session, ctx.filters, ctx, plain)
    except Refused as exc:
        yield str(exc).removesuffix(" Nothing was counted."), "Correct report.filters in the settings."


def _owner(ctx: ReportContext) -> Iterator[Problem]:
    person = ctx.roster.by_email(ctx.owner)
    if person is None or person.slack is None:
        yield (
            f"{ctx.roster.name(ctx.owner)}, who hears when a report fails, has no Slack user here.",
            f"handoff people link {ctx.owner} --slack U…, or name another one in report.owner.",
        )
