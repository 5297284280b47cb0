"""The forms of access: provision, offboard, suspend now, put on duty, keep a finding, pass it to somebody.

None of them changes anything by itself but *Suspend now*, which says so: what is asked for comes back as a card.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from automations.access.card_types import FindingLine
from automations.runs.card_types import RunCard
from bot.views import Block, Modal
from bot.views.blocks import bullets, context, modal, person_input, rich, section, text_input, words
from bot.views.finding_lines import kind_words
from bot.views.forms import remarks
from bot.views.inputs import email_input, one_of, optional_person, several_input, unfocused
from bot.views.run_state import run_ref, run_title
from bot.views.texts import one_line
from bot.wire import FIELD_END, FIELD_REASON, FIELD_TO, FIELD_UNTIL, MessageRef
from bot.wire_runs import (
    FIELD_EMAIL,
    FIELD_GROUPS,
    FIELD_NAME,
    FIELD_PERSON,
    FIELD_ROLE,
    FIELD_ROTATION,
    FIELD_SUCCESSOR,
    FINDING_ACT_NAMES,
    RUN_ACT_NAMES,
    AccessForm,
    FindingAct,
    FindingButton,
    RunAct,
    RunButton,
)

SHOWN = 10
"""Steps listed in a form."""


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One role of the rules. `privileged`: it grants administration, so two people confirm it."""

    name: str
    privileged: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """What a form begins with, as far as the command said it. `person` is a Slack user id."""

    person: str | None = None
    email: str = ""
    role: str = ""
    groups: tuple[str, ...] = ()


def provision_form(
    roles: Sequence[RoleChoice], groups: Sequence[str], begun: Begun, about: MessageRef, *, remark: str = ""
) -> Modal:
    """Ask who gets which role. `remark` says what has to be known first, such as how many seats are left.

    Without any role there is nothing to choose: ask only where the rules have one.
    """
    options = [(f"{one.name} (two people confirm)" if one.privileged else one.name, one.name) for one in roles]
    first = FIELD_EMAIL if begun.email else FIELD_PERSON
    return modal(
        "Provision",
        "Show the plan",
        _optional_focus(
            optional_person(FIELD_PERSON, "Who is in Slack already", initial=begun.person), first == FIELD_PERSON
        ),
        email_input(FIELD_EMAIL, "Or a mail address", initial=begun.email, hint="For somebody not in Slack yet."),
        text_input(FIELD_NAME, "Their name", optional=True, lines=False, hint="Only beside a mail address."),
        one_of(FIELD_ROLE, "Role", options, chosen=begun.role),
        *_groups(groups, begun),
        unfocused(text_input(FIELD_REASON, "Reason", optional=True, hint="Stands on the card and in the audit log.")),
        context("Nothing is changed by this: a card shows each step, and a lead confirms it there."),
        *remarks(remark),
        callback_id=AccessForm.PROVISION,
        private_metadata=about.encode(),
    )


def offboard_form(begun: Begun, about: MessageRef, *, remark: str = "") -> Modal:
    """Ask who leaves and who takes over. `begun.person` is who leaves, if the command said so."""
    return modal(
        "Offboard",
        "Show the plan",
        person_input(FIELD_PERSON, "Who leaves", initial=begun.person, hint="They do not see the card."),
        optional_person(FIELD_SUCCESSOR, "Who takes over their tickets", hint="Leave empty to let the rules choose."),
        unfocused(text_input(FIELD_REASON, "Reason", optional=True, hint="Stands on the card and in the audit log.")),
        context(
            "They are blocked inside Handoff once it is confirmed. If it cannot wait, the card has "
            f"{RUN_ACT_NAMES[RunAct.SUSPEND_NOW]}."
        ),
        *remarks(remark),
        callback_id=AccessForm.OFFBOARD,
        private_metadata=about.encode(),
    )


