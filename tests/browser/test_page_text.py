"""Text on the page: what looks like markup stays text, mrkdwn reads as in Slack, a broken block stays alone."""

import pytest
from playwright.sync_api import expect

from tests.bot.workspace.room import Room
from tests.browser.scene import CHANNEL, HOSTILE, Json, Keep, OpenPage, button, mrkdwn, plain, post_case

pytestmark = pytest.mark.browser


def escaped(text: str) -> str:
    """Text from outside as a view escapes it, once."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> Json:
    """Escaped mrkdwn that asks for no links."""
    return {**mrkdwn(escaped(text)), "verbatim": True}


def hostile_blocks() -> list[Json]:
    """Hostile text in every field that takes text; without asterisks in mrkdwn, which has no way to escape them."""
    tame = HOSTILE.replace("*", "")
    words = {"type": "text", "text": HOSTILE}
    short = plain(HOSTILE[:75])
    select = {"type": "static_select", "action_id": "odd.select", "placeholder": short}
    rich = [{"type": f"rich_text_{kind}", "elements": [words]} for kind in ("section", "quote", "preformatted")]
    rich.append({"type": "rich_text_list", "style": "bullet", "elements": [rich[0]]})
    return [
        {"type": "header", "text": plain(HOSTILE[:150])},
        {"type": "section", "text": literal(tame * 14), "fields": [literal(tame), plain(HOSTILE)]},
        {"type": "context", "elements": [literal(tame), plain(HOSTILE)]},
        {"type": "rich_text", "elements": rich},
        {"type": "table", "rows": [[{"type": "raw_text", "text": HOSTILE}], [{"type": "raw_text", "text": HOSTILE}]]},
        {"type": "image", "image_url": "https://127.0.0.1:9/none.png", "alt_text": HOSTILE, "title": plain(HOSTILE)},
        {"type": "actions", "elements": [
            button(HOSTILE[:75], "odd.button"), {**select, "options": [{"text": short, "value": "v"}]},
        ]},
    ]  # fmt: skip


PARTS = (
    ".block-header", ".flow", ".rich .flow", "pre", "blockquote", "li", "th", "td", "figcaption",
    ".context .text >> nth=1",
)  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_text_stays_text(room: Room, open_page: OpenPage, picture: Keep, width: int) -> None:
    room.post(text=escaped(HOSTILE), blocks=hostile_blocks())
    room.post(text=escaped((HOSTILE * 40).replace("*", "")[:4_000]))
    page = open_page(width=width, height=844)
    row = page.get_by_role("article").first
    tame = HOSTILE.replace("*", "").strip()
    for part in PARTS:
        assert tame[:70] in (row.locator(part).first.text_content() or "").replace("*", ""), part
    assert tame in (row.locator(".fields .text").first.text_content() or "")
    expect(row.get_by_role("button", name=HOSTILE[:75].strip())).to_be_visible()
    assert row.locator("script, .mention, img[src='x'], :is(.section, .context, .rich, table) .link").count() == 0
    assert page.evaluate("window.hacked") is None
    assert page.get_by_role("article").nth(1).inner_text().count("<script>window.hacked=1</script>") > 20
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert row.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "text is wider than its message"
    picture(page, f"hostile-{width}")


READ = """async (text) => {
  const { mrkdwn } = await import("/page/mrkdwn.js");
  const people = { U1: { real_name: "Ann" }, U2: { real_name: "Bo" } };
  const store = {
    state: { me: { id: "U1" } },
    user: (id) => people[id] ?? null,
    channel: (id) => (id === "C1" ? { name: "ops" } : null),
    group: (id) => (id === "S1" ? { handle: "leads" } : null),
  };
  const box = document.createElement("div");
  box.append(...mrkdwn(text, store));
  return box.innerHTML;
}"""

MRKDWN = {
    "*bold* _it_ ~no~ `a &lt; b`": "<strong>bold</strong> <em>it</em> <s>no</s> <code>a &lt; b</code>",
    "&amp;lt; &amp;amp;": "&amp;lt; &amp;amp;",
    "2*3*4 snake_case_name": "2*3*4 snake_case_name",
    "*a _b_ c*": "<strong>a <em>b</em> c</strong>",
    "*open\nnext*": "*open<br>next*",
    "<@U1> <@U2|bo>": '<span class="mention me">@Ann</span> <span class="mention">@Bo</span>',
    "<#C1> <!subteam^S1|@old>": '<span class="mention">#ops</span> <span class="mention">@leads</span>',
    "<!here>": '<span class="mention me">@here</span>',
    "<javascript:alert(1)|press>": "&lt;javascript:alert(1)|press&gt;",
    "<!date^abc^{date}|no date>": '<time title="no date">no date</time>',
    ":unknown_one: 12:30:45": ":unknown_one: 12:30:45",
    "```x *y* &lt;```": "PRE<code>x *y* &lt;</code>",
    "&gt; said\nthen": "QUOTEsaid/QUOTEthen",
}  # fmt: skip


def test_mrkdwn_is_read_as_slack_reads_it(open_page: OpenPage) -> None:
    page = open_page()
    shapes = {
        '<div class="flow">': "",
        "</div>": "",
        "<pre>": "PRE",
        "</pre>": "",
        "<blockquote>": "QUOTE",
        "</blockquote>": "/QUOTE",
    }
    for text, expected in MRKDWN.items():
        found = str(page.evaluate(READ, text))
        for markup, short in shapes.items():
            found = found.replace(markup, short)
        assert found == expected, text
    link = str(page.evaluate(READ, "see <https://a.example/?q=1&amp;r=2|here>"))
    assert 'href="https://a.example/?q=1&amp;r=2"' in link
    assert 'rel="noopener noreferrer"' in link


def test_a_broken_block_breaks_nothing_else(room: Room, open_page: OpenPage) -> None:
    ts = post_case(room)
    blocks = room.workspace.message(CHANNEL, ts)["blocks"]  # no call can do this: the workspace refuses such blocks
    blocks[1] = {"type": "section", "block_id": "b1"}
    blocks[3] = {"type": "hologram", "block_id": "b3"}
    page = open_page()
    row = page.get_by_role("article")
    expect(row.get_by_text("This part cannot be shown here")).to_have_count(2)
    expect(row.get_by_role("button", name="Claim")).to_be_visible()
    expect(row.get_by_text("Acme GmbH")).to_be_visible()
