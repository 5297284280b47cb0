"""What stands beside the living message: the lines of its thread, and the post in the escalation channel."""

from automations.domain import CaseStatus, case_ref
from automations.failure_tickets.card_types import CaseCard, EntryLine, EscalationCard, ShadowCard
from automations.words import PersonRef
from bot.views import Message
from bot.views.blocks import actions, button, header, label, link, message, new_line, ping, quote, rich, section, words
from bot.views.case import customer_words, what_failed, who
from bot.views.texts import Look, esc, moment, one_line
from bot.wire import ACT_NAMES, CaseAct, CaseButton


def entry_message(line: EntryLine, look: Look) -> Message:
    """Render one line of history. `line.mention` is called once, by this line and no other."""
    call = [ping(line.mention.slack), words(" ")] if line.mention and line.mention.slack else []
    ring = f"<@{line.mention.slack}> " if line.mention and line.mention.slack else ""
    there = [words(" · "), link(line.link[1], f"Open {line.link[0]}")] if line.link else []
    return message(
        f"{ring}{esc(line.text, 1_500)}",
        rich(section(*call, words(line.text, limit=2_000), words(" · "), moment(line.at, look), *there)),
    )


def escalation_message(card: EscalationCard, look: Look, *, first_post: bool) -> Message:
    """Render an escalation: why, since when, where the case is. The lead is mentioned in the first post only.

    Once somebody has taken the case up since, or closed it, headline and preview say so before anything else.
    """
    if card.taken_back_by is not None:
        return _taken_back(card, card.taken_back_by, look)
    case, ref = card.case, case_ref(card.case.id)
    lead = f"<@{card.lead.slack}> " if first_post and card.lead.slack else ""
    state = f"{case.status.value.replace('_', ' ')}, owner {case.owner.name}"
    where = link(case.permalink, ref) if case.permalink else words(ref)
    absent = [words(f" ({card.lead_why})", limit=300)] if card.lead_why else []
    return message(
        f"{lead}{esc(_taken_up(card), 120) or 'Escalated'}: {esc(case.summary, 200)} ({ref}): {esc(card.reason, 300)}"
        + (f" ({esc(card.lead_why, 300)})" if card.lead_why else ""),
        header(f"{_sign(card)} {_taken_up(card) or 'Escalated'} · {case.priority} · {ref}"),
        rich(
            section(words(case.summary, bold=True, limit=600)),
            section(
                words("For: ", bold=True), who(card.lead, mention=first_post, bold=True), *absent, new_line(),
                words("By: ", bold=True), who(card.by), words(" · "), moment(card.at, look), new_line(),
                words("Customer: ", bold=True), words(customer_words(case)), new_line(),
                words("Failed: ", bold=True), words(what_failed(case)), new_line(),
                words("State: ", bold=True), words(state, limit=200), new_line(),
                words("Case: ", bold=True), where,
            ),
            quote(card.reason),
        ),
        *(() if case.status.closed else (actions(_act(case)),)),
    )  # fmt: skip


def _taken_up(card: EscalationCard) -> str:
    """What became of it, with who did it; empty while it waits for somebody."""
    case = card.case
    if case.status.closed:
        how = "not needed" if case.status is CaseStatus.NOT_NEEDED else "resolved"
        return f"Escalated, {how} by {one_line(case.closed_by.name, 60)}" if case.closed_by else f"Escalated, {how}"
    since = case.claimed_at is not None and case.claimed_at >= card.at
    return f"Escalated, claimed by {one_line(case.claimed_by.name, 60)}" if since and case.claimed_by else ""


def _sign(card: EscalationCard) -> str:
    if card.case.status.closed:
        return "✅"
    return "👤" if _taken_up(card) else "🚨"


def shadow_message(card: ShadowCard) -> Message:
    """Render what would have been done while the automation only looks on. No button: there is nothing to act on."""
    seen = "once" if card.count == 1 else f"{card.count:,} times"
    return message(
        f"Shadow: would open a case for {esc(card.owner, 80)}: {esc(card.summary, 300)}",
        header("Shadow · nothing was opened"),
        rich(
            section(words(card.summary, bold=True, limit=600)),
            section(
                label("Would be owned by"), words(f"{card.owner} ({card.owner_why})", limit=300), new_line(),
                label("Priority"), words(card.priority_why, limit=300), new_line(),
                label("Queue"), words(f"{card.queue}, rule {card.rule}", limit=300), new_line(),
                label("From"), words(f"{card.source}, seen {seen}", limit=300),
            ),
        ),
    )  # fmt: skip


def _taken_back(card: EscalationCard, by: PersonRef, look: Look) -> Message:
    """Render an escalation that was a wrong click: nobody has to do anything about it."""
    ref = case_ref(card.case.id)
    where = link(card.case.permalink, ref) if card.case.permalink else words(ref)
    when = [words(" · "), moment(card.taken_back_at, look)] if card.taken_back_at else []
    return message(
        f"Taken back: the escalation of {esc(card.case.summary, 200)} ({ref}), by {esc(by.name, 80)}",
        header(f"Escalation taken back · {ref}"),
        rich(
            section(words(card.case.summary, bold=True, limit=600)),
            section(who(by, bold=True), words(" took this back"), *when, words(". Nobody needs to act on it here.")),
            section(words("Case: ", bold=True), where),
        ),
    )


def _act(case: CaseCard) -> dict[str, object]:
    """The likeliest act of whoever reads it: take the case, or, if somebody has it already, give it to another."""
    act = CaseAct.CLAIM if case.claimed_by is None else CaseAct.REASSIGN
    return button(ACT_NAMES[act], act, CaseButton(case.id, act).encode(), style="primary")
