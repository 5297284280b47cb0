"""What a person wrote in a message: no markup, quoted mail, signature, link or log; code is kept apart.

Everything here looks at a line or a word at a time and never goes back, so a message of 100,000 characters takes
milliseconds whatever stands in it.
"""

import re
from dataclasses import dataclass
from typing import Final

from automations.texts.markup import without_markup

LIMIT: Final = 4000
"""Characters of words that are read: what a message wants is said at its start."""
_READ: Final = 200_000
"""Characters of a message that are looked at, markup and quoted mail among them."""
_LONGEST_LINE: Final = 500
"""A longer line is prose, or no line of a log that somebody would know as one."""


@dataclass(frozen=True, slots=True)
class Written:
    """The words of a person, at most LIMIT characters, and the code, traces and log lines that stood among them."""

    words: str
    code: tuple[str, ...]


def written(text: str, limit: int = LIMIT) -> Written:
    """What a person wrote in `text` (plain, HTML or Markdown), cut at a word's end to `limit` characters."""
    visible, code = without_markup(text[:_READ])
    lines = [line for line in _own_lines(visible.splitlines()) if not line.lstrip().startswith(">")]
    lines = _before_signature(lines)
    blocks = _code_lines(lines)
    code += _joined([(number, line) for number, line in enumerate(lines) if number in blocks])
    prose = [_without_links(_inline(line, code)) for number, line in enumerate(lines) if number not in blocks]
    return Written(_cut(re.sub(r"\n{3,}", "\n\n", "\n".join(prose)).strip(), limit), tuple(code))


_WROTE: Final = re.compile(
    r"(?:on|am|le|el|il|op|em|den)\b.{0,300}\b"
    r"(?:wrote|schrieb.{0,80}|écrit|escribió|escreveu|scritto|schreef.{0,80}|skrev.{0,80})\s?:$",
    re.IGNORECASE,
)
_CUTS: Final = re.compile(
    r"-{2,}\s{0,3}(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)"
    r"|_{20,}$|#{2,}\s?-.{0,80}(?:above this line|reply above)",
    re.IGNORECASE,
)
_HEADER: Final = re.compile(
    r"\*{0,2}(?:from|sent|to|date|subject|cc|von|gesendet|an|datum|betreff|de|envoyé|objet|para|asunto)\s?:",
    re.IGNORECASE,
)


def _own_lines(lines: list[str]) -> list[str]:
    """The lines above a quoted mail. Below its first line only what is marked by ">" is quoted if anything is.

    A message with nothing above the quoted mail was passed on, and is read.
    """
    kept: list[str] = []
    said = False
    passed = 0
    for number, line in enumerate(lines):
        if number < passed:
            continue
        if not line.strip():
            kept.append(line)
            continue
        length = _introduction(lines, number)
        if length and _first_mark(lines, number + length):
            passed = number + length
        elif length or _is(_CUTS, line.strip()) or _starts_headers(lines, number):
            if said:
                return kept
        else:
            kept.append(line)
            said = True
    return kept


def _introduction(lines: list[str], number: int) -> int:
    """How many lines introduce a quoted mail there, "On … wrote:" in one or two; 0 where none do."""
    first = lines[number].strip()
    if first.startswith(">"):
        return 0
    if first.endswith(":"):
        return int(_is(_WROTE, first))
    both = f"{first} {lines[number + 1].strip()}" if number + 1 < len(lines) else first
    return 2 if both.endswith(":") and _is(_WROTE, both) else 0


def _first_mark(lines: list[str], start: int) -> bool:
    """Whether the first line with words from there on is marked as quoted."""
    following = (line.lstrip() for line in lines[start : start + 5])
    return next((line.startswith(">") for line in following if line), False)


def _starts_headers(lines: list[str], number: int) -> bool:
    """Whether a mail's header stands here, as Outlook repeats it: at least three of its lines in a row."""
    block = [line.strip() for line in lines[number : number + 3]]
    return len(block) == 3 and all(_is(_HEADER, line) for line in block)


