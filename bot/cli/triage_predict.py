"""`handoff triage predict`: what the classifier says of each text, and how often it is right if labels are known."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.labelled_files import LabelledRow, LabelledRows, labelled_rows
from bot.cli.options import AsJson
from bot.cli.output import as_json, facts, progress, table
from bot.cli.triage_model import model_in_use
from bot.cli.triage_train import PARTIAL, Split, bad_rows_shown

if TYPE_CHECKING:
    from automations.texts.classifier import Classifier, Guess

AT_ONCE = 200
WIDTH = 60
"""Characters of a text that are shown to people."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """A row with its guess. `inside`: its own label is one that the model knows; None where the row has no label."""

    row: LabelledRow
    text: str
    guess: "Guess"
    decided: bool
    inside: bool | None

    @property
    def right(self) -> bool:
        """Whether the guess is the row's own label."""
        return self.row.label == self.guess.label


def predict(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="Texts: CSV, TSV, JSON lines, or one text a line on -.")
    ],
    model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The model that `train --model` wrote; else the database's newest."),
    ] = None,
    at_least: Annotated[
        float | None,
        typer.Option(metavar="CONFIDENCE", min=0, max=1, help="Decide from here on; the model's if unset."),
    ] = None,
    split: Split = None,
    json: AsJson = False,
) -> int:
    """Say for each text which label it gets, or none, and how sure that is. Nothing is stored or changed.

    Where the file has labels, how often it was right; a label that the model does not know is out of scope. Exit 3 if
    rows could not be read.
    """
    found = labelled_rows(file, split=split)
    bad_rows_shown(found)
    classifier, redactor = model_in_use(ctx, model)
    level = classifier.threshold if at_least is None else at_least
    texts = [redactor.text(row.text) for row in found.rows]
    done = _predicted(found, texts, classifier, level)
    summary = summed_up(done, level)
    if json:
        bad = [{"line": each.line, "reason": each.why} for each in found.bad]
        as_json(
            {"rows": [_line(each, labelled=found.has_labels) for each in done], "summary": summary, "bad_rows": bad}
        )
    else:
        _shown(done, summary, labelled=found.has_labels)
    return PARTIAL if found.bad else 0


def _predicted(found: LabelledRows, texts: list[str], classifier: "Classifier", level: float) -> list[Predicted]:
    known, made = set(classifier.labels), list[Predicted]()
    with progress("Reading texts") as bar:
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            for row, text, guess in zip(found.rows[start:], some, classifier.guess(some), strict=False):
                inside = row.label in known if row.label is not None else None
                made.append(Predicted(row, text, guess, guess.sure(level), inside))
            bar.at(len(made), len(texts))
    return made


def summed_up(done: list[Predicted], level: float) -> dict[str, Any]:
    """How many were decided, and of the rows with a label how many rightly. Shares 0 to 1, None of nothing.

    `accuracy` is of all guesses about rows in scope, `answered_right` counts the undecided of them as wrong;
    `accuracy_decided` is of all decided rows, where one out of scope is wrong; `out_of_scope_recall` is the share of
    rows out of scope that stayed undecided.
    """
    decided = [each for each in done if each.decided]
    inside = [each for each in done if each.inside]
    outside = [each for each in done if each.inside is False]
    judged = [each for each in decided if each.inside is not None]
    return {
        "rows": len(done),
        "threshold": level,
        "decided": len(decided),
        "coverage": _share(len(decided), len(done)),
        "in_scope": len(inside),
        "accuracy": _share(sum(each.right for each in inside), len(inside)),
        "accuracy_decided": _share(sum(each.right for each in judged), len(judged)),
        "answered_right": _share(sum(each.right and each.decided for each in inside), len(inside)),
        "out_of_scope": len(outside),
        "out_of_scope_recall": _share(sum(not each.decided for each in outside), len(outside)),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _line(each: Predicted, *, labelled: bool) -> dict[str, Any]:
    guess = each.guess
    line = {
        "row": each.row.number,
        "text": each.text,
        "label": guess.label if each.decided else None,
        "guess": guess.label,
        "confidence": guess.confidence,
        "decided": each.decided,
        "second": guess.second,
        "second_confidence": guess.second_confidence,
        "words": list(guess.words),
    }
    return line | {"expected": each.row.label} if labelled else line


def _shown(done: list[Predicted], summary: dict[str, Any], *, labelled: bool) -> None:
    table(
        ("Row", "Text", "Label", "Confidence", "Because of", *(["Expected"] if labelled else [])),
        [
            (
                each.row.number,
                _short(each.text),
                each.guess.label if each.decided else f"not decided ({each.guess.label}?)",
                f"{each.guess.confidence:.2f}",
                ", ".join(each.guess.words),
                *([each.row.label] if labelled else []),
            )
            for each in done
        ],
        fixed=("Row",),
    )
    facts(
        (
            ("Decided", f"{summary['decided']} of {summary['rows']}, at or above {summary['threshold']:.2f}"),
            ("Accuracy", _percent(summary["accuracy"], f"of {summary['in_scope']} rows in scope")),
            ("Decided and right", _percent(summary["answered_right"], "of the rows in scope")),
            ("Right of the decided", _percent(summary["accuracy_decided"], "")),
            ("Out of scope", _percent(summary["out_of_scope_recall"], f"of {summary['out_of_scope']} left undecided")),
        )
    )


def _short(text: str) -> str:
    shown = " ".join(text[: 4 * WIDTH].encode("utf-8", "replace").decode().split())
    return shown if len(shown) <= WIDTH else f"{shown[: WIDTH - 1]}…"


def _percent(share: float | None, of: str) -> str:
    return "" if share is None else f"{share:.1%} {of}".strip()
