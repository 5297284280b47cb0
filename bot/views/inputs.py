"""Inputs of forms that are made of the plain ones in `bot.views.blocks`; each keeps Slack's limits."""

from collections.abc import Sequence

from bot.views import Block
from bot.views.blocks import choice_input, input_block, person_input, plain, text_input
from bot.views.texts import one_line, tame

MOST_OPTIONS = 100
"""Values that a menu can show."""


def email_input(field: str, label: str, *, hint: str = "", initial: str = "") -> Block:
    """Make an optional field for one mail address; Slack itself checks its form."""
    element: Block = {"type": "email_text_input", "action_id": field}
    if "@" in initial:
        element["initial_value"] = one_line(initial, 250)
    return input_block(field, label, element, hint=hint, optional=True)


def several_input(
    field: str, label: str, options: Sequence[str], *, chosen: Sequence[str] = (), hint: str = ""
) -> Block:
    """Make an optional choice of several texts: a menu where it can show all of them, else a line to type them into."""
    if not fits_a_menu(options):
        return text_input(field, label, hint=f"{hint} Separate them by commas.".strip(), optional=True, lines=False)
    made = [{"text": plain(text, 75), "value": text} for text in dict.fromkeys(options)]
    element: Block = {"type": "multi_static_select", "action_id": field, "options": made}
    if begun := [option for option in made if option["value"] in chosen]:
        element["initial_options"] = begun
    return input_block(field, label, element, hint=hint, optional=True)


def optional_person(field: str, label: str, *, initial: str | None = None, hint: str = "") -> Block:
    """Make a picker of one person that may stay empty."""
    return unfocused(person_input(field, label, initial=initial, hint=hint)) | {"optional": True}


def chosen_option(made: Block, value: str) -> Block:
    """Let a choice begin with the option of this value, if it is one."""
    element = made["element"]
    option = next((one for one in element["options"] if one["value"] == value), None)
    return made if option is None else made | {"element": element | {"initial_option": option}}


def one_of(field: str, label: str, options: Sequence[tuple[str, str]], *, chosen: str = "") -> Block:
    """Make a choice of one (text, value): all in sight where they are few, else a menu of the first hundred."""
    return chosen_option(choice_input(field, label, options[:MOST_OPTIONS], few=len(options) <= 5), chosen)


def unfocused(made: Block) -> Block:
    """Leave the focus to another field: Slack lets one field of a form ask for it."""
    return made | {"element": {key: value for key, value in made["element"].items() if key != "focus_on_load"}}


def fits_a_menu(options: Sequence[str]) -> bool:
    """Say whether a menu can show these values, all of them and as they are."""
    shown = all(option.strip() and len(option) <= 75 and tame(option) == option for option in options)
    return shown and 0 < len(options) <= MOST_OPTIONS
