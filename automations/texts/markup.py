"""HTML taken off a message: its words, its code, and none of what it quotes."""

import html
import re
from collections.abc import Iterator
from typing import Final

from automations.texts.word_lists import listed

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,11})(?=[\s/>])([^<>]{0,4000})>")
"""It never looks past the next angle bracket, so it stays linear."""

_KNOWN: Final = listed(
    """
    a abbr address article aside b big blockquote body br button caption center cite code col colgroup dd del details
    div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i img input ins kbd label li
    link main mark meta nav ol option p pre q s samp script section select small span strike strong style sub summary
    sup table tbody td textarea tfoot th thead title tr tt u ul var wbr
    """
)
"""Elements of HTML. Whatever else stands in angle brackets (`List<String>`) is left as it is."""

_BREAKS: Final = listed(
    "address article aside blockquote br dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p "
    "pre section table tr ul"
)
_CODE: Final = frozenset({"code", "kbd", "pre", "samp", "tt"})
_QUOTED: Final = frozenset({"blockquote"})
_UNSEEN: Final = frozenset({"head", "script", "style", "title"})

_LABELLED: Final = re.compile(r"<(?:https?|mailto):[^<>|]{0,2000}(?:\|([^<>]{0,500}))?>")
"""A link as Slack writes it."""


def without_markup(text: str) -> tuple[str, list[str]]:
    """The words of a message that may be HTML, a line for each block, and the code in it, a text for each place.

    Quoted passages, styles and scripts are dropped. Text without markup comes back as it is, entities read.
    """
    text = _LABELLED.sub(lambda link: link[1] or " ", _without_comments(text))
    tags = [tag for tag in _TAG.finditer(text) if tag[2].lower() in _KNOWN]
    ends = _ends(tags)
    words: list[str] = []
    code: list[str] = []
    at = 0
    for tag in tags:
        if tag.start() < at:
            continue  # inside what was taken out
        name = tag[2].lower()
        words += [text[at : tag.start()], "\n" if name in _BREAKS else " " if name in {"td", "th"} else ""]
        at = tag.end()
        if (end := ends.get(tag.start())) is not None:
            if name in _CODE:
                code.append(html.unescape(_TAG.sub("", text[at : end[0]])).strip())
            words.append(" ")
            at = end[1]
    words.append(text[at:])
    return html.unescape("".join(words)), [one for one in code if one]


def _ends(tags: list[re.Match[str]]) -> dict[int, tuple[int, int]]:
    """Where the closing tag of each opened piece of code, quotation or script stands, by where it was opened."""
    opened: dict[str, list[int]] = {}
    ends: dict[int, tuple[int, int]] = {}
    for tag in tags:
        name = tag[2].lower()
        if name not in _CODE | _QUOTED | _UNSEEN:
            continue
        if not tag[1]:
            opened.setdefault(name, []).append(tag.start())
        elif opened.get(name):
            ends[opened[name].pop()] = tag.span()
    return ends


def _without_comments(text: str) -> str:
    return "".join(_outside_comments(text))


def _outside_comments(text: str) -> Iterator[str]:
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        if end < 0:
            break
        yield text[at:start]
        at = end + 3
    yield text[at:]
