"""Words about what was done in the desk: who did it, what of Slack did not hold, and what was written there."""

from sqlalchemy.orm import Session

from automations.domain import Actor, case_ref
from automations.failure_tickets.context import Context
from automations.failure_tickets.mirror_plan import Author
from automations.failure_tickets.wanted import colleague
from automations.words import in_brief, who
from storage import audit
from storage.models import Case

QUOTED = 300
"""How much of a colleague's note is shown in the thread, in characters."""

LOOK_BACK = 50
"""How many audit entries are looked through for who changed something in Slack."""


def actor_of(by: Author, ctx: Context) -> Actor:
    """Who did something in the desk: one of the team under their own address, anybody else by the desk's name."""
    person = colleague(by.email, ctx) if by.email and not by.customer else None
    if person is not None:
        return Actor(person.slack or person.email, person.name, person.email)
    name = in_brief(ctx.redactor.text(" ".join(by.name.split())), 80)
    if by.customer:
        said = f"{name} (customer)" if name and name != "the customer" else "The customer"
    else:
        said = f"{name} (desk)" if name else "Somebody"
    return Actor(said, said)


def did_not_hold(session: Session, case: Case, column: str, ctx: Context, conflict: bool) -> str:
    """Say whose change in Slack the desk's comes over, reading on from what was done there; nothing if nobody's."""
    if not conflict:
        return ""
    value = str(getattr(case, column)).replace("_", " ")
    wanted = who(value, ctx) if column == "owner" else value
    for entry in reversed(audit.entries(session, target=case_ref(case.id), limit=LOOK_BACK)):
        if entry.outcome == "done" and column in (entry.after or {}) and not entry.action.startswith("case.desk_"):
            return f"; {_whose(who(entry.actor, ctx))} change to {wanted} in Slack did not hold"
    return f"; the change to {wanted} in Slack did not hold"


def quoted(text: str, ctx: Context) -> str:
    """What somebody wrote in the desk, redacted, on one line and cut."""
    return f"“{in_brief(' '.join(ctx.redactor.text(text).split()), QUOTED)}”"


def _whose(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"
