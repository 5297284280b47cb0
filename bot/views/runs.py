"""The one living message of a run, the lines of its thread, and its line among how things stand.

Three seconds are enough for what it is, how it stands and what to press. Steps that need somebody come first, with
their button beside them; long runs fold and say how many steps are left out, and Details shows all of them.
"""

from collections.abc import Sequence

from automations.plan import RunState
from automations.runs.card import run_ref
from automations.runs.card_types import RunCard, StepLine
from bot.views import Block, Message
from bot.views.blocks import (
    BUDGET,
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
    row,
    section,
    size,
    words,
)
from bot.views.run_acts import MOST, act_row, for_good, run_acts, step_button, steps_to_act_on
from bot.views.run_state import is_shadow, names, run_sign, run_title, run_words, who_confirms
from bot.views.run_steps import SIGNS, by_state, state_of, state_parts, state_words, step_parts
from bot.views.texts import Look, esc, moment, moment_mrkdwn, one_line
from bot.wire_runs import RUN_ACT_NAMES, RunAct

_NOT_CARRIED_OUT = (RunState.REFUSED, RunState.EXPIRED, RunState.CANCELLED, RunState.REPLACED)
FACTS = 8
WARNINGS = 4
"""How much of each a message shows; Details has all."""
_SIZES = ((12, 160), (12, 80), (6, 80), (3, 60), (0, 60))
"""Steps shown, and characters of each text in them, from what we would like down to what always fits.

Where not all are shown, half as many are: the first ones that matter tell what is going on, Details all the rest.
"""


def run_message(card: RunCard, look: Look, *, first_post: bool) -> Message:
    """Render the living message. Only its first post mentions, and only an owner who did not ask for the run."""
    ring = first_post and card.owner.slack is not None and card.owner.email != card.requested_by.email
    for shown, limit in _SIZES:
        blocks = _blocks(card, look, shown=shown, limit=limit, ring=ring)
        if size(blocks) <= BUDGET:
            break
    return message(fallback(card, ring=ring), *blocks)


def headline(card: RunCard) -> str:
    """Sign, what it is, which run: `🟢 Offboard Ben Okafor · RUN-7`."""
    title = f"Shadow · {run_title(card)}" if is_shadow(card) else run_title(card)
    return f"{run_sign(card)} {title} · {run_ref(card.id)}"


def fallback(card: RunCard, *, ring: bool) -> str:
    """Write the line a phone shows: how it stands, what it is."""
    call = f"<@{card.owner.slack}> " if ring else ""
    return f"{call}{esc(run_words(card), 400)}: {esc(run_title(card), 200)} ({run_ref(card.id)})"


def run_line_message(text: str) -> Message:
    """Render one line of a run's thread; it calls nobody."""
    return message(esc(text, 1_500), rich(section(words(text, limit=2_500))))


def told_message(text: str, run_id: int, permalink: str | None) -> Message:
    """Tell one person in a direct message what became of a run, with the way to it where they may see it."""
    there = [new_line(), link(permalink, f"Open {run_ref(run_id)}")] if permalink else []
    return message(esc(text, 1_500), rich(section(words(text, limit=2_500), *there)))


def runs_lines(cards: Sequence[RunCard], look: Look, *, shown: int = 5) -> list[Block]:
    """Say which runs of each automation wait for somebody (elements of `rich`); nothing if none does."""
    automations = sorted({card.automation for card in cards})
    made = [_of_one(name, [card for card in cards if card.automation == name], look, shown) for name in automations]
    return [block for blocks in made for block in blocks]


def _of_one(automation: str, cards: Sequence[RunCard], look: Look, shown: int) -> list[Block]:
    lines: list[list[Part]] = []
    for card in cards[:shown]:
        open_until = card.expires_at if card.state == RunState.PROPOSED else None
        lines.append([
            words(f"{run_sign(card)} {run_ref(card.id)} ", bold=True),
            words(f"{run_title(card)} · {run_words(card)}", limit=300),
            *([words("; ends "), moment(open_until, look)] if open_until else []),
        ])  # fmt: skip
    more = [[words(f"and {len(cards) - shown} more: handoff runs list")]] if len(cards) > shown else []
    return [section(words(automation.replace("_", " ").capitalize(), bold=True)), bullets([*lines, *more])]


