"""What Slack refuses is refused here; what it takes, passes."""

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workspace.blocks import check_message_blocks, check_view
from bot.workspace.errors import SlackRefusal
from tests.bot.workspace.room import button, modal

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str = "One", value: str = "1") -> Json:
    return {"text": plain(text), "value": value}


def menu(*options: Json, **extra: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": list(options), **extra}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


GOOD: dict[str, Json] = {
    "header": {"type": "header", "text": plain("x" * 150)},
    "section": {"type": "section", "text": mrkdwn("x" * 3000)},
    "fields": {"type": "section", "fields": [mrkdwn("x" * 2000)] * 5},
    "accessory": {"type": "section", "text": mrkdwn("x"), "accessory": menu(option())},
    "context": {"type": "context", "elements": [mrkdwn("x"), plain("y")]},
    "button": button(value="v" * 2000, style="danger", url="https://logs.example/1"),
    "overflow": actions({"type": "overflow", "action_id": "more", "options": [option()]}),
    "users": actions({"type": "users_select", "action_id": "who", "initial_user": "U_AGENT1"}),
    "input": modal()["blocks"][0],
    "divider": {"type": "divider"},
    "image": {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"},
    "table": {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 3}]]},
    "rich_text": {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "<!channel>"}]}],
    },
    "markdown": {"type": "markdown", "text": "**x**"},
}  # fmt: skip

