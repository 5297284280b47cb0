"""The living message of a case: one look tells what failed, whose it is and what is still missing.

Amber stays until the desk was read back; only then the ticket line, and a closed case's headline, turn green. A closed
case is short. The owner is mentioned in the first post and nowhere else, and not even there after having claimed the
case before Slack had it, or where `calls` decided otherwise; afterwards the card shows the name.
"""

from automations.domain import CaseStatus, case_ref
from automations.failure_tickets.card_types import CaseCard
from automations.words import PersonRef
from bot.views import Block, Message
from bot.views.blocks import (
    Part,
    bullets,
    context,
    header,
    label,
    link,
    message,
    new_line,
    ping,
    quote,
    rich,
    section,
    words,
)
from bot.views.case_acts import acts
from bot.views.texts import Look, clock, esc, moment, moment_mrkdwn, one_line, reason_words, times
from bot.views.ticket import is_verified, ticket_parts, unverified_words

LINES_SHOWN = 3
"""How many attempts and checks an open card lists, so that it fits a phone; the newest, since the ticket has all."""


def case_message(card: CaseCard, look: Look, *, first_post: bool) -> Message:
    """Render the living message. `first_post` is True until Slack has it; only then the owner is mentioned."""
    first_post = first_post and card.call_owner and card.claimed_by is None
    body = _closed(card, look) if card.status.closed else _open(card, look, first_post=first_post)
    return message(
        fallback(card, first_post=first_post),
        header(headline(card, look)),
        *body,
        _last(card, look),
        acts(card),
    )


def headline(card: CaseCard, look: Look) -> str:
    """Say priority and state in words; a closed case is green only when the desk was read back."""
    ref = case_ref(card.id)
    if card.status.closed:
        done = _STATE_WORDS[card.status]
        if card.hold_until is not None:
            return f"🟠 {done} · the desk follows at {clock(card.hold_until, look)} · {ref}"
        sign = "✅" if is_verified(card.ticket) else "🟠"
        return f"{sign} {done}{unverified_words(card.ticket)} · {ref}"
    parts = [card.priority.capitalize(), ref]
    if card.claimed_by is not None:
        parts.append(f"claimed by {one_line(card.claimed_by.name, 60)}")
    elif card.escalated_at is not None:
        parts.append("escalated")
    if card.flaps:
        parts.append("flapping")
    if card.stale:
        parts.append("stale")
    if card.snoozed_until is not None:
        parts.append("snoozed")
    return " · ".join(parts)


def fallback(card: CaseCard, *, first_post: bool) -> str:
    """Write the line a phone shows: priority, what failed, for whom, who has it; of a closed case, how it ended."""
    what = esc(card.summary, 200)
    if card.status.closed:
        by = f" by {esc(card.closed_by.name, 80)}" if card.closed_by else ""
        how = f"{_CLOSED_WORDS[card.status]}{by}{unverified_words(card.ticket)}"
        return f"{how}: {what} ({case_ref(card.id)})"
    whom = f", {esc(card.customer.name or card.customer.id, 80)}" if card.customer else ""
    owner = f"<@{card.owner.slack}>" if first_post and card.owner.slack else esc(card.owner.name, 80)
    return f"{card.priority.capitalize()}: {what} ({case_ref(card.id)}{whom}). Owner: {owner}"


def customer_words(card: CaseCard) -> str:
    """Name the customer with id and tier: as they are kept, with their age, else as far as the sender told."""
    if (customer := card.customer) is None:
        return "none named"
    tier = "" if card.standing else customer.tier
    known = ", ".join(filter(None, (customer.id if customer.name else "", tier)))
    name = one_line(customer.name or customer.id, 150)
    named = f"{name} ({one_line(known, 150)})" if known else name
    return f"{named}: {one_line(card.standing, 300)}" if card.standing else named


def what_failed(card: CaseCard) -> str:
    """Name source, job and run, and why this crossed the threshold."""
    job = f" · {one_line(card.job_name, 150)}" if card.job_name else ""
    run = f" ({one_line(card.job_id, 100)})" if card.job_id else ""
    return f"{one_line(card.source, 100)}{job}{run}: {reason_words(card.reason)}"


def who(person: PersonRef, *, mention: bool = False, bold: bool = False) -> Part:
    """Show a person: a mention if asked for and the Slack user is known, else the name."""
    return ping(person.slack) if mention and person.slack else words(person.name, bold=bold, limit=80)


_STATE_WORDS = {CaseStatus.RESOLVED: "Resolved", CaseStatus.NOT_NEEDED: "Not needed"}
_CLOSED_WORDS = {CaseStatus.RESOLVED: "Resolved", CaseStatus.NOT_NEEDED: "Marked as not needed"}


