"""An event as it may be stored: its texts redacted once, its identity kept.

The case key and the event id are taken from what was sent, before redaction: redaction must never make two failures
equal. An id or a source in which redaction finds a secret is stored as a hash, so it stays unique and is not readable.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from automations.failure_tickets.alert import Alert, cut
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.rules import Rule
from automations.redact import Redactor


class RedactedEvent(FailureEvent):
    """A failure event with redacted texts that still has the case key of the event as it was sent.

    Built without validation: a redaction mark may be longer than what it replaces.
    """

    kept_key: str

    @property
    def case_key(self) -> str:
        """The key of the event before redaction."""
        return self.kept_key


@dataclass(frozen=True, slots=True)
class Accepted:
    """One event of a request. `number` is its place there, `id` what is stored as its id, `body` its redacted JSON."""

    number: int
    id: str
    event: RedactedEvent
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Screened:
    """An event ready to be stored. `rule` is the rule that judged it, None where none needed to."""

    sent_id: str
    accepted: Accepted
    rule: Rule | None

    @property
    def name(self) -> tuple[str, str]:
        """What makes it unique: the source and the id as stored."""
        return self.accepted.event.source, self.accepted.id


def screen(events: Sequence[FailureEvent], ctx: Context) -> list[Screened]:
    """Judge and redact events: what needs no transaction and takes longest, so that it need not hold one open."""
    screened = []
    for number, sent in enumerate(events):
        event, rule = _judge(sent, ctx)
        screened.append(Screened(sent.id, accept(number, event, ctx.redactor), rule))
    return screened


def accept(number: int, event: FailureEvent, redactor: Redactor) -> Accepted:
    """Redact one event, whose reason has been judged already."""
    body: dict[str, Any] = redactor.tree(event.model_dump(mode="json", exclude_defaults=True))
    for name, sent in (("id", event.id), ("source", event.source)):
        if body[name] != sent:
            body[name] = f"sha256:{hashlib.sha256(sent.encode()).hexdigest()}"
    return Accepted(number, body["id"], _redacted(event, body), body)


def _judge(event: FailureEvent, ctx: Context) -> tuple[FailureEvent, Rule | None]:
    """Let the matching rule name an alert's reason. The rule is kept, since the event may match another afterwards."""
    if not isinstance(event, Alert) or event.status != "failed" or event.opens_a_case:
        return event, None
    rule = ctx.book.match(event)
    return rule.judged(event), rule


def _redacted(event: FailureEvent, body: dict[str, Any]) -> RedactedEvent:
    customer, attempts = event.customer, zip(event.attempts, body.get("attempts", ()), strict=True)
    job = {name: cut(text, 255) for name, text in body.get("job", {}).items()}
    return RedactedEvent.model_construct(
        id=body["id"],
        source=body["source"],
        occurred_at=event.occurred_at,
        status=event.status,
        reason=event.reason,
        summary=body["summary"],
        dedup_key=body.get("dedup_key"),
        job=event.job.model_copy(update=job),
        customer=None if customer is None else customer.model_copy(update=_customer(body["customer"])),
        attempts=tuple(attempt.model_copy(update={"outcome": told["outcome"]}) for attempt, told in attempts),
        checks=tuple(body.get("checks", ())),
        impact=event.impact,
        details=body.get("details", ""),
        diagnostics_url=body.get("diagnostics_url"),
        kept_key=event.case_key,
    )


def _customer(told: dict[str, str]) -> dict[str, str]:
    sizes = {"id": 255, "name": 1024, "tier": 64}
    return {field: cut(text, sizes[field]) for field, text in told.items()}