BAD: dict[str, tuple[Json, str]] = {
    "unknown type": ({"type": "hologram"}, "/blocks/0"),
    "no type": ({"text": plain("x")}, "/blocks/0"),
    "unknown key": ({"type": "divider", "colour": "red"}, "/blocks/0/colour"),
    "header not plain": ({"type": "header", "text": mrkdwn("x")}, "/blocks/0/text/type"),
    "header too long": ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text"),
    "empty text": ({"type": "section", "text": mrkdwn("")}, "/blocks/0/text/text"),
    "section too long": ({"type": "section", "text": mrkdwn("x" * 3001)}, "/blocks/0/text"),
    "section says nothing": ({"type": "section"}, "/blocks/0"),
    "field too long": ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "/blocks/0/fields/0"),
    "eleven fields": ({"type": "section", "fields": [mrkdwn("x")] * 11}, "/blocks/0/fields"),
    "eleven context elements": ({"type": "context", "elements": [mrkdwn("x")] * 11}, "/blocks/0/elements"),
    "no actions": (actions(), "/blocks/0/elements"),
    "26 actions": (
        actions(*[button()["elements"][0] | {"action_id": str(n)} for n in range(26)]),
        "/blocks/0/elements",
    ),
    "button not plain": (actions({"type": "button", "text": mrkdwn("x")}), "/blocks/0/elements/0/text/type"),
    "button text 76": (actions({"type": "button", "text": plain("x" * 76)}), "/blocks/0/elements/0/text"),
    "button value 2001": (button(value="v" * 2001), "/blocks/0/elements/0/value"),
    "button style": (button(style="loud"), "/blocks/0/elements/0/style"),
    "button url": (button(url="javascript:alert(1)"), "/blocks/0/elements/0/url"),
    "action_id 256": (button("x" * 256), "/blocks/0/elements/0/action_id"),
    "block_id 256": ({"type": "divider", "block_id": "x" * 256}, "/blocks/0/block_id"),
    "same action_id": (actions(menu(option()), menu(option())), "/blocks/0/elements"),
    "option text 76": (actions(menu(option("x" * 76))), "/blocks/0/elements/0/options/0/text"),
    "option value 76": (actions(menu(option(value="x" * 76))), "/blocks/0/elements/0/options/0/value"),
    "no options": (actions(menu()), "/blocks/0/elements/0/options"),
    "101 options": (actions(menu(*[option()] * 101)), "/blocks/0/elements/0/options"),
    "six in an overflow": (
        actions({"type": "overflow", "action_id": "m", "options": [option()] * 6}),
        "/blocks/0/elements/0/options",
    ),
    "input in actions": (actions({"type": "plain_text_input", "action_id": "x"}), "/blocks/0/elements/0"),
    "alert in a message": ({"type": "alert", "text": plain("x")}, "/blocks/0/type"),
    "file input in a message": (
        {**modal()["blocks"][0], "element": {"type": "file_input", "action_id": "f"}},
        "/blocks/0/element/type",
    ),
    "table cell empty": ({"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}, "/blocks/0/rows/0/0/text"),
    "101 table rows": ({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]] * 101}, "/blocks/0/rows"),
    "table too long": ({"type": "table", "rows": [[{"type": "raw_text", "text": "a" * 10_001}]]}, "/blocks/0/rows"),
    "rich text empty": (
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}]},
        "/blocks/0/elements/0/elements/0/text",
    ),
    "image without alt": ({"type": "image", "image_url": "https://example.com/a.png"}, "/blocks/0/alt_text"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_good_block_passes_unchanged(name: str) -> None:
    before = copy.deepcopy(GOOD[name])
    check_message_blocks([GOOD[name]])
    assert GOOD[name] == before


@pytest.mark.parametrize("name", BAD)
def test_bad_block_is_refused_with_its_place(name: str) -> None:
    block, pointer = BAD[name]
    with pytest.raises(SlackRefusal, match="invalid_blocks") as caught:
        check_message_blocks([block])
    messages = caught.value.body()["response_metadata"]["messages"]
    assert any(f"[json-pointer:{pointer}]" in message for message in messages), messages


def test_counts_ids_and_total_length() -> None:
    check_message_blocks([{"type": "divider"}] * 50)
    with pytest.raises(SlackRefusal, match="invalid_blocks"):
        check_message_blocks([{"type": "divider"}] * 51)
    with pytest.raises(SlackRefusal, match="invalid_blocks"):
        check_message_blocks([{"type": "divider", "block_id": "a"}] * 2)
    with pytest.raises(SlackRefusal, match="invalid_blocks"):
        check_message_blocks([GOOD["table"]] * 2)
    check_message_blocks([{"type": "section", "text": mrkdwn("x" * 2640)}] * 5)
    with pytest.raises(SlackRefusal, match="msg_blocks_too_long"):
        check_message_blocks([{"type": "section", "text": mrkdwn("x" * 2641)}] * 5)


VIEWS: dict[str, tuple[Json, str]] = {
    "title 25": (modal(title=plain("x" * 25)), "/view/title"),
    "title 30": (modal(title=plain("x" * 30)), "/view/title"),
    "title markup": (modal(title=mrkdwn("x")), "/view/title/type"),
    "submit 25": (modal(submit=plain("x" * 25)), "/view/submit"),
    "close 25": (modal(close=plain("x" * 25)), "/view/close"),
    "no blocks": ({**modal(), "blocks": []}, "/view/blocks"),
    "101 blocks": ({**modal(), "blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
    "metadata 3001": (modal(private_metadata="x" * 3001), "/view/private_metadata"),
    "callback 256": (modal(callback_id="x" * 256), "/view/callback_id"),
    "input without submit": ({k: v for k, v in modal().items() if k != "submit"}, "/view/submit"),
    "table in a modal": (modal(GOOD["table"]), "/view/blocks/0/type"),
    "unknown key": (modal(colour="red"), "/view/colour"),
    "home instead": ({"type": "home", "blocks": [{"type": "divider"}]}, "/view/type"),
}


@pytest.mark.parametrize("name", VIEWS)
def test_bad_view_is_refused_with_its_place(name: str) -> None:
    view, pointer = VIEWS[name]
    with pytest.raises(SlackRefusal, match="invalid_arguments") as caught:
        check_view(view, "modal")
    messages = caught.value.body()["response_metadata"]["messages"]
    assert any(f"[json-pointer:{pointer}]" in message for message in messages), messages


def test_good_views_pass() -> None:
    check_view(modal(title=plain("x" * 24), notify_on_close=True, clear_on_close=False), "modal")
    check_view(modal({"type": "alert", "text": mrkdwn("Careful"), "level": "warning"}), "modal")
    check_view({"type": "home", "blocks": [GOOD["section"]] * 100}, "home")
    with pytest.raises(SlackRefusal):
        check_view({"type": "home", "blocks": [], "title": plain("x")}, "home")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=3), st.sampled_from(sorted(GOOD)), st.data())
def test_law_no_input_breaks_the_checker(noise: list[Any], name: str, data: st.DataObject) -> None:
    """Whatever is sent, the answer is yes or a refusal, never an error of the checker's own."""
    block = copy.deepcopy(GOOD[name])
    block[data.draw(st.sampled_from([*sorted(block), "extra"]))] = data.draw(JSON)
    for blocks in (noise, [block]):
        with suppress(SlackRefusal):
            check_message_blocks(blocks)
