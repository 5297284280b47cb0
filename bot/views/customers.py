"""The living message of a sync: how many customers would change, from which sources, and each group with its buttons.

Nobody approves what was cut off: a group too long for the page has Details in place of Approve. A sync that was stopped
has no button on its groups, only what two people decide about all of it; one in mode shadow has none at all.
"""

from collections.abc import Sequence

from automations.customer_context.card_types import SyncCard
from automations.plan import RunState
from automations.runs.card import run_ref
from bot.views import Block, Message
from bot.views.blocks import (
    BUDGET,
    Part,
    actions,
    button,
    context,
    header,
    label,
    message,
    new_line,
    rich,
    row,
    section,
    size,
    words,
)
from bot.views.customers_group import group_blocks, group_texts
from bot.views.customers_words import OPEN_STATES, customers, old
from bot.views.run_acts import release_acts
from bot.views.run_state import SHADOW, confirming
from bot.views.texts import Look, esc, moment, moment_mrkdwn, one_line
from bot.wire_customers import CHANGES_NAMES, LIST_NAMES, ChangesAct, ChangesButton, ListAct, ListButton, Pages

_SIZES = (1_200, 700, 400, 200, 100, 40)
"""Characters of each group, from what we would like to what always fits."""
SOURCES = 6
BLANKS = 6
"""How many of each a message names."""
_TOUCHED = ("added", "changed", "suspended")


def sync_message(card: SyncCard, look: Look) -> Message:
    """Render one page of it. It calls nobody."""
    told = [group_texts(line) for line in card.groups]
    for limit in _SIZES:
        blocks = _blocks(card, told, look, limit=limit)
        if size(blocks) <= BUDGET:
            break
    return message(f"{esc(sync_words(card), 400)} ({run_ref(card.run_id)})", *blocks)


def sync_words(card: SyncCard) -> str:
    """How it stands, in a line: `403 customers would change`, `Nothing to change`, `Stopped: 400 of 1,000 at once`."""
    own = one_line(card.words, 400)
    match RunState(card.state):
        case RunState.DONE:
            return _done(card)
        case RunState.PROPOSED if card.brake:
            return f"Stopped: {one_line(card.brake, 200)}"
        case RunState.ASKED | RunState.APPROVED | RunState.RUNNING | RunState.PROPOSED:
            return own or "The sources are being read: nothing is known yet"
        case state:
            return f"{state.value.replace('_', ' ').capitalize()}: {own or 'nothing was changed'}"


def is_live(card: SyncCard) -> bool:
    """True where its groups may be decided."""
    return card.state == RunState.DONE and card.mode != "shadow"


def _done(card: SyncCard) -> str:
    touched = sum(count for word, count in card.counts if word in _TOUCHED)
    if not card.total:
        return "Nothing to change" if not card.open_conflicts else "Nothing to approve"
    waiting = [line for line in card.groups if line.state in OPEN_STATES]
    if card.pages > 1 or waiting:
        return f"{customers(touched)} would change"
    return "Everything here is decided"


def _sign(card: SyncCard) -> str:
    if card.state == RunState.DONE:
        groups = card.groups
        if card.mode == "shadow":
            return "⚪"
        if any(line.state == "partial" for line in groups):
            return "🔴"
        busy = card.pages > 1 or any(line.state in (*OPEN_STATES, "confirmed") for line in groups)
        return "🟠" if busy else "🟢"
    if card.state in (RunState.FAILED, RunState.REFUSED) or card.brake:
        return "🔴"
    return "⚪" if RunState(card.state).ended else "🟠"


def _blocks(card: SyncCard, told: Sequence[Sequence[str]], look: Look, *, limit: int) -> list[Block]:
    stopped = card.state == RunState.PROPOSED and bool(card.brake)
    return [
        header(f"{_sign(card)} {sync_words(card)} · {run_ref(card.run_id)}"),
        rich(_about(card, look, stopped=stopped)),
        *([_release(card)] if stopped and card.mode != "shadow" else []),
        *_approve_all(card),
        *(
            block
            for line, texts in zip(card.groups, told, strict=True)
            for block in group_blocks(line, texts, card.run_id, look, limit=limit, live=is_live(card))
        ),
        *turning(Pages.SYNC, card.run_id, card.page, card.pages),
        *([context(more)] if (more := _elsewhere(card, look)) else []),
        _foot(card, look),
    ]


