"""What every act of the queue report is given, made from the settings."""

from automations.domain import Mode
from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from automations.weekly_report.context import ReportContext
from automations.weekly_report.request import FILTER_KEYS, Filters
from bot.settings import Settings
from bot.team import channel


def make_report_context(settings: Settings, context: Context, *, desk_title: str) -> ReportContext:
    """What every act of reports is given; without [report] in the settings its defaults, by which nothing is posted.

    Raises: ConfigError if [report] names a channel or a person that is not there.
    """
    section = settings.report
    owner = section.owner or settings.failure_tickets.default_owner
    if context.roster.by_email(owner) is None and section.mode is not Mode.OFF:
        raise ConfigError(f"report.owner: nobody under [[people]] has the address {owner}.")
    wanted = section.mode is not Mode.OFF or section.channel in settings.channels
    return ReportContext(
        roster=context.roster,
        zone=context.zone,
        jobs=context.jobs,
        clock=context.clock,
        redactor=context.redactor,
        mode=section.mode,
        channel=channel(settings, section.channel, "report.channel") if wanted else "",
        owner=owner,
        weekday=section.weekday,
        at=section.time,
        grace=section.grace,
        hours=context.hours,
        filters=_filters(settings),
        open_until=section.open_until,
        per_person=section.per_person,
        compare_most=section.compare_most,
        desk_system=context.desk_system,
        desk_title=desk_title,
    )


def _filters(settings: Settings) -> Filters:
    given = settings.report.filters
    chosen = (
        (key, tuple(sorted({value.strip().lower() for value in given[key]}))) for key in FILTER_KEYS if key in given
    )
    return Filters(tuple((key, values) for key, values in chosen if values))
