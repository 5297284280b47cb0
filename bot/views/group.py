"""The message of a group of cases, the lines of its thread, and the list of its cases.

One look tells how many there are, how they stand and whose they are. It is green only when the desk was read back for
every one of them. Owners who were not called yet are mentioned in its first post, in one line, and nowhere else in it.
"""

from automations.domain import case_ref
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.group_types import GroupCard, GroupLine, GroupPage, OwnerLine
from bot.views import Block, Message, Modal
from bot.views.blocks import (
    Part,
    actions,
    bullets,
    button,
    context,
    header,
    message,
    modal,
    overflow,
    ping,
    rich,
    row,
    saying,
    screen,
    section,
    text_input,
    words,
)
from bot.views.case_acts import BUTTONS, MORE
from bot.views.lists import case_line
from bot.views.texts import Look, esc, moment, moment_mrkdwn, reason_words, system_name
from bot.views.ticket import ticket_parts
from bot.wire import (
    ACT_NAMES,
    CASE_MORE,
    FIELD_NOTE,
    GROUP_ACT_NAMES,
    CaseAct,
    CaseButton,
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
            section(*_state(card), _nl(), *_owners(card, first_post=first_post), _nl(), *_tickets(card, look)),
        ),
        rich(_facts(card, look), section(_label("Cases")), bullets([case_line(one, look) for one in card.first])),
        _last(card, look),
        _acts(card),
    )


def headline(card: GroupCard) -> str:
    """Say how many and how they stand; all closed is green only when every ticket was read back."""
    ref = f"GROUP-{card.id}"
    if not card.closed:
        return f"{card.priority.capitalize()} · {_cases(card.total)} · {ref}"
    done = f"All {card.total} cases closed" if card.total > 1 else "The case is closed"
    return f"✅ {done} · {ref}" if card.all_verified else f"🟠 {done}, not all verified yet · {ref}"


def fallback(card: GroupCard, *, first_post: bool) -> str:
    """Write the line a phone shows, with the mentions of the first post."""
    what = f"{_cases(card.total)}: {esc(card.summary, 200)} ({esc(card.source, 80)}, GROUP-{card.id})"
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


def group_list(page: GroupPage, *, said: str = "") -> Modal:
    """List a page of the group's cases, each with a menu of its acts. `said` is what came of the last one, if any."""
    here = GroupButton(page.group_id, GroupAct.PAGE, page.page).encode()
    return screen(
        f"GROUP-{page.group_id}"[:24],
        *([saying(said)] if said else []),
        context(f"{_cases(page.total)} · page {page.page} of {page.pages}"),
        *(_entry(one) for one in page.rows),
        *_turning(page),
        private_metadata=here,
    )


def resolve_all_form(card: GroupCard, *asked: Block) -> Modal:
    """Ask once what was done, for all cases of the group that are not closed. `asked` are the desk's own fields."""
    live = card.open + card.claimed
    hint = "Goes to every ticket as an internal note, and once to the thread. The customers do not see it."
    what = f"{card.source}: {reason_words(card.reason)}"
    name = GROUP_ACT_NAMES[GroupAct.RESOLVE_ALL]
    return modal(
        name,
        name,
        rich(section(words(f"GROUP-{card.id}: ", bold=True), words(f"{_cases(live)} not closed"), _nl(), words(what))),
        text_input(FIELD_NOTE, "What was done?", hint=hint),
        *asked,
        callback_id=GroupAct.RESOLVE_ALL,
        private_metadata=GroupButton(card.id, GroupAct.RESOLVE_ALL).encode(),
    )


def _state(card: GroupCard) -> list[Part]:
    return [_label("State"), words(_counts(card), limit=200)]


def _counts(card: GroupCard) -> str:
    named = (card.open, "open"), (card.claimed, "claimed"), (card.resolved, "resolved"), (card.not_needed, "not needed")
    return ", ".join(f"{number} {name}" for number, name in named if number)


def _owners(card: GroupCard, *, first_post: bool) -> list[Part]:
    parts: list[Part] = [_label("Owners")]
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
    parts = [_label("Tickets"), words(how, limit=200), _nl(), _label("Parent ticket")]
    if card.ticket is None:
        return [*parts, words(f"none: {desk} has no parent tickets, so a note in each ticket names this group")]
    return [*parts, *ticket_parts(card.ticket, look)]


def _facts(card: GroupCard, look: Look) -> Block:
    tiers = ", ".join(f"{tier} {number}" for tier, number in card.tiers)
    first, last = moment(card.opened_at, look), moment(card.last_joined_at, look)
    return section(
        _label("Failed"), words(f"{card.source}: {reason_words(card.reason)}", limit=300), _nl(),
        _label("Customers"), words(tiers, limit=400), _nl(),
        _label("Joined"), words("from "), first, words(" to "), last,
    )  # fmt: skip


def _last(card: GroupCard, look: Look) -> Block:
    more = card.total - len(card.first)
    rest = f"and {more:,} more: {GROUP_ACT_NAMES[GroupAct.SHOW]}" if more > 0 else ""
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


def _entry(one: CaseRow) -> Block:
    ref = f"<{one.permalink}|{case_ref(one.id)}>" if one.permalink and _is_plain(one.permalink) else case_ref(one.id)
    ticket = "ticket verified" if one.ticket_current else "ticket not verified yet"
    state = f"{one.status.value.replace('_', ' ')} · {esc(one.owner.name, 80)} · {ticket}"
    return row(f"{ref} *{one.priority.capitalize()}* {esc(one.summary, 160)}\n{state}", _menu(one))


def _menu(one: CaseRow) -> Block:
    acts = [
        act for act in (*BUTTONS[one.status], *MORE[one.status]) if act is not CaseAct.ESCALATE or not one.escalated
    ]
    return overflow(CASE_MORE, [(ACT_NAMES[act], CaseButton(one.id, act).encode()) for act in acts[:5]])


def _turning(page: GroupPage) -> list[Block]:
    turns = [(GroupAct.BACK, page.page - 1)] * (page.page > 1) + [(GroupAct.PAGE, page.page + 1)] * (
        page.page < page.pages
    )
    made = [
        button(GROUP_ACT_NAMES[act], act, GroupButton(page.group_id, act, number).encode()) for act, number in turns
    ]
    return [actions(*made)] if made else []


def _is_plain(url: str) -> bool:
    return url.startswith(("https://", "http://")) and not any(char in url for char in '<>|"') and url.isprintable()


def _cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number:,} cases"


def _label(text: str) -> Part:
    return {"type": "text", "text": f"{text}: ", "style": {"bold": True}}


def _nl() -> Part:
    return {"type": "text", "text": "\n"}
