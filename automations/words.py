"""Words for people that all automations share: who, when, what somebody typed; in full or in brief."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from automations.domain import HANDOFF, Actor
from automations.people import moment_in_words
from automations.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person as a card names them.

    `email` is what rows store (an e-mail address, or `handoff` for the bot itself); `name` is for reading;
    `slack` is the Slack user id, None where the roster joins none.
    """

    email: str
    name: str
    slack: str | None = None


def identity(actor: Actor) -> str:
    """How an actor is written into rows: the e-mail address in lower case, else the id."""
    return actor.email.lower() if actor.email else actor.id


def who(identity: str | None, ctx: Surroundings) -> str:
    """Name somebody as a case stores them: an e-mail address, a Slack user id, or the bot itself."""
    return HANDOFF.name if identity == HANDOFF.id else ctx.roster.name(identity)


def person(identity: str, ctx: Surroundings) -> PersonRef:
    """Join an identity to name and Slack user; an unknown Slack user id stands for itself."""
    known = ctx.roster.by_email(identity) or ctx.roster.by_slack(identity)
    slack = known.slack if known else identity if identity[:1] in "UW" and identity.isupper() else None
    return PersonRef(identity, known.name if known else who(identity, ctx), slack)


def when(at: datetime | None, ctx: Surroundings) -> str:
    """Say a moment in the team's zone: `02:15` if it is today there, else `21 Nov 02:15`."""
    if at is None:
        return "an unknown time"
    zone = ZoneInfo(ctx.zone)
    local = at.astimezone(zone)
    today = local.date() == ctx.clock.now().astimezone(zone).date()
    return f"{local:%H:%M}" if today else moment_in_words(at, zone)


def in_brief(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, showing that it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def typed(text: str, ctx: Surroundings) -> str:
    """What somebody typed, to be kept; nothing if there is nothing to read in it, such as hidden signs alone."""
    if not any(char.isprintable() and not char.isspace() for char in text):
        return ""
    return ctx.redactor.text(text.strip())
