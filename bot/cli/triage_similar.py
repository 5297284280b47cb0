"""`handoff triage similar`: which tickets of a file say nearly the same, and how often that is what people found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from automations.errors import ConfigError
from bot.cli.options import AsJson
from bot.cli.output import as_json, facts, note, progress, table
from bot.cli.table_records import Bad
from bot.cli.ticket_files import TicketRow, TicketRows, ticket_rows, with_truth

if TYPE_CHECKING:
    from automations.texts.similar import Index, Near

PARTIAL = 3
DEPTHS = (1, 5, 10)
"""Places within which a true one counts as found."""
SHOWN = 50
"""Rows that are listed for people; `--json` lists all."""
WIDTH = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """A ticket and those most like it, the likest first. `place`: of its first true one, from 1; 0 for none."""

    row: TicketRow
    near: tuple["Near", ...]
    place: int


def similar(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Tickets: CSV, TSV or JSON lines with title or text.")],
    queries: Annotated[
        str | None, typer.Option(metavar="FILE", help="Ask for the tickets of this file instead; FILE is searched.")
    ] = None,
    for_: Annotated[
        list[str] | None, typer.Option("--for", metavar="ID", help="Ask for this ticket only; may be repeated.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="So many similar ones of each ticket.")] = 5,
    json: AsJson = False,
) -> int:
    """Say for each ticket which others are most like it. Nothing is stored, changed or merged.

    Where the file says which tickets are duplicates (duplicate_of, duplicates, duplicate_group, …), how many of those
    that have one find it: recall at 1, 5 and 10. Exit 3 if rows could not be read.
    """
    corpus = ticket_rows(file)
    asked = ticket_rows(queries) if queries else corpus
    rows = _chosen(asked.rows, for_ or [])
    index = _index(corpus)
    itself = queries is None or asked.named
    answers = _answers(index, with_truth(rows, corpus.rows), top, {row.id for row in corpus.rows}, itself=itself)
    summary = summed_up(answers, len(index), asked.truth)
    bad = [*corpus.bad, *(asked.bad if queries else ())]
    if json:
        lines = [{"id": each.row.id, "similar": [_near(near) for near in each.near[:top]]} for each in answers]
        as_json({"rows": lines, "summary": summary, "bad_rows": [{"line": row.line, "reason": row.why} for row in bad]})
    else:
        _shown(answers, {row.id: row for row in corpus.rows}, top)
        _summary_shown(summary)
        _bad_shown(bad)
    return PARTIAL if bad else 0


def _chosen(rows: Sequence[TicketRow], ids: Sequence[str]) -> Sequence[TicketRow]:
    there = {row.id: row for row in rows}
    if missing := [id_ for id_ in ids if id_ not in there]:
        raise ConfigError(f"--for {missing[0]}: no ticket of the file has this id.")
    return [there[id_] for id_ in ids] or rows


def _index(corpus: TicketRows) -> "Index":
    from automations.texts.similar import Entry, Index

    with progress("Reading tickets") as bar:
        return Index.of((Entry(row.id, row.title, row.text) for row in corpus.rows), bar.at)


def _answers(index: "Index", rows: list[TicketRow], top: int, there: set[str], *, itself: bool) -> list[Answer]:
    """`itself`: a ticket of the same id is the one asked for, which is never its own answer."""
    answers = list[Answer]()
    with progress("Comparing") as bar:
        for row in rows:
            without = [row.id] if itself else []
            near = tuple(index.nearest(row.title, row.text, max(top, *DEPTHS), without=without))
            true = row.like & there
            place = next((at for at, each in enumerate(near[: max(DEPTHS)], start=1) if each.id in true), 0)
            answers.append(Answer(TicketRow(row.id, row.title, row.text, frozenset(true)), near, place))
            bar.at(len(answers), len(rows))
    return answers


def summed_up(answers: Sequence[Answer], tickets: int, truth: str | None) -> dict[str, Any]:
    """The shares, 0 to 1, of tickets with a true one that have it within the first so many; None where none has.

    Rows without a true one among those searched are not counted. `mrr`: the mean of 1/place, 0 beyond the tenth.
    """
    judged = [each for each in answers if each.row.like]
    shares = {f"recall_at_{depth}": _share(sum(0 < each.place <= depth for each in judged), judged) for depth in DEPTHS}
    reciprocal = sum(1 / each.place for each in judged if each.place)
    return {
        "tickets": tickets,
        "asked": len(answers),
        "truth": truth,
        "with_truth": len(judged),
        **shares,
        "mrr": _share(reciprocal, judged),
    }


def _share(part: float, judged: Sequence[Answer]) -> float | None:
    return part / len(judged) if judged else None


def _near(near: "Near") -> dict[str, Any]:
    return {"id": near.id, "score": near.score, "words": list(near.words)}


def _shown(answers: Sequence[Answer], rows: dict[str, TicketRow], top: int) -> None:
    lines = list[tuple[object, ...]]()
    for each in answers[:SHOWN]:
        lines.append((each.row.id, "", _short(each.row), "", ""))
        for near in each.near[:top]:
            mark = "yes" if near.id in each.row.like else ""
            lines.append((f"  {near.id}", f"{near.score:.2f}", _short(rows[near.id]), ", ".join(near.words), mark))
    table(("Ticket", "Score", "Title", "Shared words", "Duplicate"), lines, fixed=("Score",))
    if len(answers) > SHOWN:
        note(f"And {len(answers) - SHOWN} more tickets; `--json` lists all.")


def _short(row: TicketRow) -> str:
    shown = " ".join((row.title or row.text)[: 4 * WIDTH].encode("utf-8", "replace").decode().split())
    return shown if len(shown) <= WIDTH else f"{shown[: WIDTH - 1]}…"


def _summary_shown(summary: dict[str, Any]) -> None:
    known = summary["with_truth"]
    facts(
        (
            ("Tickets", f"{summary['tickets']} searched, {summary['asked']} asked for"),
            ("Judged", f"{known} whose {summary['truth']} is among those searched" if known else ""),
            *((f"Found in the first {n}", f"{summary[f'recall_at_{n}']:.1%}" if known else "") for n in DEPTHS),
            ("Mean of 1/place", f"{summary['mrr']:.3f}" if known else ""),
        )
    )


def _bad_shown(bad: Sequence[Bad]) -> None:
    if bad:
        note(f"{len(bad)} rows could not be used:")
    for row in bad[:SHOWN]:
        note(f"  line {row.line}: {row.why}")
    if len(bad) > SHOWN:
        note(f"  and {len(bad) - SHOWN} more; `--json` lists all.")
