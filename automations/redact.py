"""Redaction: takes secrets out of text before it is stored, shown or logged. No I/O, and never an error.

Three layers, applied to the same text: (1) the exact values of the secrets this process holds, also URL-encoded, in
base64 and as JSON and HTML write them; (2) vendors' token formats (`automations.redact_formats`); (3) the places where
secrets stand, such as `key=value`, headers, cookies, PEM blocks (`automations.redact_places`, judged by
`automations.redact_words`).

Laws, each tested: redaction is idempotent; what is not secret stays as it is; the work grows linearly with the text.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import escape
from threading import Lock
from typing import Any, Final
from urllib.parse import quote, quote_plus

from automations.redact_places import Span, places
from automations.redact_words import Strength, looks_secret, strength

MASK: Final = "[redacted]"
"""Stands for every secret. No kind is named: a kind would itself tell something, and would be text to match again."""

SHORTEST_SECRET: Final = 8
"""Held values shorter than this are not looked for: they would be found inside ordinary words."""

_ROUNDS: Final = 8
_DEEPEST: Final = 64
_KEPT: Final = 4096
_LONGEST_KEPT: Final = 2048
_STRONGEST_FIRST: Final = tuple(Strength)
_WORTH_A_LOOK = re.compile(r"[=:@/\s-]|\d\D{0,200}\d\D{0,200}\d")
"""No secret that is told by its form or its place is without one of these signs, or without three digits."""
_WHOLE_KEY = re.compile(r"(?i)(?:token|authorization|cookies?|session|signature|dsn|webhook_?url|jwt)$|(?:^|[_-])auth$")


def _without(text: str, secrets: Iterable[Span]) -> str:
    """Replace the spans by the mask, overlapping ones by one mask. Masks already in the text are never cut."""
    if not (secrets := list(secrets)):
        return text
    masks = [found.span() for found in re.finditer(re.escape(MASK), text)]
    parts: list[str] = []
    done = start = end = 0
    for low, high in [*sorted([*masks, *secrets]), (len(text) + 1, len(text) + 1)]:
        if low < end:
            end = max(end, high)
            continue
        if text[start:end].replace(MASK, ""):
            parts += [text[done:start], MASK]
            done = end
        start, end = low, high
    return "".join([*parts, text[done:]])


def _settled(text: str, find: Callable[[str], Iterator[Span]]) -> str:
    """Redact until nothing more is found, so that a second pass never changes anything.

    Two rounds are the rule (one that masks, one that finds nothing). Text built so that each mask uncovers the next
    secret is masked as a whole when the rounds are used up.
    """
    for _ in range(_ROUNDS):
        after = _without(text, find(text))
        if after == text:
            return text
        text = after
    return MASK


def _written_forms(secret: str) -> set[str]:
    """Every form in which text may carry the secret: raw, JSON, HTML, URL-encoded, base64 at each alignment."""
    raw = secret.encode("utf-8", "surrogatepass")
    encoded = [quote(raw, safe=""), quote(raw), quote_plus(raw), quote(raw, safe="~()*!'"), json.dumps(secret)[1:-1]]
    encoded.append(quote(raw, safe="~()*!'/;,?:@&=+$#"))  # as browsers write a whole address
    forms = {secret, json.dumps(secret, ensure_ascii=False)[1:-1], *encoded}
    forms |= {escape(secret), escape(secret, quote=False)}
    forms |= {re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), form) for form in encoded}
    for offset, skipped in enumerate((0, 2, 3)):
        whole = base64.b64encode(bytes(offset) + raw).decode()
        core = whole.rstrip("=")[skipped:]
        core = core[:-1] if (offset + len(raw)) % 3 else core
        forms |= {core, core.replace("+", "-").replace("/", "_")}
    padded = base64.b64encode(raw).decode()
    forms |= {padded, padded.rstrip("="), base64.urlsafe_b64encode(raw).decode()}
    return {form for form in forms if len(form) >= SHORTEST_SECRET and form not in MASK}


class _Plain:
    """The last texts in which nothing was found: equal failures repeat the same words thousands of times.

    Only texts without a secret are kept, so that no secret outlives its use in memory.
    """

    __slots__ = ("_lock", "_texts")

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        self._lock = Lock()

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def add(self, text: str) -> None:
        if len(text) > _LONGEST_KEPT:
            return
        with self._lock:
            if len(self._texts) >= _KEPT:
                del self._texts[next(iter(self._texts))]
            self._texts[text] = None


_PLAIN: Final = _Plain()


class Redactor:
    """Redacts text and JSON-like trees, also of the exact values of the secrets we hold.

    The work for the held values depends on their number and the text's length alone: each form of each value is looked
    for once, whether or not another occurs. Values shorter than `SHORTEST_SECRET`, and parts of the mask, are ignored.
    """

    __slots__ = ("_forms",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        held = {secret.strip() for secret in secrets}
        long_enough = (secret for secret in held if len(secret) >= SHORTEST_SECRET)
        self._forms = sorted({form for secret in long_enough for form in _written_forms(secret)})

    def __repr__(self) -> str:
        return f"Redactor({len(self._forms)} forms)"

    def _find(self, text: str) -> Iterator[Span]:
        for form in self._forms:
            at = text.find(form)
            while at >= 0:
                yield at, at + len(form)
                at = text.find(form, at + 1)
        yield from places(text)

    def text(self, text: str) -> str:
        """Return the text with every secret replaced by the mask."""
        if text in _PLAIN and not any(form in text for form in self._forms):
            return text
        settled = _settled(text, self._find)
        if settled == text:
            _PLAIN.add(text)
        return settled

    def finds(self, text: str) -> bool:
        """Whether a short value holds a secret, or the mask where one was. Quick for what is plainly none."""
        if MASK in text or any(form in text for form in self._forms):
            return True
        return bool(_WORTH_A_LOOK.search(text)) and next(self._find(text), None) is not None

    def tree(self, value: Any) -> Any:
        """Redact a JSON-like value: dicts (keys too), lists, tuples and strings; anything else is returned as it is.

        What stands under a key that speaks of a secret (`password`, `token`, `authorization`, `cookie`) is masked
        whole, unless it is None, a bool, a number or empty. Deeper than 64 levels everything is masked.
        """
        return self._branch(value, Strength.NEVER, 0)

    def _branch(self, value: Any, beside: Strength, depth: int) -> Any:
        if isinstance(value, str):
            return MASK if looks_secret(value, beside) else self.text(value)
        if not isinstance(value, dict | list | tuple):
            return value
        if depth >= _DEEPEST:
            return MASK if value else value
        if isinstance(value, dict):
            return self._members(value, depth)
        branches = [self._branch(item, beside, depth + 1) for item in value]
        return branches if isinstance(value, list) else tuple(branches)

    def _members(self, members: dict[Any, Any], depth: int) -> dict[Any, Any]:
        """Redact a dict. Keys that become equal by redaction are told apart by a number, so that no member is lost."""
        label = members.get("name") or members.get("key")
        redacted: dict[Any, Any] = {}
        for key, value in members.items():
            word = label if key == "value" and isinstance(label, str) else key
            name: Any = self.text(key) if isinstance(key, str) else key
            if name != key:
                stem, number = name, 2
                while name in redacted or name in members:
                    name, number = f"{stem} {number}", number + 1
            # Redaction shortens a long key, and its end alone is judged: what is kept of it counts as well.
            words = (word, self.text(word)) if isinstance(word, str) else ()
            if any(map(_masked_whole, words)):
                empty = value is None or isinstance(value, bool | int | float) or not value
                redacted[name] = value if empty else MASK
            else:
                beside = min(map(strength, words), key=_STRONGEST_FIRST.index, default=Strength.NEVER)
                redacted[name] = self._branch(value, beside, depth + 1)
        return redacted


@lru_cache(maxsize=1024)
def _masked_whole(key: str) -> bool:
    """Tell whether whatever stands under this key of a tree is a secret."""
    beside = strength(key)
    return beside is Strength.STRONG or (beside is Strength.MEDIUM and bool(_WHOLE_KEY.search(key)))


_BARE = Redactor()


def redact(text: str) -> str:
    """Return the text with every secret replaced by the mask, knowing no held values."""
    return _BARE.text(text)


def redact_tree(value: Any) -> Any:
    """Redact a JSON-like value as `Redactor.tree` does, knowing no held values."""
    return _BARE.tree(value)