def _blocks(card: RunCard, look: Look, *, shown: int, limit: int, ring: bool) -> list[Block]:
    asking = steps_to_act_on(card)[:MOST]
    rest = [] if _never_begun(card) else [step for step in card.steps if step not in asking]
    listed = rest if len(rest) <= shown else sorted(by_state(rest)[: shown // 2], key=lambda step: step.number)
    ordered = by_state(listed) if card.state in (RunState.PARTIAL, RunState.FAILED) else listed
    acts = act_row(card, room=MOST - len(asking), details=True)
    return [
        header(headline(card)),
        rich(_state(card, look, ring=ring)),
        *(_asking(card, step, look, limit=limit) for step in asking),
        *([rich(*about)] if (about := [*_reason(card), *_facts(card)]) else []),
        *_warnings(card),
        *([rich(_list(card, ordered, look, limit=limit))] if ordered else []),
        *_fold(card, len(rest) - len(listed), MOST - len(asking)),
        _foot(card, look),
        *([acts] if acts else []),
    ]


def _state(card: RunCard, look: Look, *, ring: bool) -> Block:
    parts: list[Part] = [words(run_words(card), bold=True, limit=500)]
    if ring and card.owner.slack:
        parts += [new_line(), label("Owner"), ping(card.owner.slack)]
    if card.state == RunState.PROPOSED and not is_shadow(card):
        parts += [new_line(), *who_confirms(card, look)]
    if card.review == "wanted":
        decided = names([one.by for one in card.approvals]) if card.approvals else card.requested_by.name
        alone = f"{decided} decided alone; a second person looks at it"
        parts += [new_line(), label("Review"), words(alone, limit=200)]
    return section(*parts)


def _reason(card: RunCard) -> list[Block]:
    return [quote(card.reason, limit=300)] if card.reason.strip() else []


def _never_begun(card: RunCard) -> bool:
    """Whether it ended before its first step: then its steps are of no more interest, and Details has them."""
    return RunState(card.state) in _NOT_CARRIED_OUT and not is_shadow(card)


def _ahead(card: RunCard) -> bool:
    """Whether people still have to know what was observed and what is for good; afterwards Details has it."""
    return is_shadow(card) or card.state in (RunState.PROPOSED, RunState.APPROVED)


def _facts(card: RunCard) -> list[Block]:
    if not card.facts or not _ahead(card):
        return []
    parts: list[Part] = []
    for number, (name, value) in enumerate(card.facts[:FACTS]):
        parts += [new_line()] if number else []
        parts += [label(one_line(name, 40)), words(value, limit=150)]
    return [section(*parts)]


def _warnings(card: RunCard) -> list[Block]:
    warned = for_good(card) if _ahead(card) else []
    if not warned:
        return []
    lines = [[words(f"⚠️ {one_line(sentence, 200)}", limit=210)] for sentence in warned[:WARNINGS]]
    more = len(warned) - WARNINGS
    if more > 0:
        lines.append([words(f"⚠️ and {more} more: {RUN_ACT_NAMES[RunAct.DETAILS]}")])
    return [rich(*(section(*line) for line in lines))]


def _asking(card: RunCard, step: StepLine, look: Look, *, limit: int) -> Block:
    made = step_button(card, step)
    assert made is not None, "it was chosen for its button"
    due = f" · ends {moment_mrkdwn(step.due_at, look)}" if step.due_at else ""
    said = f"{SIGNS[state_of(step)]} *{esc(step.words, limit)}*\n{esc(state_words(step), limit + 240)}{due}"
    return row(said, made)


def _list(card: RunCard, steps: Sequence[StepLine], look: Look, *, limit: int) -> Block:
    """List steps. Of a plan that waits for people it is not said each time that a step has not begun."""
    day = card.requested_at
    if not _ahead(card):
        lines = [step_parts(step, look, day=day, limit=limit) for step in steps]
        return section(*[part for line in lines for part in (new_line(), *line)][1:])
    lines = []
    for step in steps:
        told = step.already or step.by_hand
        stands = [words(" · "), *state_parts(step, look, day=day, limit=limit)] if told else []
        lines.append([words(step.words, limit=limit), *stands])
    return bullets(lines)


def _fold(card: RunCard, left_out: int, room: int) -> list[Block]:
    """Say what is not shown here, and where it is."""
    hidden = len(run_acts(card)) - room
    pressed = len(steps_to_act_on(card)) - MOST
    where = f"`handoff runs show {card.id}`" if is_shadow(card) else RUN_ACT_NAMES[RunAct.DETAILS]
    said = [f"and {left_out} more {'step' if left_out == 1 else 'steps'}: {where}"] if left_out else []
    more = [f"{pressed} more to do"] if pressed > 0 else []
    more += [RUN_ACT_NAMES[act] for act in run_acts(card)[max(room, 0) :]] if hidden > 0 else []
    said += [f"{where} also has {' and '.join(more)}"] if more else []
    return [context(" · ".join(said))] if said else []


def _foot(card: RunCard, look: Look) -> Block:
    """Who asked when, whose it is, and which other runs belong to it."""
    said = [f"Asked for by {esc(card.requested_by.name, 80)} · {moment_mrkdwn(card.requested_at, look)}"]
    if card.owner.email != card.requested_by.email:
        said.append(f"owner {esc(card.owner.name, 80)}")
    if card.approvals and card.state != RunState.PROPOSED:
        said.append(f"confirmed by {esc(names([one.by for one in card.approvals]), 200)}")
    if card.reviewed_by is not None:
        said.append(f"reviewed by {esc(card.reviewed_by.name, 80)}")
    if card.undo_of is not None:
        said.append(f"takes back {run_ref(card.undo_of)}")
    if card.replaces is not None:
        said.append(f"the plan had changed, so this takes the place of {run_ref(card.replaces)}")
    if card.undone_by is not None and card.state != RunState.ROLLED_BACK:
        said.append(f"{run_ref(card.undone_by)} takes this back")
    return context(" · ".join(said))
