"""The rules that look at a ticket and the customer's newest words. Pure: what was observed in, what fires out.

What was said before the automation was switched on fires nothing; `firing` sees to that for every rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from automations.durations import in_words
from automations.escalation.found import Found, around, key_of, line
from automations.escalation.reasons import EscalationReason
from automations.escalation.rules import EscalationRules
from automations.texts.phrases import Keywords, asks_for_human

ENGLISH: Final = frozenset({"en", ""})
"""Languages whose tone is judged; the empty one is a text too short to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A ticket as the rules see it.

    `words` are the customer's newest ones, `said_at` when they came: with the ticket, or later. `exchanged` counts
    public messages; `contacts` is what `contacts_within` held, None where nobody counted.
    """

    system: str
    ticket_id: str
    created_at: datetime
    customer_id: str
    customer_name: str
    tier: str
    requester: str
    words: str
    said_at: datetime
    language: str
    tone: float
    tone_words: tuple[str, ...]
    exchanged: int
    last_public_at: datetime | None
    contacts: int | None


def look(seen: Observed, rules: EscalationRules) -> tuple[Found, ...]:
    """Everything that fires for a ticket that is not solved."""
    found = [_account(seen, rules), _exchanges(seen, rules), _contacts(seen, rules)]
    if seen.words:
        found += [*_keywords(seen, rules), _asks_human(seen, rules), _sentiment(seen, rules)]
    return tuple(one for one in found if one is not None)


def _keywords(seen: Observed, rules: EscalationRules) -> Iterator[Found]:
    """One firing for a message, however many of the words stand in it."""
    mentions = _matcher(rules.keywords).find(seen.words) if rules.keywords else ()
    if mentions:
        words = list(dict.fromkeys(one.pattern for one in mentions))
        evidence = (f"“{', '.join(words)}”", around(seen.words, mentions[0].start, mentions[0].end))
        yield _made(seen, rules, EscalationReason.KEYWORD, "keywords", {"keywords": words}, evidence, seen.said_at)


def _asks_human(seen: Observed, rules: EscalationRules) -> Found | None:
    mention = asks_for_human(seen.words) if rules.asks_human else None
    if mention is None:
        return None
    evidence = (around(seen.words, mention.start, mention.end),)
    inputs = {"words": mention.words}
    return _made(seen, rules, EscalationReason.ASKS_HUMAN, "asks_human", inputs, evidence, seen.said_at)


def _sentiment(seen: Observed, rules: EscalationRules) -> Found | None:
    bar = rules.sentiment
    if bar is None or seen.tone >= bar or seen.language not in ENGLISH:
        return None
    signs = ", ".join(seen.tone_words[:5])
    evidence = (f"tone {seen.tone:.2f}, below {bar:.2f}", *((line(f"because of: {signs}"),) if signs else ()))
    inputs = {"tone": seen.tone, "below": bar, "language": seen.language, "words": list(seen.tone_words)}
    return _made(seen, rules, EscalationReason.SENTIMENT, "sentiment", inputs, evidence, seen.said_at)


def _account(seen: Observed, rules: EscalationRules) -> Found | None:
    """A ticket of a tier or a customer that always escalates, when it comes."""
    tier = seen.tier.strip().lower()
    names = {seen.customer_id.strip().lower(), seen.customer_name.strip().lower()} - {""}
    if tier and tier in rules.tiers:
        rule, evidence = "tiers", f"tier {tier}"
    elif account := next((one for one in rules.accounts if one in names), None):
        rule, evidence = "accounts", f"account {account}"
    else:
        return None
    inputs = {"tier": tier, "customer": seen.customer_id, "name": seen.customer_name}
    key = key_of("account", seen.system, seen.ticket_id)
    at = seen.created_at
    return _made(seen, rules, EscalationReason.ACCOUNT, rule, inputs, (line(evidence),), at, key=key)


def _exchanges(seen: Observed, rules: EscalationRules) -> Found | None:
    if rules.exchanges is None or seen.exchanged <= rules.exchanges or seen.last_public_at is None:
        return None
    evidence = (f"{seen.exchanged} public messages, more than {rules.exchanges}, and not solved",)
    inputs = {"messages": seen.exchanged, "more_than": rules.exchanges}
    key = key_of("exchanges", seen.system, seen.ticket_id)
    at = seen.last_public_at
    return _made(seen, rules, EscalationReason.EXCHANGES, "exchanges", inputs, evidence, at, key=key)


def _contacts(seen: Observed, rules: EscalationRules) -> Found | None:
    """Once for a customer within the time, whichever of their tickets it is: the next ones tell nothing new."""
    if rules.contacts is None or seen.contacts is None or seen.contacts <= rules.contacts:
        return None
    within = rules.contacts_within
    evidence = (f"{seen.contacts} contacts within {in_words(within)}, more than {rules.contacts}",)
    inputs = {"contacts": seen.contacts, "more_than": rules.contacts, "within_s": within.total_seconds()}
    turn = str(int(seen.said_at.timestamp() // within.total_seconds()))
    key = key_of("contacts", seen.system, seen.requester or seen.customer_id, turn)
    return _made(seen, rules, EscalationReason.CONTACTS, "contacts", inputs, evidence, seen.said_at, key=key)


def _made(
    seen: Observed,
    rules: EscalationRules,
    reason: EscalationReason,
    rule: str,
    inputs: dict[str, Any],
    evidence: tuple[str, ...],
    due_at: datetime,
    *,
    key: str = "",
) -> Found:
    return Found(
        reason=reason,
        rule=rule,
        version=rules.version(reason),
        key=key or key_of(reason.value, seen.system, seen.ticket_id, seen.said_at.isoformat()),
        subject="ticket",
        system=seen.system,
        subject_id=seen.ticket_id,
        due_at=due_at,
        inputs={**inputs, "said_at": seen.said_at.isoformat()},
        evidence=evidence,
    )


@lru_cache(maxsize=4)
def _matcher(patterns: tuple[str, ...]) -> Keywords:
    return Keywords(patterns)
