"""The forms behind the message shortcuts and `/support new`: what is wrong, for whom, whose it is; or which case."""

from collections.abc import Sequence
from dataclasses import dataclass

from automations.domain import Priority, case_ref
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.manual import Origin
from bot.views import Block, Modal
from bot.views.blocks import (
    MAX_TEXT,
    choice_input,
    context,
    link,
    modal,
    plain,
    rich,
    section,
    text_input,
    words,
)
from bot.views.forms import remarks
from bot.views.inputs import chosen_option, optional_person, unfocused
from bot.views.texts import clip, one_line, tame
from bot.wire import (
    FIELD_CASE,
    FIELD_CUSTOMER,
    FIELD_DETAILS,
    FIELD_NOTE,
    FIELD_ORIGIN,
    FIELD_PRIORITY,
    FIELD_REASON,
    FIELD_SUMMARY,
    FIELD_TO,
    MessageRef,
    Shortcut,
)

BY_RULE = "rule"
"""The choice that leaves the priority to the rules."""
SUMMARY_MAX = 250
"""Characters of a summary: what a list of cases still shows."""
MOST_CASES = 100
"""Options that a menu of Slack's may have."""

_ORIGINS: dict[Origin, str] = {
    Origin.PHONE: "Phone",
    Origin.EMAIL: "E-mail",
    Origin.OTHER: "Another channel",
    Origin.SLACK: "Slack",
}


@dataclass(frozen=True, slots=True)
class Prefill:
    """What a form begins with. `text` is the message or the words after the command, readable and redacted."""

    text: str = ""
    asks_origin: bool = False


def create_form(prefill: Prefill, about: MessageRef, *, escalates: bool = False, remark: str = "") -> Modal:
    """Make the form that opens a case, and brings it before a lead if it `escalates`.

    `remark` is what the desk cannot do for it.
    """
    lines = [line for line in prefill.text.splitlines() if line.strip()]
    summary = one_line(lines[0], SUMMARY_MAX) if lines else ""
    details = prefill.text if len(lines) > 1 or len(summary) < len(prefill.text.strip()) else ""
    name = Shortcut.ESCALATE if escalates else Shortcut.CREATE_CASE
    reason = [_reason()] if escalates else []
    origin = [chosen_option(_one_of(FIELD_ORIGIN, "How did it come in?", _ORIGINS), Origin.PHONE)]
    return modal(
        "Escalate" if escalates else "New case",
        "Escalate" if escalates else "Open case",
        _typed(FIELD_SUMMARY, "What is wrong?", summary, most=SUMMARY_MAX, lines=False),
        *reason,
        *(origin if prefill.asks_origin else []),
        _typed(FIELD_CUSTOMER, "Customer", "", most=250, lines=False, optional=True, hint="Name or number."),
        _typed(FIELD_DETAILS, "Details", details, most=MAX_TEXT, lines=True, optional=True),
        chosen_option(_one_of(FIELD_PRIORITY, "Priority", _priorities()), BY_RULE),
        _owner(),
        context("Opens a ticket and a message in the channel. Nothing is sent to a customer."),
        *remarks(remark),
        callback_id=name,
        private_metadata=about.encode(),
    )


def note_form(cases: Sequence[CaseRow], chosen: int | None, text: str, about: MessageRef, *, remark: str = "") -> Modal:
    """Make the form that copies a message into a case; `cases` are at most a hundred, `chosen` the one it stands in.

    `remark` is what the desk cannot do for it.
    """
    options = [(one_line(f"{case_ref(row.id)} · {row.summary}", 75), case_ref(row.id)) for row in cases[:MOST_CASES]]
    which = choice_input(FIELD_CASE, "Which case?", options, few=False)
    known = None if chosen is None else case_ref(chosen)
    hint = "Becomes an internal note on the ticket and a line in the case's thread. The customer does not see it."
    return modal(
        "Add internal note",
        "Add note",
        which if known is None else chosen_option(which, known),
        _typed(FIELD_NOTE, "What is copied", text, most=MAX_TEXT, lines=True, hint=hint),
        *remarks(remark),
        callback_id=Shortcut.ADD_NOTE,
        private_metadata=about.encode(),
    )


def done_view(ref: str, text: str, url: str) -> Modal:
    """Make the view that takes the form's place: what was done, and the way there."""
    there = rich(section(words(text, bold=True, limit=600)), section(link(url, f"Open {ref}")))
    return {"type": "modal", "title": plain("Done", 24), "close": plain("Close", 24), "blocks": [there]}


def _typed(
    field: str, label: str, begun: str, *, most: int, lines: bool, optional: bool = False, hint: str = ""
) -> Block:
    """Make a field with words in it already. Only one field of a form may ask for the focus, and Slack chooses well."""
    made = unfocused(text_input(field, label, hint=hint, optional=optional, lines=lines))
    element = made["element"] | {"max_length": most}
    there = clip(tame(begun, keep_lines=lines).strip(), most)
    return made | {"element": element | ({"initial_value": there} if there else {})}


def _reason() -> Block:
    hint = "Posted to the escalation channel, where its lead is mentioned once."
    return _typed(FIELD_REASON, "Why does this need a lead?", "", most=1_000, lines=True, hint=hint)


def _owner() -> Block:
    return optional_person(FIELD_TO, "Owner", hint="Leave empty to let the rules choose.")


def _priorities() -> dict[str, str]:
    return {BY_RULE: "By rule"} | {one.value: one.value.capitalize() for one in reversed(Priority)}


def _one_of(field: str, label: str, choices: "dict[str, str] | dict[Origin, str]") -> Block:
    return choice_input(field, label, [(text, str(value)) for value, text in choices.items()], few=False)
