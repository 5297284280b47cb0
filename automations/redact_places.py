"""Where secrets stand in text, and how much a value there must look like one.

`places(text)` finds `key=value`, headers, cookies, URLs with a password, PEM blocks, command lines, SQL, "the password
is …". The word beside a value gives its strength: beside `password` nearly any value is a secret, beside `key` or a
vendor's name it must look generated, beside an unknown word it must look very generated, beside `commit` or `order_id`
it never is, because randomness alone also describes hashes, job ids and order numbers.

Every pattern is linear: it starts at a fixed mark or at the start of a run, and what may fail afterwards is bounded.
"""

import re
from collections.abc import Iterator

from automations.redact_formats import FORMATS
from automations.redact_words import (
    HEX,
    JUDGED,
    NOT_SECRET,
    TOKEN_PARTS,
    UUID,
    Strength,
    alternates,
    is_email,
    looks_secret,
    strength,
)

Span = tuple[int, int]
"""Start and end of a secret in the text, half-open."""

_FORMAT = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))(?:" + "|".join(row for _, row in FORMATS) + ")")
_RUN = re.compile(r"(?<![\w~+-])[A-Za-z][\w~+-]{19,}+")

_PEM = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-Lines: \d{1,4}(?=\s)")
_PEM_BODY = re.compile(
    r"(?:(?:\s|\\[nrt])++(?:[A-Za-z0-9+/]{24,}={0,2}|(?:Proc-Type|DEK-Info|Version|Comment|Hash): [^\n\\]{0,200}))*+"
    r"(?:(?:\s|\\[nrt])++[A-Za-z0-9+/]{1,80}={0,2}(?=\s*+$|\s*+\n\S+:))?"
)
_BASE64_RUN = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{200,}+={0,2}")
_KEY_INSIDE = re.compile("UklWQVRFIEtFW|SSVZBVEUgS0VZ|BSSVZBVEUgS0|QUklWQVRFIEtF|JrdHki|a3R5Ij|rdHkiO|cmt0eSI6")
"""`RIVATE KEY` and `"kty":` as base64 writes them at its three alignments: a whole key inside a base64 run."""

_USERINFO = re.compile(r"(?<=://)[^\s:/@\"'<>]{0,200}:([^\s/\"'<>]{1,300})@")
_USER_ONLY = re.compile(r"(?<=://)([\w~.%+-]{16,300})@")
_Q = r"\\{0,3}[\"']?"
_IS = rf"{_Q}\s{{0,3}}[:=]\s{{0,3}}{_Q}"
_HEADER = re.compile(
    rf"(?i)\bauthorization{_IS}(?:basic|bearer|token|digest|negotiate|api-?key|ssws|key|hmac|bot|genie\w{{0,5}}|oauth"
    r"|aws4-\S{1,20})[ \t:=]{1,3}([^\s\"'\\<>,;]{4,})"
)
_SCHEME = re.compile(r"(?i)(?<![\w-])(?:basic|bearer|ssws|flyv1|genie ?key)[ \t]{1,3}([\w.~+/%|:=-]{8,})")
_COOKIE = re.compile(rf"(?i)(?<![\w-])(set-)?cookie2?{_IS}(?=[^\s=;\"']{{1,100}}=)([^\n\"']{{1,8000}})")
_CRUMB = re.compile(r"([^\s=;]{1,100})=([^\s;,\\]+)")
_ATTRIBUTE = re.compile(r"(?i)(?:path|domain|expires|max-age|samesite|version|priority)$")

_KEYED = re.compile(
    r"(?<![\w.$-])([\w.$-]++)(\\{0,3}[\"'`]?\]?)[ \t]{0,8}(=>|:=|={1,3}|:|%3[DdAa]|,(?=[ \t]{0,8}[\"']))"
    r"[ \t]{0,8}(\\{0,3}[\"'`]|)"
)
_QUOTED = {mark: re.compile(f"([^{mark}\\n]{{1,8000}}){mark}") for mark in "\"'`"}
_UNQUOTED = re.compile(r"(?:[^\s\"'`<>,;&]|&(?![\w.-]{1,40}=)|[,;](?=[^\s\"'`<>,;&])(?![\w.-]{1,40}[ \t]?[:=]))++")
_CALL = re.compile(r"[\w.]{1,60}\(|(?:os|process|sys|env)\.[\w.]{1,60}")
_ARGUMENT = re.compile(r"[\"']([^\"'\n]{4,200})[\"']")
_MORE_WORDS = re.compile(r"[ \t]+[A-Za-z]")

