"""The list of a group's cases, a page at a time, and the form that resolves them all."""

from typing import Final

from automations.domain import case_ref
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.group_types import GroupCard, GroupPage
from bot.views import Block, Modal
from bot.views.blocks import (
    actions,
    button,
    context,
    modal,
    overflow,
    rich,
    row,
    saying,
    screen,
    section,
    text_input,
    words,
)
from bot.views.case_acts import BUTTONS, MORE
from bot.views.group import number_of_cases
from bot.views.texts import esc, reason_words
from bot.wire import ACT_NAMES, CASE_MORE, FIELD_NOTE, GROUP_ACT_NAMES, CaseAct, CaseButton, GroupAct, GroupButton

OPTIONS: Final = 5
"""Entries in one overflow menu."""


def group_list(page: GroupPage, *, said: str = "") -> Modal:
    """List a page of the group's cases, each with a menu of its acts. `said` is what came of the last one, if any."""
    here = GroupButton(page.group_id, GroupAct.PAGE, page.page).encode()
    return screen(
        f"GROUP-{page.group_id}"[:24],
        *([saying(said)] if said else []),
        context(f"{number_of_cases(page.total)} · page {page.page} of {page.pages}"),
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
        rich(
            section(
                words(f"GROUP-{card.id}: ", bold=True),
                words(f"{number_of_cases(live)} not closed"),
                words(" · "),
                words(what),
            )
        ),
        text_input(FIELD_NOTE, "What was done?", hint=hint),
        *asked,
        callback_id=GroupAct.RESOLVE_ALL,
        private_metadata=GroupButton(card.id, GroupAct.RESOLVE_ALL).encode(),
    )


def _entry(one: CaseRow) -> Block:
    ref = f"<{one.permalink}|{case_ref(one.id)}>" if one.permalink and _is_plain(one.permalink) else case_ref(one.id)
    ticket = "ticket verified" if one.ticket_current else "ticket not verified yet"
    state = f"{one.status.value.replace('_', ' ')} · {esc(one.owner.name, 80)} · {ticket}"
    whom = esc(one.customer, 80) if one.customer else "no customer named"
    what = f"{ref} *{one.priority.capitalize()}* {whom}\n{state}\n{esc(one.summary, 120)}"
    return row(what, _menu(one))


def _menu(one: CaseRow) -> Block:
    """The acts on one case: Slack's menu holds five, so the one that is missed least gives way to the others.

    A claimed case can be given to somebody else in place of being released; an open one's group escalates by itself.
    """
    every = (*BUTTONS[one.status], *MORE[one.status])
    acts = [act for act in every if act is not CaseAct.ESCALATE or not one.escalated]
    for spare in (CaseAct.RELEASE, CaseAct.ESCALATE):
        if len(acts) > OPTIONS and spare in acts:
            acts.remove(spare)
    return overflow(CASE_MORE, [(ACT_NAMES[act], CaseButton(one.id, act).encode()) for act in acts])


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
