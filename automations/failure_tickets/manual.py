"""Cases that a person opens: from a message in Slack, or for what came by phone, by e-mail or in another channel.

Such a case goes through intake like an event, so it is redacted, routed, counted and audited alike; then the person's
own choices are applied. What they copy into an existing case becomes an internal note there, never a public reply.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from automations.domain import Actor, CaseStatus, Priority, case_ref, parse_case_ref
from automations.errors import Refused
from automations.failure_tickets import intake, journal, life
from automations.failure_tickets.alert import cut
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent, Reason
from automations.failure_tickets.moves import Act, Outcome, perform, refuse_closed
from automations.words import typed, when, who
from storage.models import Case


class Origin(StrEnum):
    """Where somebody heard of it; the value is the case's source."""

    SLACK = "slack"
    PHONE = "phone"
    EMAIL = "e-mail"
    OTHER = "other channel"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person fills in. Texts are as typed.

    `owner` is an e-mail address and `priority` a fixed one, None where the rules decide. `escalate_because` brings the
    case before a lead at once; `link` opens the message it came from.
    """

    summary: str
    details: str = ""
    customer: str = ""
    origin: Origin = Origin.SLACK
    owner: str | None = None
    priority: Priority | None = None
    escalate_because: str = ""
    link: str | None = None


def open_by_hand(session: Session, wish: Wish, key: str, actor: Actor, ctx: Context) -> Outcome:
    """Open a case as somebody wishes. `key` names the form that was sent: the same one opens one case.

    Raises: Refused if there is no summary, the owner is away or unknown, the actor is none of the team, or the
    automation opens nothing now. Then the caller undoes what was begun.
    """
    if not typed(wish.summary, ctx):
        raise Refused("Please say in a few words what is wrong.")
    owner = None if wish.owner is None else _available(wish.owner, ctx)
    receipt = intake.receive(session, [_event(wish, key, ctx)], ctx)[0]
    if receipt.case_id is None or receipt.status not in ("opened", "duplicate"):
        raise Refused("Handoff opens no cases right now: failure tickets are off, in shadow or paused.")
    number = parse_case_ref(receipt.case_id)
    if receipt.status == "duplicate":
        case = session.get_one(Case, number, populate_existing=True)
        return Outcome(changed=False, text=f"{receipt.case_id} was opened by this form already.", case=case)
    outcome = perform(session, number, actor, ctx, lambda case: _chosen(case, wish, owner, actor, ctx))
    if typed(wish.escalate_because, ctx):
        outcome = life.escalate(session, number, actor, wish.escalate_because, ctx)
    case = outcome.case
    return Outcome(changed=True, text=f"{receipt.case_id} is open, {_with_whom(case, actor, ctx)}.", case=case)


def add_note(session: Session, case_id: int, actor: Actor, text: str, ctx: Context) -> Outcome:
    """Copy words into a case: a line of its history and an internal note on its ticket.

    Raises: Refused without words, for a closed case, or if the actor is none of the team.
    """
    if not (words := typed(text, ctx)):
        raise Refused("There is nothing to copy. Please write what the note should say.")

    def decide(case: Case) -> Act | str:
        refuse_closed(case, ctx)
        short = "added an internal note"
        return Act("noted", {"last_act": short}, f"{short}: {words}", short, f"{case_ref(case.id)} has the note.")

    return perform(session, case_id, actor, ctx, decide)


def _available(email: str, ctx: Context) -> str:
    """The chosen owner's address. Raises Refused if they cannot take a case now."""
    person = ctx.roster.by_email(email)
    if person is None:
        raise Refused(f"{email} is not in Handoff's list of people, so they cannot own a case.")
    if person.blocked:
        raise Refused(f"{person.name} has no access to Handoff any more. Please choose somebody else.")
    if (absence := ctx.roster.away(person.email, ctx.clock.now())) is not None:
        raise Refused(f"{person.name} is away until {when(absence.end, ctx)}. Please choose somebody else.")
    return person.email.lower()


def _event(wish: Wish, key: str, ctx: Context) -> FailureEvent:
    summary, customer = cut(" ".join(wish.summary.split()), 1024), cut(wish.customer.strip(), 255)
    told: dict[str, Any] = {
        "id": key,
        "source": wish.origin.value,
        "occurred_at": ctx.clock.now(),
        "status": "failed",
        "reason": Reason.DECISION_NEEDED.value,
        "summary": summary,
        "dedup_key": key,
        "customer": {"id": customer} if customer else None,
        "details": cut(wish.details.strip(), 6 * 1024),
        "diagnostics_url": wish.link,
    }
    try:
        return FailureEvent.model_validate(told)
    except ValidationError as exc:
        field = ".".join(str(part) for part in exc.errors()[0]["loc"])
        raise Refused(f"This cannot be a case: {field}: {exc.errors()[0]['msg']}. Nothing was opened.") from exc


def _chosen(case: Case, wish: Wish, owner: str | None, actor: Actor, ctx: Context) -> Act:
    """Say who opened it, and apply what they chose. Who takes it for themselves has claimed it by that."""
    me = journal.identity(actor)
    values: dict[str, Any] = {}
    words = [f"opened this case by hand ({_heard_by(wish.origin)})"]
    if wish.priority is not None and wish.priority != case.priority:
        values |= {"priority": wish.priority.value, "priority_why": [[f"set by {actor.name}", 0]]}
        words.append(f"with priority {wish.priority}")
    if owner is not None:
        values |= {"owner": owner, "owner_why": f"chosen by {actor.name}"}
        words.append(f"for {who(owner, ctx)}")
    if owner == me:
        values |= {"status": CaseStatus.CLAIMED.value, "claimed_by": me, "claimed_at": ctx.clock.now()}
    values.setdefault("owner", case.owner)
    return Act("created", values, " ".join(words), "opened it by hand", "", mention=values["owner"])


def _heard_by(origin: Origin) -> str:
    match origin:
        case Origin.SLACK:
            return "from a message in Slack"
        case Origin.PHONE:
            return "it came by phone"
        case Origin.EMAIL:
            return "it came by e-mail"
        case Origin.OTHER:
            return "it came in another channel"


def _with_whom(case: Case, actor: Actor, ctx: Context) -> str:
    if case.claimed_by == journal.identity(actor):
        return "and it is yours"
    return f"with {who(case.owner, ctx)} ({case.owner_why}), priority {case.priority}"
