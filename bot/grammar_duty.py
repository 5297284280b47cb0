"""What follows `/support on-duty`, `away`, `back`, `pause` and `resume`: names, times and reasons taken apart.

The texts come from `bot.grammar.plain`. Names of people are mentions (`<@U1|anna>`), `@anna`, e-mail addresses or the
person's name; what a name means is found out by the listener.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.grammar import UsageError

USER_ID = re.compile(r"[UW][A-Z0-9_]{1,40}")
"""What can be the id of a Slack user."""
MENTION = re.compile(r"<@([UW][A-Z0-9_]+)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<(?:mailto:|https?://)[^<>|]*\|([^<>]*)>|<(?:mailto:)?([^<>|]*)>")
_UNTIL = re.compile(r"(?:^|\s)(?:until|till|til|for)\s+", re.IGNORECASE)
_FROM = re.compile(r"(?:^|\s)(?:from|starting)\s+", re.IGNORECASE)
_BECAUSE = re.compile(r"(?:^|\s)(?:because(?: of)?|since|:)\s+", re.IGNORECASE)


class DutyVerb(StrEnum):
    """What can be done with a duty."""

    SHOW = "show"
    COVER = "cover"
    SWAP = "swap"
    END_COVER = "end-cover"


@dataclass(frozen=True, slots=True)
class Spell:
    """Who or what, and a time: each as typed, empty where nothing was. `because` is the reason."""

    name: str = ""
    start: str = ""
    until: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class DutyCommand:
    """An `on-duty …` that was understood. `spell.name` holds rotation and person in any order."""

    verb: DutyVerb
    spell: Spell = Spell()


DUTY_USAGE = (
    "on-duty, on-duty cover [ROTATION] [@person] until TIME, on-duty swap [ROTATION] @person, "
    "on-duty end-cover [ROTATION]"
)


def parse_duty(rest: str) -> DutyCommand:
    """Read what follows `on-duty`. Raises: UsageError with what is known."""
    word, _, more = rest.strip().partition(" ")
    said = word.casefold()
    if said in ("", "show", "list"):
        return DutyCommand(DutyVerb.SHOW)
    if said in ("uncover", "end-cover", "endcover", "end-swap"):
        return DutyCommand(DutyVerb.END_COVER, Spell(name=_bare(more)))
    if said == "end" and more.casefold().split(" ")[0] in ("cover", "swap"):
        return DutyCommand(DutyVerb.END_COVER, Spell(name=_bare(more.partition(" ")[2])))
    if said == "cover":
        return DutyCommand(DutyVerb.COVER, parse_spell(more))
    if said == "swap":
        return DutyCommand(DutyVerb.SWAP, Spell(name=_bare(re.sub(r"^with\s+|\s+with(?=\s)", "", more.strip()))))
    raise UsageError(f"After “on-duty” I do not know “{word[:40]}”. I know: {DUTY_USAGE}.")


def parse_spell(rest: str) -> Spell:
    """Read `[NAME] [from TIME] [until TIME]`."""
    head, until = _cut(_UNTIL, rest)
    name, start = _cut(_FROM, head)
    return Spell(name=_bare(name), start=start, until=until)


def parse_pause(rest: str) -> Spell:
    """Read `NAME until TIME because REASON`, time and reason in any order.

    Raises: UsageError if the name, the time or the reason is missing.
    """
    head, because = _cut(_BECAUSE, rest)
    name, until = _cut(_UNTIL, head)
    if not until and (last := list(_UNTIL.finditer(because))):
        because, until = because[: last[-1].start()].strip(), because[last[-1].end() :].strip()
    found = Spell(name=_bare(name), until=until, because=literal(because))
    lacks = [
        what
        for what, there in (("what to pause", found.name), ("until when", until), ("a reason", found.because))
        if not there
    ]
    if lacks:
        raise UsageError(f"This lacks {' and '.join(lacks)}: pause AUTOMATION or SOURCE until TIME because REASON.")
    return found


def mentioned(text: str) -> tuple[str, ...]:
    """The Slack user ids that a text mentions, each once, in order."""
    return tuple(dict.fromkeys(match[1] for match in MENTION.finditer(text)))


def split_rotation(name: str, rotations: Sequence[str]) -> tuple[str | None, str]:
    """Take the rotation out of words that may also name a person: its name, or None, and the rest."""
    folded = name.casefold()
    for rotation in sorted(rotations, key=len, reverse=True):
        own = rotation.casefold()
        if folded == own:
            return rotation, ""
        if folded.startswith(f"{own} "):
            return rotation, name[len(own) :].strip()
        if folded.endswith(f" {own}"):
            return rotation, name[: -len(own)].strip()
    return None, name


def literal(text: str) -> str:
    """Words as they were typed: what Slack made of addresses and of the signs & < > is taken back."""
    shown = _LINK.sub(lambda match: match[1] or match[2], MENTION.sub(_label, text))
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _label(match: re.Match[str]) -> str:
    label = match[0][2:-1].partition("|")[2]
    return f"@{label or match[1]}"


def _cut(sign: re.Pattern[str], text: str) -> tuple[str, str]:
    """What stands before the first `sign`, and after it; all of it and nothing where there is none."""
    if (match := sign.search(text)) is None:
        return text.strip(), ""
    return text[: match.start()].strip(), text[match.end() :].strip()


def _bare(name: str) -> str:
    """A name without quotation marks around it."""
    return name.strip().strip("'\"").strip()