def _about(card: SyncCard, look: Look, *, stopped: bool) -> Block:
    lines: list[list[Part]] = []
    if card.mode == "shadow":
        lines.append([words(f"{SHADOW}.", bold=True)])
    if stopped:
        ends = [words("; ends "), moment(card.expires_at, look)] if card.expires_at else []
        lines.append([words("Two people have to release it. Until then nothing in it can be approved.", bold=True)])
        lines.append([label("Confirms"), words(confirming(card.approvals, card.needed), limit=300), *ends])
    lines += _counts(card)
    for title, rows, as_of in card.sources[:SOURCES]:
        said = f"{rows:,} {'row' if rows == 1 else 'rows'}, as of "
        age = words(f" ({old(as_of, card.requested_at)})")
        lines.append([label(one_line(title, 80) or "Source"), words(said), moment(as_of, look), age])
    if len(card.sources) > SOURCES:
        lines.append([words(f"and {len(card.sources) - SOURCES} more sources")])
    if card.blanks_kept:
        kept = [f"{count:,} of {one_line(name, 60)}" for name, count in sorted(card.blanks_kept.items())[:BLANKS]]
        lines.append([label("Empty in the source, so kept"), words(", ".join(kept), limit=300)])
    return section(*[part for line in lines or [[words("Nothing was compared.")]] for part in (new_line(), *line)][1:])


def _counts(card: SyncCard) -> list[list[Part]]:
    """`400 changed · 3 added`, without what there is none of; no line while nothing is known."""
    parts: list[Part] = []
    for word, count in card.counts:
        if count:
            parts += [words(" · ")] if parts else []
            parts += [words(f"{count:,}", bold=True), words(f" {word}", limit=40)]
    return [parts] if parts else []


def _release(card: SyncCard) -> Block:
    return release_acts(card.run_id, card.digest, card.brake, "this sync", "each group is still approved")


def _approve_all(card: SyncCard) -> list[Block]:
    """Offer all open groups at once where there are several; its form says what that is."""
    several = sum(line.state == "open" for line in card.groups) > 1 or (card.pages > 1 and card.total > 1)
    if not is_live(card) or card.page > 1 or not several:
        return []
    act = ChangesAct.APPROVE_ALL
    made = button(f"{CHANGES_NAMES[act]} …", act, ChangesButton(0, act, card.digest, card.run_id).encode())
    return [row(f"*{card.total:,} groups*, each decided by itself, or all at once", made)]


def turning(what: Pages, number: int, page: int, pages: int) -> list[Block]:
    """The buttons that turn pages; nothing where there is one."""
    turns = [(ListAct.PAGE_BACK, page - 1)] * (page > 1) + [(ListAct.PAGE, page + 1)] * (page < pages)
    made = [button(LIST_NAMES[act], act, ListButton(act, what, number, other).encode()) for act, other in turns]
    return [actions(*made)] if made else []


def _elsewhere(card: SyncCard, look: Look) -> str:
    """What waits for people in the other lists, escaped."""
    asked = f"/{esc(look.prefix, 40)}-customers"
    said = []
    if card.open_conflicts:
        noun = "conflict" if card.open_conflicts == 1 else "conflicts"
        said.append(f"{card.open_conflicts:,} {noun} to decide: `{asked} conflicts`")
    if card.open_rejected:
        noun = "row" if card.open_rejected == 1 else "rows"
        said.append(f"{card.open_rejected:,} rejected {noun}: `{asked} rejected`")
    return " · ".join(said)


def _foot(card: SyncCard, look: Look) -> Block:
    said = [f"Asked for by {esc(card.requested_by.name, 80)} · {moment_mrkdwn(card.requested_at, look)}"]
    if card.pages > 1:
        said.insert(0, f"Page {card.page} of {card.pages}, {card.total:,} groups")
    if card.total and is_live(card):
        said.append("New tickets go by what is approved, open ones only with the tick")
    if card.counts and card.total:
        said.append("Every change is in the file in the thread")
    return context(" · ".join(said))
