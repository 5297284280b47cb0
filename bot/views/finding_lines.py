"""One finding of a reconciliation: who it is about, what differs, what Confirm would do, and its buttons."""

from automations.access.card_types import FindingKind, FindingLine, FindingsCard
from bot.views import Block, Modal
from bot.views.blocks import MAX_TEXT, Part, actions, button, context, label, new_line, screen, section, words
from bot.views.paged import gathered, pages, paragraphs
from bot.views.run_state import run_ref
from bot.views.texts import Look, esc, moment, moment_mrkdwn, one_line
from bot.wire_runs import FINDING_ACT_NAMES, FindingAct, FindingButton

KINDS: dict[FindingKind, str] = {
    FindingKind.MISSING: "should be in the desk, and is not",
    FindingKind.ORPHANED: "in the desk, and nobody upstream",
    FindingKind.LEFT_ACTIVE: "left but still active",
    FindingKind.ROLE_HIGH: "role too high",
    FindingKind.ROLE_LOW: "role too low",
    FindingKind.GROUPS: "groups differ",
    FindingKind.INVITATION: "invitation not accepted",
    FindingKind.TOKEN: "token still works after leaving",
    FindingKind.INACTIVE: "not signed in for long",
    FindingKind.AMBIGUOUS: "two candidates, never guessed",
}
"""Each kind as it reads after its number: `5 left but still active`."""

BY_PERSON = "Only a person can settle this: mend it there, Keep it with a reason, or Pass it to somebody."
_ASKING = frozenset({FindingAct.KEEP, FindingAct.PASS_TO})


def kind_words(kind: str) -> str:
    """A kind of finding as people read it."""
    return KINDS.get(FindingKind(kind), kind)


def finding_blocks(line: FindingLine, card: FindingsCard, look: Look, *, limit: int, live: bool) -> list[Block]:
    """Show a finding, with its buttons where it is open and may be confirmed (one or two blocks).

    `limit` is for the words on what differs and what Confirm would do; where they are longer, Details has them, and
    Confirm is there and not here.
    """
    differs, does = _differs(line), _does(line)
    whole = len(esc(differs, MAX_TEXT)) + len(esc(does, MAX_TEXT)) <= limit
    text = f"{esc(differs, MAX_TEXT)}\n{esc(does, MAX_TEXT)}" if whole else esc(differs, limit)
    two = " · *needs two people*: administrator" if line.privileged else ""
    who = f"*{esc(line.name or line.subject, 60)}* {esc(line.subject, 60) if line.name else ''}{two}"
    shown = {"type": "section", "text": {"type": "mrkdwn", "text": f"{who}\n{text}".strip(), "verbatim": True}}
    if line.state != "open":
        return [shown, context(_decided(line, look))]
    if not live:
        return [shown]
    first = FindingAct.DETAILS if not whole else FindingAct.CONFIRM if line.fixable else None
    return [shown, _buttons(line, card.run_id, first)]


def finding_details(line: FindingLine, run_id: int, look: Look) -> Modal:
    """Show one finding whole, with its buttons; without Confirm if even this is too short for it."""
    dealt = pages([*gathered(_whole(line, look))])
    first = FindingAct.CONFIRM if line.fixable and len(dealt) == 1 else None
    cut = [context("There is more than fits here: `handoff access reconcile` shows it all.")] if len(dealt) > 1 else []
    acts = [_buttons(line, run_id, first)] if line.state == "open" else [context(_decided(line, look))]
    return screen(f"FINDING-{line.id}"[:24], *dealt[0], *cut, *acts)


def _whole(line: FindingLine, look: Look) -> list[Block]:
    seen: list[Part] = [label("First seen"), moment(line.first_seen, look)]
    if line.owner is not None:
        seen += [new_line(), label("Passed to"), words(line.owner.name, limit=80)]
    return [
        *paragraphs("Who", f"{line.name} {line.subject}" if line.name else line.subject),
        *paragraphs("What", kind_words(line.kind)),
        section(*seen),
        *paragraphs("Differs", line.words),
        *(part for step in line.steps for part in paragraphs("Confirm does", step)),
        *([] if line.fixable else paragraphs("To do", BY_PERSON)),
        *(paragraphs("To know", "It needs two people: an administrator") if line.privileged else []),
    ]


def _differs(line: FindingLine) -> str:
    passed = f" Passed to {one_line(line.owner.name, 60)}." if line.owner and line.state == "open" else ""
    return f"{one_line(line.words, MAX_TEXT)}{passed}"


def _does(line: FindingLine) -> str:
    if not line.fixable:
        return BY_PERSON
    return f"Confirm: {'; '.join(one_line(step, MAX_TEXT) for step in line.steps)}" if line.steps else ""


def _decided(line: FindingLine, look: Look) -> str:
    """What became of a finding that is not open any more."""
    by = f" by {esc(line.decided_by.name, 60)}" if line.decided_by else ""
    at = f" {moment_mrkdwn(line.decided_at, look)}" if line.decided_at else ""
    run = f": {run_ref(line.fixed_by)}" if line.fixed_by else ""
    match line.state:
        case "confirmed":
            return f"🟠 Confirmed{by}{at}, not verified yet{run}"
        case "kept":
            until = f" until {moment_mrkdwn(line.until, look)}" if line.until else ""
            return f"⚪ Kept{by}{until}: {esc(line.reason, 200)}"
        case "fixed":
            return f"🟢 Mended and verified{run}"
        case _:
            return "⚪ Not found any more"


def _buttons(line: FindingLine, run_id: int, first: FindingAct | None) -> Block:
    acts = [act for act in (first, FindingAct.KEEP, FindingAct.PASS_TO) if act is not None]
    return actions(*(_button(line, run_id, act) for act in acts))


def _button(line: FindingLine, run_id: int, act: FindingAct) -> Block:
    name = FINDING_ACT_NAMES[act]
    if act in _ASKING:
        name = f"{name.removesuffix('…')} …"
    return button(name, act, FindingButton(line.id, act, line.digest, run_id, line.kind).encode())
