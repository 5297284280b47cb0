"""Builders for blocks: each keeps Slack's limit for what it makes, so that a view cannot make a bad message.

Limits are those of docs.slack.dev/reference/block-kit; where sources differ, the lower one. The total of a message's
blocks is undocumented: near 13,200 characters Slack answers msg_blocks_too_long, so `message` keeps to that budget.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.views import Block, Home, Message, Modal
from bot.views.texts import clip, one_line, tame

BUDGET = 13_200
"""Characters of JSON that all blocks of a message may have together."""
HOME_BUDGET = 50_000
"""Characters of JSON in a Home tab: our own bound, for Slack names none for views but their number of blocks."""
MAX_BLOCKS = 50
MAX_MODAL_BLOCKS = 100
MAX_TEXT = 3_000
INPUT_MAX = 1_000
"""Characters a person may type into a form's field; shown so by Slack while typing."""

Part = dict[str, Any]
"""One element of a rich_text paragraph."""


def words(text: str, *, bold: bool = False, limit: int = 1_000) -> Part:
    """Literal text in one line; Slack does not look for mentions, links or markup in it."""
    part: Part = {"type": "text", "text": clip(tame(text), limit) or " "}
    return part | {"style": {"bold": True}} if bold else part


def label(text: str) -> Part:
    """What the words behind it are: bold, with a colon."""
    return {"type": "text", "text": f"{text}: ", "style": {"bold": True}}


def new_line() -> Part:
    """The end of a line within a section."""
    return {"type": "text", "text": "\n"}


def link(url: str, text: str) -> Part:
    """Make a link. What is not a plain http or https address, without blanks or hidden signs, is shown as text.

    So is an address whose host part is none any more since redaction took a password out of it.
    """
    plain_address = tame(url) == url and not any(char.isspace() for char in url) and _has_host(url)
    if not url.startswith(("https://", "http://")) or len(url) > MAX_TEXT or not plain_address:
        return words(text)
    return {"type": "link", "url": url, "text": one_line(text, 200) or " "}


def ping(slack_id: str) -> Part:
    """Make a mention that calls the person."""
    return {"type": "user", "user_id": slack_id}


def section(*parts: Part) -> Block:
    """Make a paragraph of rich text (an element of `rich`)."""
    return {"type": "rich_text_section", "elements": list(parts)}


def bullets(lines: Sequence[Sequence[Part]]) -> Block:
    """Make a bulleted list (an element of `rich`)."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [section(*line) for line in lines]}


def quote(text: str, *, limit: int = 1_000) -> Block:
    """Somebody's own words, set apart (an element of `rich`)."""
    return {
        "type": "rich_text_quote",
        "elements": [{"type": "text", "text": clip(tame(text, keep_lines=True), limit) or " "}],
    }


def rich(*elements: Block) -> Block:
    """Make a block of paragraphs, lists and quotations."""
    return {"type": "rich_text", "elements": list(elements)}


def plain(text: str, limit: int, *, keep_lines: bool = False) -> dict[str, Any]:
    """Make a plain_text object: literal, and never empty, which Slack would refuse."""
    return {"type": "plain_text", "text": clip(tame(text, keep_lines=keep_lines), limit) or " ", "emoji": False}


def header(text: str) -> Block:
    """Make a headline, at most 150 characters."""
    return {"type": "header", "text": plain(text.strip(), 150)}


def saying(text: str) -> Block:
    """Make a paragraph of literal text, at most 3,000 characters, line breaks kept."""
    return {"type": "section", "text": plain(text, MAX_TEXT, keep_lines=True)}


