"""What Slack refuses is refused here; what it takes, passes."""

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workspace.blocks import check_message, check_view
from bot.workspace.errors import SlackRefusal
from bot.workspace.shapes.surfaces import characters
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


def chart(shape: Json, **extra: Any) -> Json:
    return {"type": "data_visualization", "title": "Open tickets", "chart": shape, **extra}


def plotted(*series: Json) -> Json:
    return {"type": "line", "series": list(series), "axis_config": {"categories": ["Mon"], "y_label": "tickets"}}


def container(*children: Json, **extra: Any) -> Json:
    return {"type": "container", "title": plain("Details"), "child_blocks": list(children), **extra}


def icon() -> Json:
    return {"type": "icon_button", "icon": "trash", "text": plain("Delete")}


def data_table(rows: list[list[Json]], **extra: Any) -> Json:
    return {"type": "data_table", "caption": "Queue", "rows": rows, **extra}


RAW = {"type": "raw_text", "text": "a"}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
}

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
    "pie": chart({"type": "pie", "segments": [{"label": "open", "value": 3}] * 6}),
    "lines": chart(plotted(*[{"name": str(n), "data": [{"label": "Mon", "value": 0}]} for n in range(6)])),
    "container": container({"type": "divider"}, {"type": "section", "text": mrkdwn("x")}, is_collapsible=True),
    "context_actions": {"type": "context_actions", "elements": [icon()] * 5},
    "data_table": data_table([[RAW, RAW], [RAW, RAW]], page_size=100),
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
    "seven slices": (
        chart({"type": "pie", "segments": [{"label": "a", "value": 1}] * 7}),
        "/blocks/0/chart/segments",
    ),
    "a slice of nothing": (
        chart({"type": "pie", "segments": [{"label": "a", "value": 0}]}),
        "/blocks/0/chart/segments/0/value",
    ),
    "no slices": (chart({"type": "pie", "segments": []}), "/blocks/0/chart/segments"),
    "a chart of another kind": (chart({"type": "radar"}), "/blocks/0/chart"),
    "seven series": (
        chart(plotted(*[{"name": str(n), "data": [{"label": "Mon", "value": 0}]} for n in range(7)])),
        "/blocks/0/chart/series",
    ),
    "a series without a category": (
        chart(plotted({"name": "a", "data": [{"label": "Tue", "value": 0}]})),
        "/blocks/0/chart",
    ),
    "a label of 21": (
        chart({"type": "pie", "segments": [{"label": "x" * 21, "value": 1}]}),
        "/blocks/0/chart/segments/0/label",
    ),
    "a chart's title of 51": (
        {**chart({"type": "pie", "segments": [{"label": "a", "value": 1}]}), "title": "x" * 51},
        "/blocks/0/title",
    ),
    "an input in a container": (container(modal()["blocks"][0]), "/blocks/0/child_blocks/0"),
    "a container in a container": (container(container({"type": "divider"})), "/blocks/0/child_blocks/0"),
    "a broken block in a container": (
        container({"type": "header", "text": plain("x" * 151)}),
        "/blocks/0/child_blocks/0/text",
    ),
    "eleven in a container": (container(*[{"type": "divider"}] * 11), "/blocks/0/child_blocks"),
    "a container without a title": (
        {key: value for key, value in container({"type": "divider"}).items() if key != "title"},
        "/blocks/0",
    ),
    "collapsed without a way to open it": (container({"type": "divider"}, default_collapsed=True), "/blocks/0"),
    "one block_id inside and outside": (
        {**container({"type": "divider", "block_id": "a"}), "block_id": "a"},
        "/blocks/0/child_blocks/0/block_id",
    ),
    "six icon buttons": ({"type": "context_actions", "elements": [icon()] * 6}, "/blocks/0/elements"),
    "a plain button among icons": (
        {"type": "context_actions", "elements": button()["elements"]},
        "/blocks/0/elements/0",
    ),
    "a data table of one row": (data_table([[RAW]]), "/blocks/0/rows"),
    "102 rows": (data_table([[RAW]] * 102), "/blocks/0/rows"),
    "uneven rows": (data_table([[RAW], [RAW, RAW]]), "/blocks/0"),
    "a rich header": (data_table([[RICH], [RAW]]), "/blocks/0"),
    "pages of 101": (data_table([[RAW], [RAW]], page_size=101), "/blocks/0/page_size"),
    "image without alt": ({"type": "image", "image_url": "https://example.com/a.png"}, "/blocks/0/alt_text"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_good_block_passes_unchanged(name: str) -> None:
    before = copy.deepcopy(GOOD[name])
    check_message([GOOD[name]])
    assert GOOD[name] == before


@pytest.mark.parametrize("name", BAD)
def test_bad_block_is_refused_with_its_place(name: str) -> None:
    block, pointer = BAD[name]
    with pytest.raises(SlackRefusal, match="invalid_blocks") as caught:
        check_message([block])
    messages = caught.value.body()["response_metadata"]["messages"]
    assert any(f"[json-pointer:{pointer}]" in message for message in messages), messages


def test_counts_ids_and_total_length() -> None:
    check_message([{"type": "divider"}] * 50)
    with pytest.raises(SlackRefusal, match="invalid_blocks"):
        check_message([{"type": "divider"}] * 51)
    with pytest.raises(SlackRefusal, match="invalid_blocks"):
        check_message([{"type": "divider", "block_id": "a"}] * 2)
    with pytest.raises(SlackRefusal, match="invalid_blocks"):
        check_message([GOOD["table"]] * 2)
    check_message([{"type": "section", "text": mrkdwn("x" * 2640)}] * 5)
    with pytest.raises(SlackRefusal, match="msg_blocks_too_long"):
        check_message([{"type": "section", "text": mrkdwn("x" * 2641)}] * 5)


def test_limits_hold_for_all_parts_of_a_payload_together() -> None:
    """Blocks and attachments are one message, and what stands in a container counts as well."""

    def attached(*blocks: Json) -> list[Json]:
        return [{"color": "#e76f51", "blocks": list(blocks)}]

    half = {"type": "markdown", "text": "x" * 6000}
    check_message([half, half])
    check_message([half], attached(half))
    check_message([{"type": "divider"}] * 25, attached(*[{"type": "divider"}] * 25))
    refused: dict[str, tuple[list[Json], list[Json] | None, str]] = {
        "markdown": ([half, {"type": "markdown", "text": "x" * 6001}], None, "/blocks/1/text"),
        "markdown in an attachment": (
            [half, half],
            attached({"type": "markdown", "text": "x"}),
            "/attachments/0/blocks/0",
        ),
        "markdown in a container": (
            [half, half, container({"type": "markdown", "text": "x"})],
            None,
            "/child_blocks/0",
        ),
        "51 blocks": ([{"type": "divider"}] * 26, attached(*[{"type": "divider"}] * 25), "/attachments/0/blocks"),
        "two tables": ([GOOD["table"]], attached(GOOD["table"]), "/attachments/0/blocks/0"),
        "three charts": ([GOOD["pie"]] * 2, attached(GOOD["lines"]), "/attachments/0/blocks/0"),
        "one block_id": (
            [{"type": "divider", "block_id": "a"}],
            attached({"type": "divider", "block_id": "a"}),
            "/attachments/0/blocks/0/block_id",
        ),
    }
    for name, (blocks, attachments, pointer) in refused.items():
        with pytest.raises(SlackRefusal, match="invalid_blocks") as caught:
            check_message(blocks, attachments)
        assert pointer in str(caught.value.body()), name
    long = {"type": "section", "text": mrkdwn("x" * 3000)}
    with pytest.raises(SlackRefusal, match="msg_blocks_too_long"):
        check_message([long] * 3, attached(long, long))


@pytest.mark.parametrize("attachments", ["x", [1], [{}] * 101])
def test_attachments_are_a_list_of_at_most_a_hundred_objects(attachments: Any) -> None:
    with pytest.raises(SlackRefusal, match="invalid_attachments"):
        check_message(None, attachments)


def test_everything_that_is_read_counts() -> None:
    """Labels, captions, numbers and bare addresses are read, too; ids and values are not."""
    assert characters(button(value="v" * 99)) == len("Claim")
    assert (
        characters([[{"type": "raw_number", "value": 1250}], [{"type": "raw_number", "value": 3, "text": "3.0"}]]) == 7
    )
    assert characters({"type": "link", "url": "https://a.example"}) == len("https://a.example")
    assert characters(chart({"type": "pie", "segments": [{"label": "open", "value": 3}]})) == len(
        "Open tickets" + "open"
    )
    assert characters(plotted({"name": "a", "data": []})) == len("a" + "Mon" + "tickets")


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
            check_message(blocks)
