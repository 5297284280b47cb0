"""Forged requests: a good one, bent in every way that a careless check would let through. None of them is good."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from tests.doors.room import Door, Headers

PROOF: dict[str, Callable[[str], str]] = {
    "empty": lambda good: "",
    "a blank": lambda good: " ",
    "null": lambda good: "null",
    "zeros": lambda good: "0" * 64,
    "the prefix alone": lambda good: good[:3],
    "without its prefix": lambda good: good.partition("=" if "=" in good[:4] else " ")[2] or good[1:],
    "version 1 for 0, 2 for 1": lambda good: _swapped(good, "v0=", "v1=", "v1,", "v2,"),
    "upper case": lambda good: good.upper(),
    "cut by one": lambda good: good[:-1],
    "cut in half": lambda good: good[: len(good) // 2],
    "one more at the end": lambda good: good + "0",
    "one more in front": lambda good: "0" + good,
    "twice, joined by a comma": lambda good: f"{good}, {good}",
    "twice, joined by a semicolon": lambda good: f"{good};{good}",
    "reversed": lambda good: good[::-1],
    "in quotes": lambda good: f'"{good}"',
    "a sign changed in the middle": lambda good: _other_at(good, len(good) // 2),
    "a sign changed at the end": lambda good: _other_at(good, len(good) - 3),
    "non-ASCII at the end": lambda good: good + "é",
    "full-width signs": lambda good: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in good),
    "a zero-width space inside": lambda good: good[:8] + "\u200b" + good[8:],
    "a right-to-left mark": lambda good: "\u202e" + good,
    "NUL at the end": lambda good: good + "\x00",
    "NUL inside": lambda good: good[:9] + "\x00" + good[9:],
    "a line break inside": lambda good: good[:9] + "\r\nx-forged: 1" + good[9:],
    "percent-encoded": lambda good: "".join(f"%{ord(c):02x}" for c in good),
    "hexadecimal of itself": lambda good: good.encode().hex(),
    "5,000 signs": lambda good: good * 80,
    "SQL": lambda good: "' or 1=1 --",
    "a lone surrogate": lambda good: good + "\udc80",
    "sha256= in front": lambda good: f"sha256={good}",
    "as an array": lambda good: f'["{good}"]',
    "as an object": lambda good: f'{{"v": "{good}"}}',
    "a byte order mark in front": lambda good: "\ufeff" + good,
    "a tab inside": lambda good: good[:9] + "\t" + good[9:],
    "in brackets": lambda good: f"<{good}>",
    "a comment after": lambda good: f"{good} (good)",
    "a parameter after": lambda good: f"{good};q=1",
    "a path": lambda good: "../../" + good,
    "a template": lambda good: "{{" + good + "}}",
    "a shell's words": lambda good: f"$(echo {good})",
    "every other sign": lambda good: good[::2],
    "turned by one": lambda good: good[-1] + good[:-1],
    "two signs exchanged": lambda good: good[:-6] + good[-5] + good[-6] + good[-4:] if good[-5] != good[-6] else "x",
    "the hash of nothing": lambda good: sha256(b"").hexdigest(),
    "the hash of nothing, with a prefix": lambda good: f"v0={sha256(b'').hexdigest()}",
    "true": lambda good: "true",
    "a star": lambda good: "*",
    "a number": lambda good: "0",
    "undefined": lambda good: "undefined",
}
"""What is done to the header that proves the sender."""

STAMP: dict[str, Callable[[str], str]] = {
    "empty": lambda good: "",
    "a word": lambda good: "now",
    "nan": lambda good: "nan",
    "inf": lambda good: "inf",
    "an exponent": lambda good: "1e9",
    "a fraction": lambda good: f"{good}.0",
    "a plus": lambda good: f"+{good}",
    "a minus": lambda good: f"-{good}",
    "a leading zero": lambda good: f"0{good}",
    "underscores": lambda good: f"{good[0]}_{good[1:]}",
    "arabic digits": lambda good: "".join(chr(0x660 + int(digit)) for digit in good),
    "full-width digits": lambda good: "".join(chr(0xFF10 + int(digit)) for digit in good),
    "hexadecimal": lambda good: hex(int(good)),
    "milliseconds": lambda good: f"{good}000",
    "a date": lambda good: "2026-11-21T02:14:00Z",
    "blanks around": lambda good: f" {good} ",
    "a line break after": lambda good: f"{good}\n",
    "NUL after": lambda good: f"{good}\x00",
    "a second later": lambda good: str(int(good) + 1),
    "a second before": lambda good: str(int(good) - 1),
    "zero": lambda good: "0",
    "400 digits": lambda good: "9" * 400,
    "5,000 digits": lambda good: "1" * 5_000,
    "two, joined": lambda good: f"{good}, {good}",
}
"""What is done to the header of the time, whose signature stays."""


@dataclass(frozen=True)
class Forgery:
    """One forged request."""

    name: str
    body: bytes
    headers: Headers


def _swapped(good: str, *pairs: str) -> str:
    for one, other in zip(pairs[::2], pairs[1::2], strict=True):
        if good.startswith(one):
            return other + good[len(one) :]
    return f"v1={good}"


def _other_at(good: str, place: int) -> str:
    return good[:place] + ("b" if good[place] == "a" else "a") + good[place + 1 :]


def _with(headers: Headers, name: str, value: str | None) -> Headers:
    """The headers with another value for one, or without it."""
    others = [(one, held) for one, held in headers if one != name]
    return others if value is None else [*others, (name, value)]


def _signed_anew(door: Door, body: bytes, at: float) -> Iterator[Forgery]:
    """Rightly made, with a secret, a time or a body that is not the right one."""
    for what, secret in zip(("the one before the last rotation", "another"), door.other_secrets, strict=True):
        yield Forgery(f"made with {what}", body, door.headers(body, at, secret=secret))
    if door.stamp:
        for age in (330, 3_600, 10**8, -330, -3_600):  # the edge itself is in test_guard; here the clock goes on
            yield Forgery(f"{age} seconds old", body, door.headers(body, at - age))
    if door.proof == "authorization":
        return
    for what, other in (
        ("with a blank after", body + b" "),
        ("with a line break after", body + b"\n"),
        ("cut by one", body[:-1]),
        ("empty", b""),
        ("twice", body + body),
        ("with one letter changed", body.replace(b"zq-", b"zz-")),
        ("in other letters", body.swapcase()),
    ):
        yield Forgery(f"the body {what}", other, door.headers(body, at))


def _moved(door: Door, body: bytes, at: float) -> Iterator[Forgery]:
    """Good parts in the wrong places, twice, or for another way in."""
    good = door.headers(body, at)
    value = dict(good)[door.proof]
    bad = _other_at(value, len(value) // 2)
    yield Forgery("no headers", body, [("content-type", door.kind)])
    yield Forgery("no proof", body, _with(good, door.proof, None))
    for what, first, second in (
        ("bad, then good", bad, value),
        ("good, then bad", value, bad),
        ("good twice", *[value] * 2),
    ):
        yield Forgery(f"two proofs: {what}", body, [*_with(good, door.proof, first), (door.proof, second)])
    yield Forgery("under another name", body, [*_with(good, door.proof, None), (f"x-{door.proof}", value)])
    yield Forgery(
        "with underscores in its name",
        body,
        [*_with(good, door.proof, None), (door.proof.replace("-", "_") + "_", value)],
    )
    yield Forgery(
        "in the address", body, [*_with(good, door.proof, None), ("referer", f"https://x/?{door.proof}={value}")]
    )
    yield Forgery("as a cookie", body, [*_with(good, door.proof, None), ("cookie", f"{door.proof}={value}")])
    yield Forgery(
        "as basic authentication", body, [*_with(good, door.proof, None), ("authorization", f"Basic {value}")]
    )
    if door.stamp:
        stamp = dict(good)[door.stamp]
        yield Forgery("no time", body, _with(good, door.stamp, None))
        yield Forgery("two times", body, [*good, (door.stamp, stamp)])
        yield Forgery("time and proof exchanged", body, _with(_with(good, door.proof, stamp), door.stamp, value))
        yield Forgery(
            "a digit of the time moved into the body", stamp[-1:].encode() + body, _with(good, door.stamp, stamp[:-1])
        )


def forgeries(door: Door, body: bytes, at: float) -> list[Forgery]:
    """All of them for one door, at a time in seconds."""
    good = door.headers(body, at)
    held = dict(good)
    made = [
        Forgery(f"proof: {name}", body, _with(good, door.proof, bend(held[door.proof]))) for name, bend in PROOF.items()
    ]
    if door.stamp:
        made += [
            Forgery(f"time: {name}", body, _with(good, door.stamp, bend(held[door.stamp])))
            for name, bend in STAMP.items()
        ]
    return [*made, *_signed_anew(door, body, at), *_moved(door, body, at)]
