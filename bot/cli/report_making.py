"""Making a report from the terminal: here and now from the mirror, or by the running bot, which also posts it."""

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import typer
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets.present import present
from automations.mirror.reading import Reading, forget, place, read_on
from automations.weekly_report.asking import ReportKind, ask, put
from automations.weekly_report.card import report_card
from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.context import ReportContext
from automations.weekly_report.counting import Counted, count_report
from automations.weekly_report.making import count_and_keep
from automations.weekly_report.posting import card_key
from automations.weekly_report.request import Request
from bot.cli.follow import LOOK_EVERY_S, PARTIAL
from bot.cli.options import Opened, os_user
from bot.cli.output import note, progress
from bot.desk import limits_of, open_customers, open_desk
from bot.engine import bot_running
from bot.report_parts import make_report_context
from bot.team import channel
from storage import audit, notifications

_REF = re.compile(r"(?:report[- ]?|#)?([1-9][0-9]{0,17})", re.IGNORECASE)
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9_]+")


def parse_report_ref(text: str) -> int:
    """The number of REPORT-7, #7 or 7. Raises: BadParameter."""
    if (match := _REF.fullmatch(text.strip())) is None:
        raise typer.BadParameter(f"{text!r} is no report; one looks like REPORT-7 or 7")
    return int(match[1])


def reports_of(here: Opened) -> ReportContext:
    """What every act of reports is given, with the team as it is now."""
    title = limits_of()[here.settings.desk.kind].TITLE
    context = make_report_context(here.settings, here.context, desk_title=title)
    with here.database.read() as session:
        return replace(context, roster=present(session, here.context).roster)


def card_of(here: Opened, number: int, context: ReportContext) -> ReportCard:
    """A report as it is now. Raises: NotFound."""
    with here.database.read() as session:
        return report_card(session, number, context)


def forgotten(here: Opened, context: ReportContext, *, yes: bool) -> None:
    """Forget what was read of the desk, written down. Raises: Refused without `yes` where it cannot be read again."""
    if Capability.HISTORY not in limits_of()[here.settings.desk.kind].CAPABILITIES and not yes:
        raise Refused(
            f"{context.desk_title} does not tell its past: what was seen of it until now is the only record of when "
            "tickets changed. Nothing was forgotten; add --yes to forget it all the same."
        )
    with here.database.begin() as session:
        here.typed(session, "report.mirror_rebuild", context.desk_system, os_user(), "asked")
    forget(here.database, context.desk_system)


def read(here: Opened, context: ReportContext) -> Reading:
    """Read on in the desk to its end, with a bar on the way. Raises: AdapterError; ConfigError without a credential."""
    settings, database, clock = here.settings, here.database, context.clock
    desk, customers = open_desk(settings, database, clock), open_customers(settings, database, clock)
    with progress(f"Reading {context.desk_title}") as bar:
        return read_on(
            database, desk, customers, clock=clock, redactor=context.redactor,
            on_progress=lambda listed: bar.told(f"{listed:,} tickets"),
        )  # fmt: skip


def counted(here: Opened, requests: Sequence[Request], context: ReportContext) -> list[Counted]:
    """Count each of them from what was read, and store nothing. Raises: Refused if nothing was ever read."""
    several: list[Counted] = []
    with here.database.read() as session, progress("Counting") as bar:
        refuse_unless_read(session, context)
        for request in requests:
            several.append(count_report(session, request, context))
            bar.at(len(several), len(requests))
    return several


def refuse_unless_read(session: Session, context: ReportContext) -> None:
    """Raises: Refused if the desk was never read to its end."""
    known = place(session, context.desk_system)
    if known is None or known.read_at is None:
        raise Refused(
            f"{context.desk_title} was not read to its end yet, so there is nothing to count. `handoff report mirror` "
            "reads it."
        )


def made(
    here: Opened, request: Request, context: ReportContext, *, refresh: bool, rerun_of: int | None = None
) -> ReportCard:
    """Count it here from what was read, and store it. Raises: Refused if nothing was ever read."""
    actor = Actor(os_user(), os_user())
    kind: ReportKind = "rerun" if rerun_of else "asked"
    with here.database.begin() as session:
        refuse_unless_read(session, context)
        audit.hold(session)
        row = put(session, request, actor, context, channel="", kind=kind, rerun_of=rerun_of)
        assert row is not None, "only a scheduled one can be there already"
        number = row.id
    desk = open_desk(here.settings, here.database, context.clock) if refresh else None
    with progress(f"Counting {report_ref(number)}"):
        count_and_keep(here.database, number, desk, context)
    return card_of(here, number, context)


def posted(here: Opened, request: Request, where: str, context: ReportContext, wait_s: float) -> tuple[ReportCard, int]:
    """Have the running bot make and post it, and follow it until then; the report, and the command's exit code.

    Raises: Refused where no bot is running; ConfigError for a channel that is not known.
    """
    to = where if _CHANNEL_ID.fullmatch(where) else channel(here.settings, where.removeprefix("#"), "--post")
    if not bot_running(here.database):
        raise Refused("No bot is running, so nothing can be posted. Nothing was asked for: start `handoff serve`, or "
                      "leave --post out.")  # fmt: skip
    with here.database.begin() as session:
        number = ask(session, request, Actor(os_user(), os_user()), context, channel=to, kind="asked").id
    deadline, pause = time.monotonic() + wait_s, threading.Event()
    with progress(report_ref(number)) as bar:
        while (state := _standing(here, number, context)) == "" and time.monotonic() < deadline:
            bar.told("the bot makes and posts it")
            pause.wait(LOOK_EVERY_S)
    card = card_of(here, number, context)
    if state == "posted":
        return card, 0
    note(f"{report_ref(number)}: {state}" if state else f"{report_ref(number)} is under way still.")
    return card, 1 if state else PARTIAL


def _standing(here: Opened, number: int, context: ReportContext) -> str:
    """`posted`, or why it will not be; empty while it is under way."""
    with here.database.read() as session:
        card = report_card(session, number, context, with_before=False)
        message = notifications.get(session, card_key(number))
        if card.state == "failed":
            return card.error
        if message is None:
            return ""
        if message.state == "stuck":
            return message.error or "Slack did not take it"
        return "posted" if message.delivered_version >= message.version else ""