def suspend_now_form(card: RunCard) -> Modal:
    """Ask for the reason, and say what is cut at once and that somebody else looks at it afterwards."""
    urgent = [step for step in card.steps if step.urgent and not step.already]
    lines = [[words(step.words, limit=150)] for step in urgent[:SHOWN]]
    more = [[words(f"and {len(urgent) - SHOWN} more")]] if len(urgent) > SHOWN else []
    name = RUN_ACT_NAMES[RunAct.SUSPEND_NOW]
    return modal(
        name,
        name,
        rich(
            section(words(f"{run_ref(card.id)}: {run_title(card)}", bold=True)),
            section(words("This begins at once, on your word alone. A second person looks at it afterwards.")),
            *([bullets([*lines, *more])] if lines else []),
        ),
        text_input(FIELD_REASON, "Why can it not wait?", hint="Stands on the card and in the audit log."),
        callback_id=RunAct.SUSPEND_NOW,
        private_metadata=RunButton(card.id, RunAct.SUSPEND_NOW, card.digest).encode(),
    )


def on_duty_form(card: RunCard, rotations: Sequence[str]) -> Modal:
    """Ask which duty somebody who was provisioned takes, and until when. `rotations` holds at least one."""
    name = RUN_ACT_NAMES[RunAct.ON_DUTY]
    chosen = rotations[0] if len(rotations) == 1 else ""
    hint = "Such as 14:00, tomorrow 09:00 or Fri 14:00. Leave empty for the next hand-over."
    return modal(
        name,
        name,
        rich(section(words(f"{run_ref(card.id)}: {run_title(card)}", bold=True))),
        one_of(FIELD_ROTATION, "Which duty", [(one, one) for one in rotations], chosen=chosen),
        text_input(FIELD_UNTIL, "Until", hint=hint, optional=True, lines=False),
        callback_id=RunAct.ON_DUTY,
        private_metadata=RunButton(card.id, RunAct.ON_DUTY, card.digest).encode(),
    )


def keep_form(line: FindingLine, run_id: int, ends: Sequence[tuple[str, str]], *, most: str) -> Modal:
    """Ask why a finding stays as it is, and until when. `ends` are the (text, word) offered, `most` the longest."""
    hint = f"Such as 30 Nov or 90d, at most {most} away. Then it is shown again."
    offered = [_optional(one_of(FIELD_END, "Keep it for how long?", ends))] if ends else []
    return _finding_form(
        line,
        run_id,
        FindingAct.KEEP,
        text_input(FIELD_REASON, "Why may it stay as it is?", hint="Stands in the access review."),
        *offered,
        text_input(FIELD_UNTIL, "Or until another day", hint=hint, optional=True, lines=False),
    )


def pass_to_form(line: FindingLine, run_id: int) -> Modal:
    """Ask who should look at a finding."""
    hint = "They are told in a direct message. The finding stays open."
    initial = line.owner.slack if line.owner else None
    return _finding_form(
        line, run_id, FindingAct.PASS_TO, person_input(FIELD_TO, "To whom?", initial=initial, hint=hint)
    )


def _finding_form(line: FindingLine, run_id: int, act: FindingAct, *asked: Block) -> Modal:
    name = FINDING_ACT_NAMES[act].removesuffix("…")
    what = f"{one_line(line.name or line.subject, 80)}: {kind_words(line.kind)}"
    return modal(
        name,
        name,
        rich(section(words(what, bold=True)), section(words(line.words, limit=600))),
        *asked,
        callback_id=act,
        private_metadata=FindingButton(line.id, act, line.digest, run_id, line.kind).encode(),
    )


def _groups(groups: Sequence[str], begun: Begun) -> list[Block]:
    """Ask for groups beside those of the role; not at all where the rules and the desk have none."""
    hint = "Beside those that belong to the role."
    return [several_input(FIELD_GROUPS, "Groups", groups, chosen=begun.groups, hint=hint)] if groups else []


def _optional(made: Block) -> Block:
    return made | {"optional": True}


def _optional_focus(made: Block, focus: bool) -> Block:
    return made | {"element": made["element"] | {"focus_on_load": True}} if focus else made
