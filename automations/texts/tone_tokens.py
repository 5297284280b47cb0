"""Words, faces, emoji and marks of a text, sentence by sentence, each with its place."""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*|\d+)"
    r"|(?P<glad>[:;=]-?[)D\]]+(?!\w)|<3(?!\d))"
    r"|(?P<sad>>?[:=][-'^]{0,2}[(\[]+(?!\w)|(?<!\S)[:=]-?[/\\|](?!\S)|(?<!\S)D:(?!\S))"
    r"|(?P<irony>(?<!\S)/s(?!\S))"
    r"|(?P<end>[.!?\n]+)"
    r"|(?P<pause>[,;:()\"“”]+)"
    r"|(?P<emoji>[☹☺❤\U0001f300-\U0001faff]|:[a-z_]{3,30}:)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text by its kind: word, glad, sad, irony, end, pause or emoji; `word` is empty for all but words."""

    kind: str
    text: str
    start: int
    end: int
    word: str


def sentences(text: str) -> list[list[Token]]:
    """The tokens of each sentence, its end among them. A line's end is one too; the lists are never empty."""
    found: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        word = match[0].lower().replace("’", "'") if kind == "word" else ""
        found[-1].append(Token(kind, match[0], match.start(), match.end(), word))
        if kind == "end":
            found.append([])
    return [sentence for sentence in found if sentence]
