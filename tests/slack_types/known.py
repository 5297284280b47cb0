"""False alarms: where Slack's own types are narrower than what Slack sends or takes, with the reason."""

from typing import Final

from tests.slack_types.node import Complaint

KNOWN: Final[dict[tuple[str, str, str], str]] = {}
"""(what it is, where, what is said) -> why it is no mistake. `*` at the end of a part stands for anything."""


def unknown(found: list[Complaint]) -> list[Complaint]:
    """What is left of the complaints."""
    return [one for one in found if not any(_meant(key, one) for key in KNOWN)]


def unused(found: list[Complaint]) -> list[tuple[str, str, str]]:
    """Entries that nothing needed: the types have been mended, or the entry never was true."""
    return [key for key in KNOWN if not any(_meant(key, one) for one in found)]


def _meant(key: tuple[str, str, str], one: Complaint) -> bool:
    return all(_is(part, said) for part, said in zip(key, (one.at, one.path, one.message), strict=True))


def _is(part: str, said: str) -> bool:
    return said.startswith(part[:-1]) if part.endswith("*") else said == part
