"""What every act of escalation is given, made from the settings."""

from dataclasses import replace

from automations.desks import Capability
from automations.domain import Mode
from automations.duty import Group, Rotation
from automations.errors import ConfigError
from automations.escalation.context import EscalationContext
from automations.escalation.rules import EscalationRules
from automations.failure_tickets.context import Context
from automations.sla.policy import SlaPolicy
from bot.settings import Settings
from bot.team import channel


def make_escalation_context(settings: Settings, context: Context, *, desk_title: str) -> EscalationContext:
    """What every act of escalation is given; without [escalation] in the settings its defaults, by which none happens.

    Raises: ConfigError if it names a channel, a person, a rotation or a group that is not there.
    """
    section = settings.escalation
    for key in ("owner", "lead", "manager"):
        email = getattr(section, key)
        if email is not None and context.roster.by_email(email) is None:
            raise ConfigError(f"escalation.{key}: nobody under [[people]] has the address {email}.")
    if twice := _twice([one.name for one in settings.sla]):
        raise ConfigError(f"sla: the name {twice!r} is used twice. Each target needs a name of its own.")
    wanted = section.mode is not Mode.OFF or section.channel in settings.channels
    return EscalationContext(
        roster=context.roster,
        zone=context.zone,
        jobs=context.jobs,
        clock=context.clock,
        redactor=context.redactor,
        mode=section.mode,
        channel=channel(settings, section.channel, "escalation.channel") if wanted else "",
        owner=section.owner or context.book.default_owner,
        lead=section.lead or context.book.lead,
        manager=section.manager or "",
        duty=_duty(context, section.duty, "escalation.duty") if section.duty else None,
        queues={queue: _duty(context, name, f"escalation.queues.{queue}") for queue, name in section.queues.items()},
        hours=context.hours,
        rules=EscalationRules(**{name: getattr(section, name) for name in EscalationRules.model_fields}),
        policy=SlaPolicy(targets=settings.sla, warn_at=section.warn_at),
        customer_note=section.customer_note,
        desk_system=context.desk_system,
        desk_title=desk_title,
        can_reply=Capability.REPLIES in context.desk_can,
        case_url=context.case_url,
    )


def as_of(ctx: EscalationContext, now: Context) -> EscalationContext:
    """The same with the team, and whoever stands in for somebody, as `now` has them."""

    def standing_in(duty: Rotation | Group) -> Rotation | Group:
        return now.book.rotation(duty.name) or now.book.group(duty.name) or duty

    queues = {queue: standing_in(duty) for queue, duty in ctx.queues.items()}
    return replace(ctx, roster=now.roster, duty=ctx.duty and standing_in(ctx.duty), queues=queues)


def _duty(context: Context, name: str, key: str) -> Rotation | Group:
    found = context.book.rotation(name) or context.book.group(name)
    if found is None:
        names = [one.name for one in context.book.rotations] + [one.name for one in context.book.groups]
        known = ", ".join(sorted(names)) or "none yet"
        raise ConfigError(f"{key}: there is no rotation or group {name!r}. Known: {known}.")
    return found


def _twice(names: list[str]) -> str:
    return next((name for name in names if names.count(name) > 1), "")
