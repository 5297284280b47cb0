"""What each number of a report means, in writing, with a version: another meaning is another version.

A report keeps the versions it was counted by; two reports compare only where those are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from automations.weekly_report.request import OpenUntil
from automations.weekly_report.result import NumberName


@dataclass(frozen=True, slots=True)
class Definition:
    """One number: its name in results, the title people read, the version of its meaning, and the meaning."""

    name: NumberName
    title: str
    version: int
    words: str

    @property
    def stamp(self) -> str:
        """The definition's name with its version, such as `created/1`."""
        return f"{self.name}/{self.version}"


_ENDS: Final[Mapping[OpenUntil, str]] = {"solved": "solved or closed", "closed": "closed"}


def definitions(open_until: OpenUntil) -> tuple[Definition, ...]:
    """All numbers, in the order in which people read them, for what ends a ticket."""
    ends = _ENDS[open_until]
    counted = f"A ticket is open until it is {ends}."
    left = (
        Definition(
            "solved", "Solved", 1,
            f"Times a ticket stopped being open within the period, because it was {ends}, or merged into another one.",
        ),
    ) if open_until == "solved" else ()  # fmt: skip
    return (
        Definition("backlog_end", "Open", 1, f"Tickets open at the end of the period. {counted}"),
        Definition("backlog_start", "Open at the start", 1, f"Tickets open when the period began. {counted}"),
        Definition("created", "Created", 1, "Tickets made within the period, whoever made them."),
        *left,
        Definition("reopened", "Reopened", 1, f"Times a ticket that was {ends} became open again within the period."),
        Definition(
            "resolved", "Solved for good", 1,
            "Tickets whose last solving, as known when the report was made, lies within the period. Merged ones are "
            "not among them.",
        ),
        Definition("closed", "Closed", 1, "Times a ticket became closed within the period."),
        Definition(
            "first_reply", "First reply", 1,
            "From a customer's first message (the making of the ticket where none is told) to the first public reply "
            "of an agent; of tickets so replied to within the period. Bots and internal notes do not count.",
        ),
        Definition(
            "response", "Response", 1,
            "From the first of a customer's messages that nobody had answered to the next public reply of an agent; of "
            "all such replies within the period, the first ones among them.",
        ),
        Definition(
            "resolution", "Resolution", 1,
            "From the making of a ticket to its last solving, of the tickets solved for good within the period; the "
            "time between a solving and a reopening counts.",
        ),
    )  # fmt: skip


def stamps(open_until: OpenUntil) -> dict[str, int]:
    """Each number's version, as a report keeps them, and with them what ends a ticket."""
    return {one.name: one.version for one in definitions(open_until)}
