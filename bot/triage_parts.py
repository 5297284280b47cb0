"""What every act of triage is given, made from the settings."""

from automations.domain import Mode
from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from automations.triage.context import TriageContext
from automations.triage.rules import TriageRules
from bot.settings import Settings
from bot.team import channel


def make_triage_context(settings: Settings, context: Context, *, desk_title: str) -> TriageContext:
    """What every act of triage is given; without [triage] in the settings its defaults, by which nothing is decided.

    Raises: ConfigError if [triage] names a channel or a person that is not there, or has no intent to decide for.
    """
    section = settings.triage
    owner = section.owner or settings.failure_tickets.default_owner
    if section.owner is not None and context.roster.by_email(owner) is None:
        raise ConfigError(f"triage.owner: nobody under [[people]] has the address {owner}.")
    if section.mode is not Mode.OFF and not section.intents:
        raise ConfigError("triage: there are no [[triage.intents]], so nothing could be decided. Name at least one.")
    wanted = section.mode is not Mode.OFF or section.channel in settings.channels
    return TriageContext(
        roster=context.roster,
        zone=context.zone,
        jobs=context.jobs,
        clock=context.clock,
        redactor=context.redactor,
        mode=section.mode,
        channel=channel(settings, section.channel, "triage.channel") if wanted else "",
        owner=owner,
        hours=context.hours,
        rules=TriageRules(**{name: getattr(section, name) for name in TriageRules.model_fields}),
        keep_texts=section.keep_texts,
        desk_system=context.desk_system,
        desk_title=desk_title,
    )
