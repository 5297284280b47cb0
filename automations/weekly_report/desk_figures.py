"""The desk's own figures beside ours: set side by side with how far they differ, never mixed."""

from collections.abc import Sequence
from math import fsum
from typing import Final

from automations.desks import Capability, TicketMetrics, cannot
from automations.errors import AdapterError, Unavailable
from automations.ports import Analytics, HelpDesk
from automations.weekly_report.context import ReportContext
from automations.weekly_report.counting import Counted
from automations.weekly_report.period import dates
from automations.weekly_report.result import DeskFigure, Result, Seconds, TimeName, Times

TOLERANCE_S: Final = 60.0
"""Seconds within which two figures of one ticket count as the same."""
_TOLD: Final[tuple[TimeName, ...]] = ("first_reply", "resolution")
_MEANS: Final[tuple[TimeName, ...]] = ("first_reply", "response", "resolution")


def desk_figures(desk: HelpDesk, counted: Counted, ctx: ReportContext) -> tuple[DeskFigure, ...]:
    """Ask the desk what it measured itself.

    A desk that tells each ticket's times is asked for those of at most `ctx.compare_most` tickets, the same ones each
    time; one that tells only means, for those of the period. What it cannot or does not tell is said in words: nothing
    here keeps a report from being made.
    """
    if ctx.compare_most == 0:
        return ()
    if Capability.METRICS in desk.capabilities:
        return _by_ticket(desk, counted)
    if isinstance(desk, Analytics):
        return _means(desk, counted)
    words = cannot(desk.title, desk.by_hand)[Capability.METRICS]
    return tuple(_nothing(name, counted, words) for name in _TOLD)


def _by_ticket(desk: HelpDesk, counted: Counted) -> tuple[DeskFigure, ...]:
    told: dict[str, TicketMetrics] = {}
    for one in counted.ask:
        try:
            told[one.ticket] = desk.metrics(one.ticket)
        except Unavailable:
            words = f"{desk.title} could not be asked just now. Run the report again for this comparison."
            return tuple(_nothing(name, counted, words) for name in _TOLD)
        except AdapterError:
            continue
    first = [(one.first_reply, told[one.ticket].first_reply_s) for one in counted.ask if one.ticket in told]
    last = [(one.resolution, told[one.ticket].resolution_s) for one in counted.ask if one.ticket in told]
    return _beside("first_reply", first, counted), _beside("resolution", last, counted)


def _beside(name: TimeName, pairs: Sequence[tuple[Seconds, Seconds]], counted: Counted) -> DeskFigure:
    """Our means and the desk's over the tickets of which both say this time."""
    both = [(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None]
    return DeskFigure(
        name=name,
        compared=len(both),
        of=_behind(counted.result, name).calendar.n,
        ours=_mean([ours for ours, _ in both]),
        desk=_mean([theirs for _, theirs in both]),
        differing=sum(abs(ours - theirs) > TOLERANCE_S for ours, theirs in both),
    )


def _means(desk: Analytics, counted: Counted) -> tuple[DeskFigure, ...]:
    try:
        told = desk.means(*dates(counted.request.period))
    except AdapterError as exc:
        return tuple(_nothing(name, counted, f"Not told: {exc}.") for name in _TOLD)
    return tuple(
        DeskFigure(
            name=name,
            compared=None,
            of=(ours := _behind(counted.result, name).calendar).n,
            ours=ours.mean,
            desk=told.get(name),
            differing=None,
            words=desk.means_words,
        )
        for name in _MEANS
    )


def _nothing(name: TimeName, counted: Counted, words: str) -> DeskFigure:
    spread = _behind(counted.result, name).calendar
    return DeskFigure(name=name, compared=0, of=spread.n, ours=None, desk=None, differing=None, words=words)


def _behind(result: Result, name: TimeName) -> Times:
    match name:
        case "first_reply":
            return result.first_reply
        case "response":
            return result.response
        case _:
            return result.resolution


def _mean(seconds: Sequence[float]) -> Seconds:
    return round(fsum(seconds) / len(seconds), 3) if seconds else None