_SENT_FROM: Final = re.compile(
    r"(?:sent from (?:my|mail for)|sent via|get outlook for|von meinem .{1,40} gesendet|gesendet von"
    r"|envoyé de mon|enviado desde)\b",
    re.IGNORECASE,
)
_CLOSINGS: Final = frozenset(
    {
        "best regards", "kind regards", "warm regards", "many regards", "regards", "best", "best wishes", "sincerely",
        "yours sincerely", "yours faithfully", "thanks and regards", "thanks & regards", "mfg", "lg",
        "mit freundlichen grüßen", "mit freundlichen grüssen", "freundliche grüße", "viele grüße", "beste grüße",
        "cordialement", "bien cordialement", "saludos", "un saludo", "saludos cordiales", "atentamente",
        "cordiali saluti", "met vriendelijke groet", "atenciosamente", "com os melhores cumprimentos",
        "med vänlig hälsning", "med vennlig hilsen", "pozdrawiam", "z poważaniem",
    }
)  # fmt: skip
_CLOSED_WITHIN: Final = 12
"""Lines that a signature has at most, its company's notice among them."""


def _before_signature(lines: list[str]) -> list[str]:
    """Without "-- " (RFC 3676, 4.3) or a closing and what follows, and without what a telephone adds."""
    lines = [line for line in lines if not _is(_SENT_FROM, line.strip())]
    while lines and not lines[-1].strip():
        lines.pop()
    for number, line in enumerate(lines):
        near = len(lines) - number <= _CLOSED_WITHIN
        bare = line.strip().rstrip(",.!").casefold()
        closes = line == "-- " or (near and (bare in {"--", "—"} or bare in _CLOSINGS))
        if closes and any(one.strip() for one in lines[:number]):
            return lines[:number]
    return lines


_TRACE: Final = re.compile(
    r"\s*at [^\s./]*(?: [^\s./]*)?[./].*(?:\)|:\d+)$|\s*File \".*\", line \d+|\s*\.\.\. \d+ more$"
    r"|(?:Caused by|Exception in thread)\b|Traceback \(most recent|[\w.$]+(?:Error|Exception|Warning)(?::|$)"
)
_LOG: Final = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|TRACE|SEVERE)[\]:]"
    r"|\s*\$ \w|[a-z]+\[\d+\]: "
)
_STATEMENT: Final = re.compile(r"\s*(?:[\w.<>\[\], *&]+[=(].*[;{]|.*\);|[}\])]+[;,)]*|</?\w[^>]*>)$")
_INDENTED: Final = ("    ", "\t")


def _code_lines(lines: list[str]) -> set[int]:
    """The numbers of the lines that hold code, a trace or a log."""
    fences = [number for number, line in enumerate(lines) if line.lstrip().startswith(("```", "~~~"))]
    found: set[int] = set()
    for start, end in zip(fences[::2], fences[1::2], strict=False):  # one left open encloses nothing
        found.update(range(start, end + 1))
    traced = False
    for number, line in enumerate(lines):
        if number in found or len(line) > _LONGEST_LINE:
            traced = False
            continue
        text = line.rstrip()
        if not text:
            traced = False
            continue
        inside = traced and line.startswith((" ", "\t"))
        if inside or any(pattern.match(text) for pattern in (_TRACE, _LOG, _STATEMENT)):
            found.add(number)
            traced = inside or text.startswith("Traceback")
        elif line.startswith(_INDENTED) and number - 1 in found:
            found.add(number)
        else:
            traced = False
    return found


def _joined(numbered: list[tuple[int, str]]) -> list[str]:
    """Neighbouring lines as one text."""
    texts: list[list[str]] = []
    last = -2
    for number, line in numbered:
        if number != last + 1:
            texts.append([])
        texts[-1].append(line)
        last = number
    return ["\n".join(one).strip("\n") for one in texts]


_INLINE: Final = re.compile(r"`{1,2}([^`\n]{1,200})`{1,2}")
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{1,500}\)")


def _inline(line: str, code: list[str]) -> str:
    """The line without the code in it, which goes to `code`."""
    if "`" not in line:
        return line
    code += [found[1] for found in _INLINE.finditer(line)]
    return _INLINE.sub(" ", line)


def _without_links(line: str) -> str:
    """The line without addresses; of a link in Markdown the label stays."""
    if "](" in line:
        line = _LINK.sub(r"\1", line)
    return " ".join(word for word in line.split() if not _is_address(word))


def _is_address(word: str) -> bool:
    name, at, host = word.rpartition("@")
    return "://" in word or word.lower().startswith("www.") or bool(at and name and "." in host)


def _is(pattern: re.Pattern[str], line: str) -> bool:
    return len(line) <= _LONGEST_LINE and pattern.match(line) is not None


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return (text[:limit].rpartition(" ")[0] or text[:limit]).rstrip()