def _open(card: CaseCard, look: Look, *, first_post: bool) -> list[Block]:
    """Put what decides first: what failed, whose it is, its state, where it is seen; then why, and what was tried."""
    decides = section(*_ownership(card, look, first_post=first_post), new_line(), *_ticket(card, look))
    facts = section(
        label("Customer"), words(customer_words(card)), new_line(),
        label("Failed"), words(what_failed(card)), new_line(),
        label("Seen"), *_seen(card, look), new_line(),
        label("Priority"), words(_priority_words(card), limit=400),
        *_links(card),
    )  # fmt: skip
    tried: list[Block] = []
    if card.attempts:
        shown = card.attempts[-LINES_SHOWN:]
        tried += [section(label(_title("Attempts", "last", len(shown), len(card.attempts))))]
        tried += [bullets([[moment(one.at, look), words(": "), words(one.outcome, limit=200)] for one in shown])]
    if card.checks:
        checks = card.checks[:LINES_SHOWN]
        tried += [section(label(_title("Checked already", "first", len(checks), len(card.checks))))]
        tried += [bullets([[words(check, limit=200)] for check in checks])]
    return [rich(_what(card), decides), rich(facts), *([rich(*tried)] if tried else [])]


def _closed(card: CaseCard, look: Look) -> list[Block]:
    by = [words(" by "), who(card.closed_by, bold=True)] if card.closed_by else []
    when = [words(" · "), moment(card.closed_at, look)] if card.closed_at else []
    how = section(words(_CLOSED_WORDS[card.status], bold=True), *by, *when)
    note = [quote(card.close_note)] if card.close_note else []
    facts = section(
        label("Customer"), words(customer_words(card)), new_line(),
        label("Seen"), *_seen(card, look), new_line(),
        *_ticket(card, look),
        *_links(card),
    )  # fmt: skip
    return [rich(_what(card), how, *note, facts)]


def _what(card: CaseCard) -> Block:
    return section(words(card.summary, bold=True, limit=600))


def _ownership(card: CaseCard, look: Look, *, first_post: bool) -> list[Part]:
    owner = [label("Owner"), who(card.owner, mention=first_post, bold=True), words(f" ({card.owner_why})", limit=200)]
    if card.claimed_by is not None and card.claimed_at is not None:
        state = [words("Claimed by "), who(card.claimed_by, bold=True), words(" · "), moment(card.claimed_at, look)]
        if card.stale:
            state += [words("; nobody has touched it since "), moment(card.last_at, look)]
    else:
        state = [words("Nobody has claimed this yet")]
        if card.escalate_at is not None and card.escalated_at is None:
            state += [words("; it escalates "), moment(card.escalate_at, look)]
    parts = [*owner, new_line(), label("State"), *state]
    if card.snoozed_until is not None:
        by = [words(" by "), who(card.snoozed_by)] if card.snoozed_by else []
        parts += [new_line(), label("Snoozed"), words("until "), moment(card.snoozed_until, look), *by]
    if card.escalated_at is not None:
        by = [words(" by "), who(card.escalated_by)] if card.escalated_by else []
        why = [words(f": {card.escalation_reason}", limit=300)] if card.escalation_reason else []
        parts += [new_line(), label("Escalated"), moment(card.escalated_at, look), *by, *why]
    return parts


def _ticket(card: CaseCard, look: Look) -> list[Part]:
    return [label("Ticket"), *ticket_parts(card.ticket, look, follows=card.hold_until)]


def _links(card: CaseCard) -> list[Part]:
    parts: list[Part] = []
    if card.diagnostics_url:
        parts += [new_line(), label("Diagnostics"), link(card.diagnostics_url, one_line(card.diagnostics_url, 80))]
    if card.previous_id is not None:
        ref = case_ref(card.previous_id)
        before = link(card.previous_permalink, ref) if card.previous_permalink else words(ref)
        parts += [new_line(), label("Follows"), before, words(", which was closed")]
    if card.group_id is not None:
        ref = f"GROUP-{card.group_id}"
        parts += [new_line(), label("Part of"), link(card.group_permalink, ref) if card.group_permalink else words(ref)]
    if card.next_id is not None:
        ref = case_ref(card.next_id)
        parts += [
            new_line(),
            label("Came back as"),
            link(card.next_permalink, ref) if card.next_permalink else words(ref),
        ]
    return parts


def _seen(card: CaseCard, look: Look) -> list[Part]:
    if card.count == 1:
        return [words("once, "), moment(card.last_seen, look)]
    first, last = moment(card.first_seen, look), moment(card.last_seen, look)
    flapping = [words(f"; flapping, came back {times(card.flaps)}", bold=True)] if card.flaps else []
    return [words(times(card.count), bold=True), words(", first "), first, words(", last "), last, *flapping]


def _priority_words(card: CaseCard) -> str:
    sums = ", ".join(f"{name} {points:+d}" if points else name for name, points in card.priority_why)
    return f"{card.priority} ({sums})" if sums else card.priority.value


def _last(card: CaseCard, look: Look) -> Block:
    queue = f" · queue {esc(card.queue, 80)} · rule {esc(card.rule, 80)}"
    who_what = f"{esc(card.last_actor.name, 80)} {esc(card.last_act, 200)} · {moment_mrkdwn(card.last_at, look)}"
    return context(f"Last: {who_what}{'' if card.status.closed else queue}")


def _title(text: str, which: str, shown: int, total: int) -> str:
    return text if shown == total else f"{text}, {which} {shown} of {total}"