_NAMED = re.compile(
    rf"(?i)\b(?:name|key|header|field){_IS}([\w.-]{{2,64}}){_Q}[\s,]{{0,20}}{_Q}value{_IS}([^\"'\\\n]{{1,2000}})"
)
_ELEMENT = re.compile(r"<([A-Za-z][\w.:-]{1,60})>([^<>\n]{3,400})</")
_OPTION = re.compile(r"(?<![\w-])--?([A-Za-z][\w-]{1,40})[ \t]{1,4}\\?[\"']?([^\s\"'\\-][^\s\"'\\]{2,})")
_CELL = re.compile(
    r"\|[ \t]{0,8}([\w.-]{2,40})[ \t]{0,8}\|[ \t]{0,8}`?(?=[^\s|`]{0,199}\d)([^\s|`]{3,200})`?[ \t]{0,8}(?=\||$)"
)
_DEFAULT = re.compile(
    r"\bvariable[ \t]{1,4}\"([\w-]{2,60})\"\s{0,4}\{[^{}\"]{0,200}\bdefault\s{0,8}=\s{0,8}\"([^\"\n]{3,300})\""
)
_COMMAND = re.compile(
    r"(?i)(?<!\S)(?:-u|--(?:proxy-)?user)[ =]?[\"']?[^\s:\"']{1,100}:([^\s\"']+)"
    r"|\bmysql\w{0,10}\b[^\n|;]{0,120}?[ ]-p([^\s\"';]{3,})|\bsshpass\s{1,3}-p\s{0,3}[\"']?([^\s\"']+)"
    r"|ConvertTo-SecureString(?:\s{1,3}-[A-Za-z]{1,20}){0,4}\s{1,3}\\{0,2}[\"']?([^\s\"'\\-][^\s\"'\\]*)"
    r"|\bidentified\s{1,3}(?:with\s{1,3}[\w']{1,40}\s{1,3})?(?:by|as)\s{1,3}(?:password\s{1,3})?[\"']?([^\s\"';)]+)"
    r"|\bpassword\s{1,3}[\"']([^\s\"']{3,200})[\"']"
    r"|\blogin\s{1,8}[^\s]{1,100}\s{1,8}password\s{1,8}([^\s\"']{3,200})"
)
_BY_SIGN = ((":", _NAMED), ("=", _NAMED), ("<", _ELEMENT), ("-", _OPTION), ("|", _CELL), ("{", _DEFAULT))
"""Patterns of a named pair, each with a sign that its matches have; one of two is enough."""
_SPACE = re.compile(r"\s")
_SPOKEN = re.compile(
    r"(?i)(?<![\w-])(pass(?:word|wd|phrase|code)|pwd|pw|credential|secret|token|(?:api|access)[ -]?key|key|pin)s?\b"
    r"((?:[ \t]{1,4}[a-z']{1,12}+(?=[ \t:=])){0,7}+)[ \t:=]{1,4}[\"'`“‘«<*_(]{0,3}([^\s\"'`”’»<>]{6,})"
)
_LINK = frozenset(
    re.findall(r"\S+", "is was are to for as now be set here of my the a used i we you use using with new old user it")
)


def _end(text: str, start: int, quote: str, limit: int) -> int:
    """Find where a value ends: at its closing quote, or where an unquoted value stops, at most at `limit`."""
    if quote and (closed := _QUOTED[quote[-1]].match(text, start, limit)):
        return start + len(closed[1].rstrip("\\"))
    found = _UNQUOTED.match(text, start, limit)
    value = found[0].rstrip("\\") if found else ""
    for opening, closing in ("()", "[]", "{}"):
        if value.endswith(closing) and opening not in value:
            value = value.rstrip(closing)
    return start + len(value)


def _arguments(text: str, start: int) -> Iterator[Span]:
    """Yield the secrets written as defaults in a call: `getenv("NAME", "secret")`."""
    line = text[start : start + 300].partition("\n")[0]
    for found in _ARGUMENT.finditer(line):
        if any(c.isdigit() for c in found[1]) and looks_secret(found[1], Strength.STRONG):
            yield start + found.start(1), start + found.end(1)


