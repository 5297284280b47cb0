"""The message of a group of cases, the lines of its thread, and the list of its cases.

One look tells how many there are, how they stand and whose they are. It is green only when the desk was read back for
every one of them. Owners who were not called yet are mentioned in its first post, in one line, and nowhere else in it.
"""

from automations.domain import case_ref
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.group_types import GroupCard, GroupEscalation, GroupLine, OwnerLine
from bot.views import Block, Message
from bot.views.blocks import (
    Part,
    actions,
    bullets,
    button,
    context,
    header,
    label,
    link,
    message,
    new_line,
    ping,
    rich,
    section,
    words,
)
from bot.views.texts import Look, esc, moment, moment_mrkdwn, reason_words, system_name
from bot.views.ticket import ticket_parts
from bot.wire import (
    GROUP_ACT_NAMES,
    GroupAct,
    GroupButton,
)

OWNERS_SHOWN = 12


def group_message(card: GroupCard, look: Look, *, first_post: bool) -> Message:
    """Render the living message. `first_post` is True until Slack has it; only then anybody is mentioned."""
    return message(
        fallback(card, first_post=first_post),
        header(headline(card)),
        rich(
            section(words(card.summary, bold=True, limit=300)),
            section(
                *_state(card), new_line(), *_owners(card, first_post=first_post), new_line(), *_tickets(card, look)
            ),
        ),
        rich(_facts(card, look), *([] if card.closed else _first(card))),
        _last(card, look),
        _acts(card),
    )


def headline(card: GroupCard) -> str:
    """Say how many and how they stand; all closed is green only when every ticket was read back."""
    ref = f"GROUP-{card.id}"
    if not card.closed:
        return f"{card.priority.capitalize()} · {number_of_cases(card.total)} · {ref}"
    done = f"All {card.total} cases closed" if card.total > 1 else "The case is closed"
    return f"✅ {done} · {ref}" if card.all_verified else f"🟠 {done}, not all verified yet · {ref}"


def fallback(card: GroupCard, *, first_post: bool) -> str:
    """Write the line a phone shows, with the mentions of the first post."""
    what = f"{number_of_cases(card.total)}: {esc(card.summary, 200)} ({esc(card.source, 80)}, GROUP-{card.id})"
    if card.closed:
        return f"{_counts(card).capitalize()} of {what}"
    called = [one.person for one in card.owners if first_post and one.called and one.person.slack]
    ring = " ".join(f"<@{one.slack}>" for one in called[:OWNERS_SHOWN])
    return f"{card.priority.capitalize()}: {what}. {_counts(card).capitalize()}.{f' Owners: {ring}' if ring else ''}"


def group_line_message(line: GroupLine, look: Look) -> Message:
    """Render one line of the group's thread. `line.mention` is called once, by this line and no other."""
    slack = line.mention.slack if line.mention else None
    call = [ping(slack), words(" ")] if slack else []
    body = section(*call, words(line.text, limit=2_000), words(" · "), moment(line.at, look))
    return message(f"{f'<@{slack}> ' if slack else ''}{esc(line.text, 1_500)}", rich(body))


def group_escalation_message(escalation: GroupEscalation, look: Look, *, first_post: bool) -> Message:
    """Render the group's post in the escalation channel. The lead is mentioned in the first post only."""
    card, lead, ref = escalation.card, escalation.lead, f"GROUP-{escalation.card.id}"
    ring = first_post and lead.slack is not None
    absent = [words(f" ({escalation.lead_why})", limit=300)] if escalation.lead_why else []
    late = f"{number_of_cases(escalation.escalated)} not claimed in time"
    return message(
        f"{f'<@{lead.slack}> ' if ring else ''}{_taken_up(card)}: {late}: {esc(card.summary, 200)} ({ref})",
        header(f"{_sign(card)} {_taken_up(card)} · {card.priority} · {ref}"),
        rich(
            section(words(card.summary, bold=True, limit=300)),
            section(
                label("For"),
                ping(lead.slack) if ring and lead.slack else words(lead.name, bold=True, limit=80),
                *absent,
                words(" · "), moment(escalation.at, look), new_line(),
                label("Why"), words(late), new_line(),
                *_state(card), new_line(),
                label("Group"), link(escalation.permalink, ref) if escalation.permalink else words(ref),
            ),
        ),
        *(() if card.closed else (_acts(card),)),
    )  # fmt: skip


