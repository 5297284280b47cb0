"""`/support-report` and its form: a period, filters and a place become a report that is asked for.

Nothing is counted here: a command answers at once, in private, and the report follows. A bare command opens the form;
words that cannot be read are answered with what is known.
"""

import re
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from automations.domain import Role
from automations.errors import Refused
from automations.weekly_report.asking import ReportKind, ask
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.ending import open_until
from automations.weekly_report.known import fitted
from automations.weekly_report.period import parse_period, period_words
from automations.weekly_report.request import Filters, OpenUntil, Period, Request
from bot.grammar import UsageError, plain
from bot.grammar_access import asks_for_help
from bot.grammar_duty import MENTION
from bot.grammar_report import Place, Typed, filters_written, parse_filters, parse_report, with_defaults
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views import Modal
from bot.views.lists import notice, sentence
from bot.views.report_form import DAYS, report_form, report_usage
from bot.wire_report import FIELD_FILTERS, FIELD_FROM, FIELD_PLACE, FIELD_SPAN, FIELD_TO_DAY, ReportForm

COMMAND = "report"
USUAL = "last-week"
"""The period where none is named."""


def route_command(interaction: Interaction, deps: Deps) -> Route:
    """`/support-report …`. It is read before the transaction, since the mirror is asked for what a filter names."""
    text = deps.ctx.redactor.text(_by_address(interaction.value, deps))
    row = f"command {COMMAND}"
    if asks_for_help(text):
        return Route(row, _usage, target=COMMAND)
    try:
        if (typed := parse_report(text)) is None:
            return Route(row, open_form, target=COMMAND)
        request = request_of(typed, deps)
    except (UsageError, Refused) as exc:
        return Route(row, partial(_usage, problem=str(exc)), target=COMMAND)
    return Route(row, partial(send_command, request=request, place=typed.place), target=COMMAND)


def route_form(interaction: Interaction, deps: Deps) -> Route:
    """The form that was sent."""
    row, fields = f"form {ReportForm.ASK}", interaction.fields
    field, text = _span(interaction)
    if not text:
        why = "Please choose this day, or another period above."
        return Route(row, partial(_mistaken, field=field, why=why), target=COMMAND)
    try:
        period = _period(text, deps)
    except UsageError as exc:
        return Route(row, partial(_mistaken, field=field, why=str(exc)), target=COMMAND)
    try:
        chosen = parse_filters([deps.ctx.redactor.text(_by_address(fields.get(FIELD_FILTERS, ""), deps))])
        filters = _fitted(with_defaults(Filters(), chosen), deps)
    except (UsageError, Refused) as exc:
        return Route(row, partial(_mistaken, field=FIELD_FILTERS, why=str(exc)), target=COMMAND)
    place = fields.get(FIELD_PLACE, "")
    if place not in {Place.CHANNEL.value, Place.ME.value}:
        return Route(row, partial(_mistaken, field=FIELD_PLACE, why="Please choose who gets it."), target=COMMAND)
    request = Request(period, filters, _ends(deps))
    return Route(row, partial(send_form, request=request, place=Place(place)), target=COMMAND)


def request_of(typed: Typed, deps: Deps) -> Request:
    """What was typed, as a request; the settings' filters hold for the keys of which nothing was said.

    Raises: UsageError, or Refused for a filter that no ticket fits.
    """
    period = _period(typed.period or USUAL, deps)
    filters = _fitted(with_defaults(deps.report.filters, typed.chosen), deps)
    return Request(period, filters, _ends(deps))


def open_form(_session: Session, turn: Turn) -> Answer:
    """Open the form, with the settings' filters in it."""
    return Answer("opened the form of reports", modal=form_for(turn, turn.deps.report.filters, USUAL))


def send_command(session: Session, turn: Turn, *, request: Request, place: Place | None) -> Answer:
    """Ask for the report that was typed."""
    said = ask_for(session, turn, request, place or _usual_place(turn), here=turn.interaction.channel)
    return Answer(said, message=sentence(said))


def send_form(session: Session, turn: Turn, *, request: Request, place: Place) -> Answer:
    """Ask for the report that the form was filled in for."""
    said = ask_for(session, turn, request, place)
    return Answer(said, instead=notice(sentence(said)))


def ask_for(
    session: Session,
    turn: Turn,
    request: Request,
    place: Place,
    *,
    here: str = "",
    kind: ReportKind = "asked",
    rerun_of: int | None = None,
) -> str:
    """Ask for a report and say where it comes to. Raises: Refused for a place that is not for this person."""
    ctx, me = turn.deps.report, turn.actor.id
    channel = {Place.ME: me, Place.HERE: here, Place.CHANNEL: ctx.channel}[place]
    if not channel:
        raise Refused(
            "There is no channel for reports yet. An admin names one under [channels] in the settings, and in "
            "report.channel. Ask for the report for yourself with “me”. Nothing was asked for."
        )
    if channel.startswith("D"):  # a private talk with the bot is this person's own
        channel = me
    asked = ask(session, request, turn.actor, ctx, channel=channel, kind=kind, rerun_of=rerun_of)
    where = {me: "to you alone", ctx.channel: f"to #{turn.deps.report_place}"}.get(channel, "here")
    return f"{report_ref(asked.id)}, {period_words(request.period)}, is being made; it comes {where}."


def form_for(turn: Turn, filters: Filters, span: str, days: tuple[date, date] | None = None) -> Modal:
    """The form as this person may send it, with these filters and this period in it."""
    may_post = turn.actor.may(Role.LEAD) and bool(turn.deps.report.channel)
    place, typed = f"#{turn.deps.report_place}", filters_written(filters)
    return report_form(place, may_post=may_post, span=span, days=days, filters=typed)


def _usage(_session: Session, turn: Turn, *, problem: str = "") -> Answer:
    outcome = f"not understood: {problem}" if problem else f"showed how {COMMAND} is used"
    return Answer(outcome, message=report_usage(turn.deps.look, problem=problem))


def _mistaken(_session: Session, _turn: Turn, *, field: str, why: str) -> Answer:
    return Answer(f"refused: {why}", errors={field: why[:300]})


def _usual_place(turn: Turn) -> Place:
    return Place.CHANNEL if turn.actor.may(Role.LEAD) and turn.deps.report.channel else Place.ME


def _period(text: str, deps: Deps) -> Period:
    try:
        return parse_period(text, deps.report.clock.now(), deps.report.zone)
    except ValueError as exc:
        raise UsageError(str(exc)) from exc


def _fitted(filters: Filters, deps: Deps) -> Filters:
    with deps.database.read() as session:
        return fitted(session, filters, deps.report, plain)


def _ends(deps: Deps) -> OpenUntil:
    with deps.database.read() as session:
        return open_until(session, deps.report)


def _by_address(text: str, deps: Deps) -> str:
    """Put the desk's agent, by address, in the place of each colleague who is mentioned."""

    def address(match: re.Match[str]) -> str:
        person = deps.ctx.roster.by_slack(match[1])
        return (person.desk or person.email) if person else match[0]

    return MENTION.sub(address, text)


def _span(interaction: Interaction) -> tuple[str, str]:
    """The field to blame if the form's period cannot be read, and the period as it can be typed, empty for no days."""
    fields = interaction.fields
    span, first, last = (fields.get(name, "") for name in (FIELD_SPAN, FIELD_FROM, FIELD_TO_DAY))
    if span != DAYS:
        return FIELD_SPAN, span
    return FIELD_TO_DAY if first else FIELD_FROM, f"{first}..{last}" if first and last else ""
