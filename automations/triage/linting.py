"""Naming rules that do nothing, or too much: one without effect, one in another's shadow, one that swallows the rest.

The same over the tickets of the last 30 days and over a list of examples.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from automations.triage.context import TriageContext
from automations.triage.inputs import Inputs
from automations.triage.judging import look
from automations.triage.observing import inputs_of
from automations.triage.rules import TriageRules
from storage.models import MirrorTicket, TicketText, TriageDecision

LOOK_BACK: Final = timedelta(days=30)
MOST: Final = 2_000
"""Tickets that are looked at, the newest ones: enough to know a rule by, and quick."""
FEWEST: Final = 10
"""Tickets below which a share says nothing."""


def lint(examples: Iterable[Inputs], rules: TriageRules, where: str) -> tuple[str, ...]:
    """A sentence for each rule that somebody should look at. `where` is what the examples are, as in "of the file"."""
    seen, matched, decided = 0, Counter[str](), Counter[str]()
    shadowed: dict[str, Counter[str]] = {rule.name: Counter() for rule in rules.rules}
    for one in examples:
        seen += 1
        hits = [rule.name for rule in rules.rules if look(rule, one).matched]
        matched.update(hits)
        decided.update(hits[:1])
        for name in hits[1:]:
            shadowed[name][hits[0]] += 1
    if not seen:
        return ()
    found = (_words(rule.name, seen, matched, decided, shadowed[rule.name], rules, where) for rule in rules.rules)
    return tuple(filter(None, found))


def recent(session: Session, ctx: TriageContext, *, fewest: int = 1) -> tuple[str, ...]:
    """The same over the tickets of the last 30 days whose words are kept, by the rules of now.

    Nothing if there are fewer than `fewest` of them.
    """
    mine = and_(TicketText.system == MirrorTicket.system, TicketText.ticket_id == MirrorTicket.ticket_id)
    since = MirrorTicket.system == ctx.desk_system, MirrorTicket.created_at > ctx.clock.now() - LOOK_BACK
    customers = MirrorTicket.opened_by == "customer", TicketText.customer_messages > 0
    newest = (
        select(MirrorTicket, TicketText)
        .join(TicketText, mine)
        .where(*since, *customers)
        .order_by(MirrorTicket.created_at.desc(), MirrorTicket.id.desc())
        .limit(MOST)
    )
    tickets = session.execute(newest).all()
    if len(tickets) < fewest:
        return ()
    counted = _contacts(session, ctx)
    examples = [inputs_of(ticket, words, counted.get(ticket.ticket_id, 1)) for ticket, words in tickets]
    return lint(examples, ctx.rules, "of the last 30 days")


def _contacts(session: Session, ctx: TriageContext) -> dict[str, int]:
    """How many contacts there were when a ticket was decided: they cannot be counted again later."""
    since = TriageDecision.system == ctx.desk_system, TriageDecision.decided_at > ctx.clock.now() - LOOK_BACK
    rows = session.execute(select(TriageDecision.ticket_id, TriageDecision.inputs).where(*since))
    return {row.ticket_id: int(row.inputs.get("contacts", 1)) for row in rows.all()}


def _words(
    name: str,
    seen: int,
    matched: Counter[str],
    decided: Counter[str],
    before: Counter[str],
    rules: TriageRules,
    where: str,
) -> str:
    """What is odd about one rule, empty if nothing is."""
    tickets = f"{seen} {'ticket' if seen == 1 else 'tickets'} {where}"
    if not matched[name]:
        return f"The rule {name} had no effect: it matched none of {tickets}."
    if not decided[name]:
        by = ", ".join(f"{other} ({count})" for other, count in before.most_common(3))
        times = "once" if matched[name] == 1 else f"{matched[name]} times"
        return f"The rule {name} had no effect on {tickets}: it matched {times}, each time after an earlier rule: {by}."
    share = decided[name] / seen
    if seen >= FEWEST and share > rules.swallow_share:
        words = f"more than the {rules.swallow_share:.0%} that one rule may"
        return f"The rule {name} decided {share:.0%} of {tickets}, {words}."
    return ""