def _taken_up(card: GroupCard) -> str:
    """Whether the escalation still waits for somebody."""
    return "Escalated, all closed" if card.closed else "Escalated" if card.open else "Escalated, all claimed"


def _sign(card: GroupCard) -> str:
    return "✅" if card.closed else "🚨" if card.open else "👤"


def _state(card: GroupCard) -> list[Part]:
    return [label("State"), words(_counts(card), limit=200)]


def _counts(card: GroupCard) -> str:
    named = (card.open, "open"), (card.claimed, "claimed"), (card.resolved, "resolved"), (card.not_needed, "not needed")
    return ", ".join(f"{number} {name}" for number, name in named if number)


def _owners(card: GroupCard, *, first_post: bool) -> list[Part]:
    parts: list[Part] = [label("Owners")]
    for number, one in enumerate(card.owners[:OWNERS_SHOWN]):
        parts += [words(" · ")] if number else []
        parts += [_owner(one, first_post=first_post), words(f" {one.cases}")]
    more = len(card.owners) - OWNERS_SHOWN
    return [*parts, words(f" · and {more} more")] if more > 0 else parts


def _owner(one: OwnerLine, *, first_post: bool) -> Part:
    return (
        ping(one.person.slack) if first_post and one.called and one.person.slack else words(one.person.name, limit=80)
    )


def _tickets(card: GroupCard, look: Look) -> list[Part]:
    desk = system_name(card.system)
    if card.verified == card.total:
        how = f"🟢 all {card.total} verified in {desk}"
    else:
        how = f"🟠 {card.verified} of {card.total} verified in {desk}"
    parts = [label("Tickets"), words(how, limit=200), new_line(), label("Parent ticket")]
    if card.ticket is None:
        return [*parts, words(f"none: {desk} has no parent tickets, so a note in each ticket names this group")]
    return [*parts, *ticket_parts(card.ticket, look)]


def _facts(card: GroupCard, look: Look) -> Block:
    tiers = ", ".join(f"{tier} {number}" for tier, number in card.tiers)
    first, last = moment(card.opened_at, look), moment(card.last_joined_at, look)
    return section(
        label("Failed"), words(f"{card.source}: {reason_words(card.reason)}", limit=300), new_line(),
        label("Customers"), words(tiers, limit=400), new_line(),
        label("Joined"), words("from "), first, words(" to "), last,
    )  # fmt: skip


def _first(card: GroupCard) -> list[Block]:
    return [section(label("Cases")), bullets([_line(one) for one in card.first])]


def _line(one: CaseRow) -> list[Part]:
    """Put a case of the group in one line: whom it hit, whose it is, how it stands; what failed is the same for all."""
    ref, ticket = case_ref(one.id), "ticket verified" if one.ticket_current else "ticket not verified yet"
    state = one.status.value.replace("_", " ")
    return [
        link(one.permalink, ref) if one.permalink else words(ref),
        words(f" · {one.customer or 'no customer named'}", limit=100),
        words(f" · {one.owner.name} · {state} · {ticket}", limit=150),
    ]


def _last(card: GroupCard, look: Look) -> Block:
    more = card.total - len(card.first)
    rest = f"and {more:,} more: {GROUP_ACT_NAMES[GroupAct.SHOW]}" if more > 0 and not card.closed else ""
    if card.last_line is None or card.last_at is None:
        return context(rest)
    last = f"Last: {esc(card.last_line, 200)} · {moment_mrkdwn(card.last_at, look)}"
    return context(f"{rest} · {last}" if rest else last)


def _acts(card: GroupCard) -> Block:
    shown = [GroupAct.CLAIM_ALL] * bool(card.open) + [GroupAct.RESOLVE_ALL] * (not card.closed) + [GroupAct.SHOW]
    return actions(
        *(
            button(
                GROUP_ACT_NAMES[act],
                act,
                GroupButton(card.id, act).encode(),
                style="primary" if act is shown[0] and act is not GroupAct.SHOW else None,
            )
            for act in shown
        )
    )


def number_of_cases(number: int) -> str:
    """`1 case`, `40 cases`."""
    return "1 case" if number == 1 else f"{number:,} cases"
