"""The living message of a reconciliation: how many differences of which kind, and one page of them with their buttons.

Nobody confirms what was cut off: a finding too long for the page has Details in place of Confirm. A reconciliation that
was stopped has no button on its findings, only what two people decide about all of it.
"""

from collections.abc import Sequence

from automations.access.card_types import FindingsCard
from automations.plan import RunState
from automations.runs.card import run_ref
from bot.views import Block, Message
from bot.views.blocks import (
    BUDGET,
    Part,
    actions,
    bullets,
    button,
    context,
    header,
    label,
    message,
    new_line,
    question,
    rich,
    row,
    section,
    size,
    words,
)
from bot.views.finding_lines import finding_blocks, finding_texts, kind_words
from bot.views.run_acts import release_acts
from bot.views.run_state import confirming
from bot.views.texts import Look, esc, moment, moment_mrkdwn, one_line
from bot.wire_runs import FINDING_ACT_NAMES, FindingAct, FindingButton

_SIZES = ((900, True), (600, True), (350, True), (200, True), (200, False), (100, False))
"""Characters of each finding, and whether Confirm all is there too: from what we would like to what always fits."""


def findings_message(card: FindingsCard, look: Look) -> Message:
    """Render one page of it. It calls nobody: whoever a finding was passed to was told by themselves."""
    told = [finding_texts(line) for line in card.lines]
    for limit, bulk in _SIZES:
        blocks = _blocks(card, told, look, limit=limit, bulk=bulk)
        if size(blocks) <= BUDGET:
            break
    return message(f"{esc(findings_words(card), 400)} ({run_ref(card.run_id)})", *blocks)


def findings_words(card: FindingsCard) -> str:
    """How it stands, in a line: `12 differences`, `Nothing differs`, `Stopped: 12 of 40 people at once`."""
    number = sum(count for _, count in card.counts)
    own = one_line(card.words, 400)
    match RunState(card.state):
        case RunState.DONE if number:
            return f"{number:,} {'difference' if number == 1 else 'differences'}"
        case RunState.DONE:
            return "Nothing else differs" if card.kept else "Nothing differs"
        case RunState.PROPOSED if card.brake:
            return f"Stopped: {one_line(card.brake, 200)}"
        case RunState.ASKED | RunState.APPROVED | RunState.RUNNING | RunState.PROPOSED:
            return "Both lists are being read: nothing is known yet"
        case state:
            return f"{state.value.replace('_', ' ').capitalize()}: {own or 'nothing was changed'}"


def is_live(card: FindingsCard) -> bool:
    """True where its findings may be confirmed."""
    return card.state == RunState.DONE


def _blocks(card: FindingsCard, told: Sequence[tuple[str, str]], look: Look, *, limit: int, bulk: bool) -> list[Block]:
    offered = card.bulk if bulk and is_live(card) and card.page == 1 else ()
    stopped = card.state == RunState.PROPOSED and bool(card.brake)
    return [
        header(f"{_sign(card)} {findings_words(card)} · {run_ref(card.run_id)}"),
        rich(_about(card, look, stopped=stopped), *_counts(card, offered)),
        *(_confirm_all(card, kind) for kind in offered),
        *([_release(card)] if stopped else []),
        *(
            block
            for line, texts in zip(card.lines, told, strict=True)
            for block in finding_blocks(line, texts, card.run_id, look, limit=limit, live=is_live(card))
        ),
        *_turning(card),
        _foot(card, look, dropped=bool(card.bulk) and not bulk and card.page == 1),
    ]


def _sign(card: FindingsCard) -> str:
    if card.state == RunState.DONE:
        return "🟠" if card.counts else "🟢"
    if card.state in (RunState.FAILED, RunState.REFUSED) or card.brake:
        return "🔴"
    return "⚪" if RunState(card.state).ended else "🟠"


def _about(card: FindingsCard, look: Look, *, stopped: bool) -> Block:
    parts: list[Part] = []
    if stopped:
        ends = [words("; ends "), moment(card.expires_at, look)] if card.expires_at else []
        parts = [
            words("Two people have to release it. Until then nothing in it can be confirmed.", bold=True), new_line(),
            label("Confirms"), words(confirming(card.approvals, card.needed), limit=300), *ends, new_line(),
        ]  # fmt: skip
    compared = (
        f"{card.population:,} people in {one_line(card.source, 80)}, {card.agents:,} in {one_line(card.desk, 80)}"
    )
    parts += [label("Compared"), words(compared, limit=300)]
    if card.kept:
        parts += [new_line(), label("Kept"), words(f"{card.kept:,}, each until its own day; then shown again")]
    return section(*parts)


def _counts(card: FindingsCard, offered: tuple[str, ...]) -> list[Block]:
    """List the counts of the kinds that have no row with a button."""
    lines = [[words(f"{number:,} ", bold=True), words(kind_words(kind))] for kind, number in card.counts]
    shown = [line for line, (kind, _) in zip(lines, card.counts, strict=True) if kind not in offered]
    return [bullets(shown)] if shown else []


def _confirm_all(card: FindingsCard, kind: str) -> Block:
    """Offer what mends all of one kind but administrators, and says in figures what that is before it begins."""
    found, spared = dict(card.counts).get(kind, 0), dict(card.left_out).get(kind, 0)
    number = max(found - spared, 0)
    left = f" {spared:,} not: each of those is for two people, or for a person." if spared else ""
    dialog = question(
        f"Confirm {number:,}: {kind_words(kind)}?",
        f"{number:,} findings on all pages are mended at once.{left} Administrators are never among them.",
        f"Confirm all {number:,}",
    )
    value = FindingButton(0, FindingAct.CONFIRM_ALL, card.digest, card.run_id, kind).encode()
    made = button(f"Confirm all {number:,}", FindingAct.CONFIRM_ALL, value, confirm=dialog)
    return row(f"*{found:,}* {esc(kind_words(kind), 100)}", made)


def _release(card: FindingsCard) -> Block:
    return release_acts(card.run_id, card.digest, card.brake, "these findings", "each finding is still confirmed")


def _turning(card: FindingsCard) -> list[Block]:
    turns = [(FindingAct.PAGE_BACK, card.page - 1)] * (card.page > 1)
    turns += [(FindingAct.PAGE, card.page + 1)] * (card.page < card.pages)
    made = [
        button(FINDING_ACT_NAMES[act], act, FindingButton(page, act, run_id=card.run_id).encode())
        for act, page in turns
    ]
    return [actions(*made)] if made else []


def _foot(card: FindingsCard, look: Look, *, dropped: bool) -> Block:
    said = [f"Asked for by {esc(card.requested_by.name, 80)} · {moment_mrkdwn(card.requested_at, look)}"]
    if card.pages > 1:
        said.insert(0, f"Page {card.page} of {card.pages}, {card.total:,} findings")
    if dropped:
        said.append("Confirm all does not fit beside findings this long")
    return context(" · ".join(said))