def context(mrkdwn: str) -> Block:
    """Small print. The caller has escaped what is foreign in `mrkdwn`; addresses in it do not become links."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn or " ", "verbatim": True}]}


def divider() -> Block:
    """Make a line between two parts."""
    return {"type": "divider"}


def button(text: str, action_id: str, value: str, *, style: str | None = None, confirm: Block | None = None) -> Block:
    """Make a button; `style` is primary or danger, `confirm` a `question` that comes before the act."""
    made: Block = {"type": "button", "text": plain(text, 30), "action_id": action_id, "value": value}
    return made | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def question(title: str, text: str, yes: str) -> Block:
    """Make the dialog that Slack shows before a button acts: a title, at most 300 literal characters, two answers."""
    return {
        "title": plain(title, 100), "text": plain(text, 300, keep_lines=True), "confirm": plain(yes, 30),
        "deny": plain("Not now", 30),
    }  # fmt: skip


def overflow(action_id: str, options: Sequence[tuple[str, str]]) -> Block:
    """Make the three-dots menu: one to five (text, value), a value of at most 75 characters."""
    choices = [{"text": plain(text, 75), "value": value} for text, value in options]
    if not 1 <= len(choices) <= 5 or any(len(value) > 75 for _, value in options):
        raise ValueError("an overflow menu has one to five options with values of at most 75 characters")
    return {"type": "overflow", "action_id": action_id, "options": choices}


def menu(action_id: str, placeholder: str, options: Sequence[tuple[str, str]]) -> Block:
    """Make a menu that acts when one is chosen: one to a hundred (text, value), a value of at most 75 characters."""
    choices = [{"text": plain(text, 75), "value": value} for text, value in options]
    if not 1 <= len(choices) <= 100 or any(len(value) > 75 for _, value in options):
        raise ValueError("a menu has one to a hundred options with values of at most 75 characters")
    return {
        "type": "static_select", "action_id": action_id, "placeholder": plain(placeholder, 150), "options": choices,
    }  # fmt: skip


def actions(*elements: Block) -> Block:
    """Make a row of buttons and menus."""
    return {"type": "actions", "elements": list(elements)}


def text_input(field: str, label: str, *, hint: str = "", optional: bool = False, lines: bool = True) -> Block:
    """Make a field for several lines of text, or with `lines` False for one that is not where typing begins.

    `field` names both the block and the element, see `bot.wire`.
    """
    element = {"type": "plain_text_input", "action_id": field, "multiline": lines, "max_length": INPUT_MAX}
    if lines:
        element["focus_on_load"] = True
    return input_block(field, label, element, hint=hint, optional=optional)


def choice_input(
    field: str, label: str, options: Sequence[tuple[str, str]], *, few: bool, optional: bool = False
) -> Block:
    """Make a choice of one among (text, value): all in sight where there are `few` (at most ten), else a menu."""
    made = [{"text": plain(text, 75), "value": value} for text, value in options]
    kind = "radio_buttons" if few else "static_select"
    return input_block(field, label, {"type": kind, "action_id": field, "options": made}, optional=optional)


def person_input(field: str, label: str, *, initial: str | None, hint: str = "") -> Block:
    """Make a picker of one person; `initial` is a Slack user id."""
    element: Block = {"type": "users_select", "action_id": field, "focus_on_load": True}
    if initial:
        element["initial_user"] = initial
    return input_block(field, label, element, hint=hint)


def input_block(field: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    """Make a labelled input of any element; `field` names the block, as it names the element."""
    made: Block = {"type": "input", "block_id": field, "label": plain(label, 200), "element": element}
    if hint:
        made["hint"] = plain(hint, 200)
    if optional:
        made["optional"] = True
    return made


def modal(title: str, submit: str, *blocks: Block, callback_id: str, private_metadata: str) -> Modal:
    """Make a form. `private_metadata` holds opaque ids only: it comes back untrusted."""
    if len(title) > 24 or len(submit) > 24 or len(blocks) > MAX_MODAL_BLOCKS:
        raise ValueError("a modal's title and buttons have at most 24 characters, and it has at most 100 blocks")
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": private_metadata,
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "blocks": list(blocks),
    }


def screen(title: str, *blocks: Block, private_metadata: str = "") -> Modal:
    """Make a view to look at, with nothing to send. Its title has at most 24 characters."""
    if len(title) > 24 or len(blocks) > MAX_MODAL_BLOCKS:
        raise ValueError("a modal's title has at most 24 characters, and it has at most 100 blocks")
    made: Modal = {"type": "modal", "title": plain(title, 24), "close": plain("Close", 24), "blocks": list(blocks)}
    return made | ({"private_metadata": private_metadata} if private_metadata else {})


def row(mrkdwn: str, accessory: Block) -> Block:
    """Make a paragraph with a menu or button beside it. The caller has escaped what is foreign in `mrkdwn`."""
    text = {"type": "mrkdwn", "text": mrkdwn or " ", "verbatim": True}
    return {"type": "section", "text": text, "accessory": accessory}


def home(*blocks: Block) -> Home:
    """Make a Home tab."""
    return {"type": "home", "blocks": _fitted(list(blocks), MAX_MODAL_BLOCKS, HOME_BUDGET)}


def message(text: str, *blocks: Block) -> Message:
    """Make a message within Slack's limits. `text` is escaped already."""
    return {"text": text.strip() or "Handoff", "blocks": _fitted(list(blocks), MAX_BLOCKS)}


def size(blocks: Sequence[Block]) -> int:
    """Characters the blocks count against the budget: their JSON, which is never less than what Slack counts."""
    return len(json.dumps(blocks, ensure_ascii=False))


def _fitted(blocks: list[Block], most: int, budget: int = BUDGET) -> list[Block]:
    """Leave out the largest rich text, one after the other, while there is too much; say so in its place."""
    while len(blocks) > most or size(blocks) > budget:
        candidates = [n for n, block in enumerate(blocks) if block["type"] in ("rich_text", "section")]
        if not candidates:
            raise ValueError("a message of headers and buttons alone is over Slack's limits")
        largest = max(candidates, key=lambda n: size([blocks[n]]))
        blocks[largest : largest + 1] = [] if context(_SHORTENED) in blocks else [context(_SHORTENED)]
    return blocks


_SHORTENED = "Some details are left out here because they are too long for Slack; the ticket has them."


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:  # brackets that hold no address
        return False