def _keyed(text: str) -> Iterator[Span]:
    if "=" not in text and ":" not in text and "%" not in text and "," not in text:
        return
    at = 0
    while found := _KEYED.search(text, at):
        at = start = found.end()
        key, closing, mark, quote = found.groups()
        beside = strength(key[-80:])
        if beside is Strength.NEVER or (mark == "," and not closing) or text.startswith("//", start):
            continue
        if not quote and beside in (Strength.STRONG, Strength.MEDIUM) and _CALL.match(text, start):
            yield from _arguments(text, start)
            continue
        peek = _end(text, start, quote, start + JUDGED)
        value = text[start:peek]
        if mark == "," and not any(c.isdigit() for c in value):
            continue  # a list of names: ["password", "username"]
        if key.lower().endswith("cookie") and "=" in value:
            continue  # pairs, read by `_marked`
        prose = not quote and text[start - 1].isspace() and value.isalpha() and _MORE_WORDS.match(text, peek)
        if not prose and looks_secret(value, beside):
            at = _end(text, start, quote, len(text))
            yield start, at


def _pem(text: str) -> Iterator[Span]:
    """Yield private key blocks whole; of a block that was cut, what still belongs to it."""
    marks = list(_PEM.finditer(text))
    for mark, after in zip(marks, [*marks[1:], None], strict=False):
        if mark[1] == "END":
            continue
        if mark[1] and after and after[1] == "END":
            yield mark.start(), after.end()
        elif body := _PEM_BODY.match(text, mark.end()):
            yield mark.start(), body.end()
    for run in _BASE64_RUN.finditer(text):
        if _KEY_INSIDE.search(run[0]):
            yield run.span()


def _spoken(text: str) -> Iterator[Span]:
    """Yield values named in a sentence: "the password is …", "the key I used was …"."""
    for found in _SPOKEN.finditer(text):
        between, value = found[2].lower().split(), found[3].rstrip(".,;:)?")
        linked = _LINK.issuperset(between)
        if NOT_SECRET.match(value) or is_email(value) or "://" in value:
            continue
        if found[1][0] in "pP" or found[1].lower() == "credential":
            mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and "/" not in value
            secret = linked and mixed and (alternates(value, 8, 0.15) or bool({"is", "was", "to", "as"} & {*between}))
        else:
            secret = alternates(value, 16, 0.2) and looks_secret(value, Strength.MEDIUM)
            secret = secret and (linked or not UUID.match(value))
        if secret:
            yield found.start(3), found.start(3) + len(value)


def _announced(text: str) -> Iterator[Span]:
    """Yield tokens whose own prefix says so: `acme_pat_…`, `foo-live-…`."""
    for run in _RUN.finditer(text):
        parts = re.split(r"[_.~+-]", run[0])
        tail = max(parts, key=len)
        if TOKEN_PARTS.intersection(part.lower() for part in parts[: parts.index(tail)]) and (
            alternates(tail, 16, 0.2) or (len(tail) >= 24 and HEX.match(tail))
        ):
            yield run.span()


def _marked(text: str) -> Iterator[Span]:
    """Yield what a fixed mark announces: URL userinfo, headers, cookies, options, commands, named pairs.

    A pattern is not tried where a sign is missing that each of its matches has: most texts are short and have none.
    """
    if "://" in text:
        yield from (found.span(1) for found in _USERINFO.finditer(text))
        yield from (found.span(1) for found in _USER_ONLY.finditer(text) if looks_secret(found[1], Strength.MEDIUM))
    if ":" in text or "=" in text:
        yield from _headers(text)
    if " " in text or "\t" in text:
        yield from (found.span(1) for found in _SCHEME.finditer(text) if looks_secret(found[1], Strength.MEDIUM))
    for pattern in dict.fromkeys(one for sign, one in _BY_SIGN if sign in text):
        for found in pattern.finditer(text):
            if strength(found[1]) in (Strength.STRONG, Strength.MEDIUM) and looks_secret(found[2], strength(found[1])):
                yield found.span(2)
    if ":" in text or _SPACE.search(text):
        for found in _COMMAND.finditer(text):
            if looks_secret(found[found.lastindex or 0], Strength.STRONG):
                yield found.span(found.lastindex or 0)


def _headers(text: str) -> Iterator[Span]:
    for found in _HEADER.finditer(text):
        if looks_secret(found[1], Strength.STRONG) and not (found[1].islower() and found[1].isalpha()):
            yield found.span(1)
    for header in _COOKIE.finditer(text):
        for number, crumb in enumerate(_CRUMB.finditer(text, *header.span(2))):
            if not (header[1] and number) and not _ATTRIBUTE.match(crumb[1]):
                yield crumb.span(2)


def places(text: str) -> Iterator[Span]:
    """Yield where secrets stand: vendors' formats and everything the words and marks around a value give away."""
    yield from (found.span(found.lastindex or 0) for found in _FORMAT.finditer(text))
    for find in (_keyed, _pem, _marked, _spoken, _announced):
        yield from find(text)
