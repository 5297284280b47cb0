"""History replayed: each rule once, at the moment it would have fired, by what was known then."""

from datetime import UTC, datetime, timedelta
from typing import Any

from automations.escalation.reasons import EscalationReason
from automations.escalation.replaying import PastTicket, WouldFire, replay
from automations.escalation.rules import EscalationRules
from automations.sla.life import Life, Said, Stood
from automations.sla.policy import SlaPolicy, SlaTarget

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = EscalationRules(keywords=("cancel",), sentiment=-0.5, contacts=2, tiers=("enterprise",), exchanges=3)
POLICY = SlaPolicy(targets=(SlaTarget(name="all", first_reply=timedelta(hours=4)),))


def past(number: int, *said: Said, words: dict[datetime, str] | None = None, **changes: Any) -> PastTicket:
    """A customer's ticket that came `number` days after the first one."""
    begin = START + timedelta(days=number)
    stood = (Stood(begin, "open", "normal", "Support"), *changes.pop("later", ()))
    life = Life("customer", changes.pop("tier", ""), stood, said)
    told = {
        "system": "builtin", "ticket_id": str(number), "title": f"Ticket {number}", "customer_id": "", "requester": "",
        "customer_name": "", "life": life, "words": words or {},
    }  # fmt: skip
    return PastTicket(**{**told, **changes})


def played(*tickets: PastTicket, policy: SlaPolicy = POLICY) -> list[tuple[datetime, str, str]]:
    fired: tuple[WouldFire, ...] = replay(tickets, RULES, policy, None)
    return [(one.at, one.ticket_id, one.reason.value) for one in fired]


def test_a_clock_warns_and_is_breached_unless_somebody_answers() -> None:
    assert played(past(0)) == [
        (START + 3 * HOUR, "0", EscalationReason.SLA_WARNING),
        (START + 4 * HOUR, "0", EscalationReason.SLA_BREACH),
    ]
    assert played(past(0, Said(START + 2 * HOUR, "agent"))) == []


def test_words_fire_when_they_were_said_and_once() -> None:
    first, second = START + HOUR, START + 2 * HOUR
    words = {START: "How do I export?", first: "Please cancel my plan.", second: "Thanks for looking."}
    ticket = past(0, Said(START, "customer"), Said(first, "customer"), Said(second, "customer"), words=words)
    assert played(ticket, policy=SlaPolicy()) == [(first, "0", EscalationReason.KEYWORD)]


def test_what_is_said_on_a_solved_ticket_fires_nothing() -> None:
    solved, after = Stood(START + HOUR, "solved", "normal", "Support"), START + 2 * HOUR
    ticket = past(0, Said(after, "customer"), words={after: "cancel it"}, later=(solved,))
    assert played(ticket, policy=SlaPolicy()) == []
    again = Stood(after, "open", "normal", "Support")
    reopened = past(0, Said(after, "customer"), words={after: "cancel it"}, later=(solved, again))
    assert played(reopened, policy=SlaPolicy()) == [(after, "0", EscalationReason.KEYWORD)]


def test_accounts_exchanges_and_contacts_are_counted_as_of_then() -> None:
    assert played(past(0, tier="enterprise"), policy=SlaPolicy()) == [(START, "0", EscalationReason.ACCOUNT)]
    talk = [Said(START + n * HOUR, "customer" if n % 2 == 0 else "agent") for n in range(5)]
    assert played(past(0, *talk), policy=SlaPolicy()) == [(START + 3 * HOUR, "0", EscalationReason.EXCHANGES)]
    lives = [Life("customer", "", (Stood(START + number * HOUR, "open", "", ""),)) for number in range(3)]
    busy = [past(number, requester="jo@example.com", life=life) for number, life in enumerate(lives)]
    assert played(*busy, policy=SlaPolicy()) == [(START + 2 * HOUR, "2", EscalationReason.CONTACTS)]
    assert played(*reversed(busy), policy=SlaPolicy()) == played(*busy, policy=SlaPolicy())
