"""A report counted again: which tickets count otherwise than they did, and how. Pure but for the tickets' names.

Everything a report says of tickets is made of its members and of what they were judged by, so whatever became another
number is explained by one of these.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.weekly_report.card_types import Changed
from automations.weekly_report.definitions import definitions
from automations.weekly_report.members import unpack
from automations.weekly_report.result import CaseQueue, Judged, Member, Members, NumberName, Result, TimeName
from storage.models import MirrorTicket, Report

_TIMES: Final = frozenset(get_args(TimeName))
_TITLES: Final = {one.name: one.title.lower() for one in definitions("solved")}
_WORDS: Final[Mapping[str, str]] = {
    "unanswered": "first reply not counted",
    "waiting": "response not counted",
    "unsolved": "resolution not counted",
}
"""The properties by which a ticket was judged, where their names say too little."""
RULES: Final = (
    "Something else is: the definitions, the working hours, whether there are figures per person, or up to when a "
    "period was known that had not ended."
)
AT_ONCE: Final = 500
"""Tickets looked up by one question."""


def differences(session: Session, old: Report, new: Report) -> tuple[Changed, ...]:
    """What a report that was counted again says otherwise, each in words: tickets first, then what is none.

    Nothing where every number of the period itself is the same.
    """
    was, now = Result.of(old.result), Result.of(new.result)
    if was.hash == now.hash:
        return ()
    changed = changed_tickets(unpack(old.members), unpack(new.members))
    said = *_named(session, new.system, changed), *beside_tickets(was, now)
    return said or (Changed("No ticket counts otherwise", "", RULES),)


def changed_tickets(old: Members, new: Members) -> dict[str, str]:
    """Compare the tickets behind two countings of one period: the desk's id, and in which numbers and how."""
    said: dict[str, list[str]] = defaultdict(list)
    gone: dict[str, list[str]] = defaultdict(list)
    for number in (number for number in _TITLES if number in old or number in new):
        before, after = _by_ticket(old.get(number, ())), _by_ticket(new.get(number, ()))
        for ticket in before.keys() - after.keys():
            gone[ticket].append(f"“{_TITLES[number]}”")
        for ticket in after:
            said[ticket] += _counted(number, before.get(ticket, []), after[ticket])
    for ticket, titles in gone.items():
        said[ticket].insert(0, f"no longer counted in {', '.join(titles)}")
    judged, now = _judged(old), _judged(new)
    named = all(any(one.assignee for one in several.values()) for several in (judged, now))
    for ticket in judged.keys() & now.keys():
        said[ticket] += _properties(judged[ticket], now[ticket], per_person=named)
    return {ticket: f"{'; '.join(words)}." for ticket, words in sorted(said.items()) if words}


def _named(session: Session, system: str, changed: Mapping[str, str]) -> Iterator[Changed]:
    """Give the tickets their titles and addresses. One that the mirror does not have any more is told by its id."""
    tickets = iter(changed)
    while some := list(islice(tickets, AT_ONCE)):
        asked = select(MirrorTicket.ticket_id, MirrorTicket.subject, MirrorTicket.url, MirrorTicket.deleted_at).where(
            MirrorTicket.system == system, MirrorTicket.ticket_id.in_(some)
        )
        known = {row.ticket_id: row for row in session.execute(asked)}
        for ticket in some:
            row, words = known.get(ticket), changed[ticket]
            if row is None:
                yield Changed(f"#{ticket}", "", words)
            else:
                gone = "deleted in the desk since; " if row.deleted_at else ""
                yield Changed(f"#{ticket} {row.subject}", row.url, f"{gone}{words}")


def beside_tickets(old: Result, new: Result) -> Iterator[Changed]:
    """What else became another number: deletions, our own cases, and signals, whose tags may change at any time."""
    if old.deleted != new.deleted:
        words = f"{new.deleted} not counted instead of {old.deleted}."
        yield Changed("Tickets deleted in the desk", "", words)
    cases, cases_now = ({one.queue: one for one in result.own_cases} for result in (old, new))
    for queue in sorted(cases.keys() | cases_now.keys()):
        none = CaseQueue(queue=queue, opened=0, resolved=0, open_at_end=0)
        if words := "; ".join(_cases_words(cases.get(queue, none), cases_now.get(queue, none))):
            yield Changed(f"Our cases of {queue}", "", f"{words}.")
    signals, signals_now = ({(one.kind, one.name): one for one in result.signals} for result in (old, new))
    for kind, name in sorted(signals.keys() | signals_now.keys()):
        was, now = signals.get((kind, name)), signals_now.get((kind, name))
        if was is None or now is None or was.n != now.n:
            words = " instead of ".join(str(one.n) if one else "not among the largest" for one in (now, was))
            yield Changed(f"{kind.capitalize()} {name}", now.link if now else "", f"{words}.")


def _cases_words(was: CaseQueue, now: CaseQueue) -> Iterator[str]:
    for before, after, what in (
        (was.opened, now.opened, "opened"),
        (was.resolved, now.resolved, "resolved"),
        (was.open_at_end, now.open_at_end, "open at the end"),
    ):
        if before != after:
            yield f"{after} {what} instead of {before}"


def _by_ticket(several: Sequence[Member]) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = defaultdict(list)
    for one in several:
        found[one.ticket].append(one)
    return found


def _judged(members: Members) -> dict[str, Judged]:
    return {one.ticket: one.judged for several in members.values() for one in several}


def _counted(number: NumberName, before: list[Member], after: list[Member]) -> Iterator[str]:
    """In words how one ticket counts otherwise in one number."""
    title = _TITLES[number]
    was, now = [(one.at, one.value) for one in before], [(one.at, one.value) for one in after]
    if was == now:
        return
    if not was:
        yield f"now counted in “{title}”{_how_often(now)}"
    elif number in _TIMES:
        yield f"{title} {_lengths(after)} instead of {_lengths(before)}"
    elif len(was) != len(now):
        yield f"counted {len(now)} times instead of {len(was)} in “{title}”"
    else:
        yield f"counted in “{title}” at another time than before"


def _how_often(now: Sequence[object]) -> str:
    return f" {len(now)} times" if len(now) > 1 else ""


def _properties(was: Judged, now: Judged, *, per_person: bool) -> Iterator[str]:
    for field, then, since in zip(Judged._fields, was, now, strict=True):
        if then != since and (per_person or field != "assignee"):
            yield f"{_WORDS.get(field, field)}: {since or 'none'} instead of {then or 'none'}"


def _lengths(several: Sequence[Member]) -> str:
    return " and ".join(length_words(one.value or 0) for one in several)


def length_words(seconds: float) -> str:
    """A length of time by its two largest units: `2 d 3 h`, `45 min`, `20.5 s`."""
    left, words = round(seconds), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if left >= size:
            words.append(f"{left // size} {unit}")
            left %= size
    return " ".join(words[:2]) if words else f"{seconds:g} s"
