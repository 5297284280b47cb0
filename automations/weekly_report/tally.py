"""From facts to what each number consists of. Pure.

Everything a report says is made of these entries, so that a whole and its parts cannot differ.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from automations.weekly_report.facts import Facts, Move, Standing
from automations.weekly_report.request import OPEN_STATUSES
from automations.weekly_report.result import NumberName

UNSOLVED: Final = OPEN_STATUSES["solved"]
"""Statuses of a ticket that has no resolution yet, whatever takes it out of the backlog."""

TEAM, BOT = "opened by the team", "opened by a bot"
NOT_YET, NEVER = "not replied to yet", "ended without a reply"
WAITING, UNANSWERED = "waiting for an answer", "ended without an answer"
UNRESOLVED, REOPENED, UNSAID = "not solved yet", "reopened since", "closed without being solved"
MERGED, DELETED = "merged into another ticket", "deleted in the desk"
REASONS: Final = (NOT_YET, NEVER, WAITING, UNANSWERED, UNRESOLVED, REOPENED, UNSAID, TEAM, BOT, MERGED, DELETED)
"""Why a time has no figure, in the order in which people read them."""


class Entry(NamedTuple):
    """One that counts. Of a time it says since when it ran until `at`, and for how many seconds of the calendar."""

    ticket: int
    at: datetime
    since: datetime | None = None
    seconds: float | None = None


def _timed(ticket: int, at: datetime, since: datetime) -> Entry:
    return Entry(ticket, at, since, (at - since).total_seconds())


class Why(NamedTuple):
    """Why a ticket has no figure that the first replies, the responses, the resolutions contain; empty if not so."""

    unanswered: str = ""
    waiting: str = ""
    unsolved: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What each number consists of, which of those that left did so by a merge, and who has no figure."""

    entries: dict[NumberName, list[Entry]]
    merged: list[Entry]
    why: dict[int, Why]

    def numbers(self) -> dict[str, list[Entry]]:
        """The entries by name, the merges among them."""
        return {**{str(name): several for name, several in self.entries.items()}, "merged": self.merged}

    @property
    def concerned(self) -> set[int]:
        """All tickets that were open, made or ended within the period."""
        names: tuple[NumberName, ...] = ("backlog_start", "created", "reopened", "solved", "closed")
        return {one.ticket for name in names for one in self.entries.get(name, ())}


def tally(facts: Facts, tickets: Mapping[int, Standing]) -> Tally:
    """Sort the facts about `tickets` into numbers."""
    period, is_open = facts.request.period, facts.open_statuses
    entries: dict[NumberName, list[Entry]] = {
        "backlog_end": [Entry(number, one.created_at) for number, one in tickets.items() if one.status in is_open],
        "backlog_start": [Entry(number, tickets[number].created_at) for number in facts.start & tickets.keys()],
        "created": [],
        "reopened": [],
        "closed": [],
        "first_reply": [],
        "response": [],
        "resolution": [
            _timed(number, one.solved_at, one.created_at)
            for number, one in tickets.items()
            if one.solved_at is not None and period.from_at <= one.solved_at < period.to_at and not one.merged_into
        ],
    }
    entries["resolved"] = [Entry(one.ticket, one.at) for one in entries["resolution"]]
    moves = [move for move in facts.moves if move.ticket in tickets]
    left, merged = _sort_moves(moves, is_open, entries)
    if facts.request.open_until == "solved":
        entries["solved"] = left
    for answer in facts.answers:
        if answer.ticket in tickets:
            entry = _timed(answer.ticket, answer.at, answer.asked_at)
            entries["response"].append(entry)
            if answer.first:
                entries["first_reply"].append(entry)
    counted = Tally(entries, merged, {})
    counted.why.update(_reasons(facts, tickets, moves, counted))
    return counted


def _sort_moves(
    moves: Iterable[Move], is_open: frozenset[str], entries: Mapping[NumberName, list[Entry]]
) -> tuple[list[Entry], list[Entry]]:
    """Put moves where they count. Returns those by which a ticket left the backlog, and of these the merges."""
    left, merged = [], []
    for ticket, at, before, status, into_another in moves:
        entry, was, stays = Entry(ticket, at), before in is_open, status in is_open
        if not before:
            entries["created"].append(entry)
        elif stays and not was:
            entries["reopened"].append(entry)
        if not stays and (was or not before):
            left.append(entry)
            if into_another:
                merged.append(entry)
        if status == "closed" != before:
            entries["closed"].append(entry)
    return left, merged


def _reasons(
    facts: Facts, tickets: Mapping[int, Standing], moves: list[Move], counted: Tally
) -> Iterator[tuple[int, Why]]:
    """Each ticket that was open, made or ended within the period and lacks a figure."""
    resolved = {one.ticket for one in counted.entries["resolution"]}
    done = {one.ticket for one in moves if one.before in UNSOLVED | {""} and one.status not in UNSOLVED}
    for number in counted.concerned:
        one = tickets[number]
        at_end = one.status in facts.open_statuses
        why = Why(
            "" if one.replied else _unanswered(one, open_at_end=at_end),
            (MERGED if one.merged else WAITING if at_end else UNANSWERED) if one.waiting else "",
            "" if number in resolved else _unsolved(one, ended=number in done),
        )
        if any(why):
            yield number, why


def _unanswered(one: Standing, *, open_at_end: bool) -> str:
    if one.merged:
        return MERGED
    if one.opened_by != "customer" and not one.waiting:
        return TEAM if one.opened_by == "agent" else BOT
    return NOT_YET if open_at_end else NEVER


def _unsolved(one: Standing, *, ended: bool) -> str:
    if one.status in UNSOLVED:
        return UNRESOLVED
    if not ended:
        return ""
    if one.merged_into:
        return MERGED
    return UNSAID if one.solved_at is None and one.closed else REOPENED
