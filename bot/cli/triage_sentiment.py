"""`handoff triage sentiment`: how the texts of a file sound, and how well that is told where people had judged them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

from automations.errors import ConfigError
from automations.texts.language import language
from automations.texts.sentiment import THRESHOLD, Sentiment, sentiment
from bot.cli.files import STDIN, read_bytes
from bot.cli.labelled_files import MAX_BYTES
from bot.cli.output import as_json, facts, note, progress, table
from bot.cli.sentiment_figures import Judged, figures, polarities
from bot.cli.table_records import Bad, Records, decoded, records_in

TEXTS: Final = ("text", "body", "message", "comment", "description", "content", "post", "sentence", "tweet", "review")
HEADINGS: Final = ("subject", "title")
LABELS: Final = ("polarity", "sentiment", "label", "tone")
_SHOWN: Final = 40
"""Rows that are printed for people; --json gives all."""
_LOOKED_AT: Final = 200
"""Rows by which a column of texts is known where none has a known name."""


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    text: str
    label: str
    mood: Sentiment
    language: str


def show_sentiment(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="CSV, JSON lines, or one text per line; - for standard input.")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object with rows and summary.")] = False,
) -> None:
    """Show how texts sound: a score from -1 to 1, whether it is negative, the words that make it so, the language.

    The texts are in a column such as text, body, message or comment, or in the only column with several words. Where a
    column polarity, sentiment or label says what people thought, precision and recall are shown. It needs no settings.
    """
    shown = "standard input" if file == STDIN else file
    found, texts, label, polarity = _read(file, shown)
    rows: list[_Row] = []
    with progress("Reading moods", "rows") as bar:
        for place, record in enumerate(found.records):
            text = "\n".join(value for name in texts if (value := record.values.get(name)))
            rows.append(_Row(record.number, text, polarity[place], sentiment(text), language(text)))
            bar.at(place + 1, len(found.records))
    summary = _summary(rows, texts, label, found.bad)
    if json:
        as_json({"rows": [_as_json(row, labelled=label is not None) for row in rows], "summary": summary})
        return
    _print(rows)
    _print_summary(summary)
    for bad in found.bad[:_SHOWN]:
        note(f"{shown}, line {bad.line}: left out, {bad.why}.")


def _read(file: str, shown: str) -> tuple[Records, list[str], str | None, list[str]]:
    """The records, the columns that hold their text, the one with labels if any, and what each label means."""
    text, _ = decoded(read_bytes(file, limit=MAX_BYTES))
    lines = file == STDIN or file.lower().endswith(".txt")
    known = {*TEXTS, *HEADINGS, *LABELS}
    found = records_in(text, shown, known=known, lines_as=TEXTS[0] if lines else None)
    texts = _text_columns(found, shown)
    label = next((name for name in LABELS if name in found.columns and name not in texts), None)
    labels = [(record.values.get(label) or "") if label else "" for record in found.records]
    polarity = polarities(labels)
    if label and any(labels) and not any(polarity):
        note(
            f"{shown}: column {label} says nothing of a mood that is known here, so nothing is measured. "
            "Wanted: negative, neutral, positive, or numbers below, at and above 0."
        )
    return found, texts, label if any(polarity) else None, polarity


def _text_columns(found: Records, shown: str) -> list[str]:
    """A column by its name, with the heading before it; else the only one with several words in most rows."""
    named = next((name for name in TEXTS if name in found.columns), None)
    heading = next((name for name in HEADINGS if name in found.columns), None)
    if named or heading:
        return [name for name in (heading if named in {None, "body", "description"} else None, named) if name]
    values = {name: [one.values.get(name) or "" for one in found.records[:_LOOKED_AT]] for name in found.columns}
    wordy = [name for name, each in values.items() if sum(" " in value.strip() for value in each) * 2 > len(each)]
    candidates = wordy or list(found.columns)
    if len(candidates) != 1:
        raise ConfigError(
            f"{shown}: it is not clear which column holds the text. Name one of them text; there: "
            f"{', '.join(found.columns) or 'nothing'}."
        )
    return candidates


def _as_json(row: _Row, *, labelled: bool) -> dict[str, Any]:
    mood = row.mood
    told = {"row": row.number, "score": mood.score, "negative": mood.negative, "words": list(mood.words)}
    return {**told, "language": row.language, **({"label": row.label or None} if labelled else {})}


def _summary(rows: Sequence[_Row], texts: list[str], label: str | None, bad: Sequence[Bad]) -> dict[str, Any]:
    """What holds for all rows; with labels, the figures of sentiment_figures beside it."""
    negative = sum(row.mood.negative for row in rows)
    summary: dict[str, Any] = {
        "texts": len(rows),
        "negative": negative,
        "share_negative": round(negative / len(rows), 4) if rows else None,
        "threshold": THRESHOLD,
        "languages": dict(Counter(row.language or "unclear" for row in rows).most_common()),
        "text_columns": texts,
        "label_column": label,
        "left_out": [{"line": one.line, "why": one.why} for one in bad],
    }
    judged = [Judged(row.mood.score, row.mood.negative, row.label) for row in rows]
    return {**summary, **figures(judged)} if label else summary


def _print(rows: Sequence[_Row]) -> None:
    chosen = rows
    if len(rows) > _SHOWN:
        chosen = sorted(rows, key=lambda row: row.mood.score)[:_SHOWN]
        note(f"The {_SHOWN} unhappiest of {len(rows)} texts; --json gives all.")
    table(
        ("row", "score", "negative", "language", "words", "text"),
        [
            (
                row.number,
                f"{row.mood.score:+.2f}",
                "yes" if row.mood.negative else "",
                row.language or "unclear",
                ", ".join(row.mood.words),
                " ".join(row.text[:200].split())[:70],
            )
            for row in chosen
        ],
        fixed=("row", "score", "negative", "language"),
    )


def _print_summary(summary: dict[str, Any]) -> None:
    facts(
        [
            ("Texts", summary["texts"]),
            ("Negative", f"{summary['negative']} at a score of {summary['threshold']} or below"),
            ("Languages", ", ".join(f"{name} {count}" for name, count in summary["languages"].items())),
            ("Judged by people", summary.get("labelled")),
            ("Precision", _percent(summary.get("precision"))),
            ("Recall", _percent(summary.get("recall"))),
            ("F1", _percent(summary.get("f1"))),
            ("Neutral taken for negative", _percent(summary.get("neutral_taken_for_negative"))),
        ]
    )
    if curve := summary.get("curve"):
        names = ("threshold", "precision", "recall", "f1", "neutral_taken_for_negative")
        table(
            ("at or below", "precision", "recall", "F1", "neutral taken for negative"),
            [(f"{at[names[0]]:.2f}", *(_percent(at[name]) for name in names[1:])) for at in curve],
        )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"
