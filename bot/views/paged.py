"""Long texts on pages of a modal: whole, in paragraphs that fit, dealt out so that no page is over Slack's limits."""

from collections.abc import Iterable, Iterator, Sequence

from bot.views import Block
from bot.views.blocks import MAX_MODAL_BLOCKS, label, rich, section, size, words
from bot.views.texts import one_line, tame

ROOM = 11_000
"""Characters of JSON on one page, so that what stands around it still fits."""
CHUNK = 1_200
"""Characters of one paragraph; a longer text goes on in the next."""


def paragraphs(name: str, text: str) -> list[Block]:
    """Make paragraphs of one text (elements of `rich`), the first with its name; none for an empty text."""
    return [
        section(*([label(one_line(name, 60) or "…")] if number == 0 else []), words(chunk, limit=CHUNK))
        for number, chunk in enumerate(chunks(text))
    ]


def chunks(text: str) -> list[str]:
    """Cut a text into pieces that each fit into a paragraph; nothing is lost but runs of blanks."""
    whole = tame(text).strip()
    return [whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK)]


def gathered(sections: Iterable[Block]) -> Iterator[Block]:
    """Put paragraphs into as few rich texts as fit on pages."""
    held: list[Block] = []
    for one in sections:
        if held and size([*held, one]) > ROOM // 2:
            yield rich(*held)
            held = []
        held.append(one)
    if held:
        yield rich(*held)


def pages(blocks: Sequence[Block]) -> list[list[Block]]:
    """Deal blocks out to pages; buttons never begin one, for they belong to what stands before them."""
    made: list[list[Block]] = [[]]
    for place, block in enumerate(blocks):
        page, with_buttons = made[-1], [block]
        if place + 1 < len(blocks) and blocks[place + 1]["type"] == "actions":
            with_buttons.append(blocks[place + 1])
        full = size([*page, *with_buttons]) > ROOM or len(page) + len(with_buttons) > MAX_MODAL_BLOCKS - 5
        if page and full and block["type"] != "actions":
            made.append([])
        made[-1].append(block)
    return made
