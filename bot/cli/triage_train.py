"""`handoff triage train`: a classifier from the team's own labelled texts, and how good it is."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from automations.errors import ConfigError
from automations.redact import Redactor
from bot.cli.files import bytes_written
from bot.cli.labelled_files import LabelledRows, labelled_rows
from bot.cli.options import AsJson, opened, os_user
from bot.cli.output import as_json, facts, note, progress, say, table
from bot.cli.redact import known_secrets
from bot.cli.triage_model import is_model, model_path

if TYPE_CHECKING:
    from automations.texts.classifier import Classifier

PARTIAL = 3
SHOWN = 20
"""Rows that could not be used, and labels, that are listed for people; `--json` lists all."""

Examples = Annotated[
    str,
    typer.Argument(metavar="FILE", help="CSV, TSV, JSON lines with columns text and label; - for standard input."),
]
Split = Annotated[str | None, typer.Option(metavar="NAME", help="Only rows whose column split says so.")]


def train(
    ctx: typer.Context,
    file: Examples,
    split: Split = None,
    model: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the model there; else into the database.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is no model.")] = False,
    json: AsJson = False,
) -> int:
    """Train the classifier on texts that people gave a label: on these alone, and nothing leaves this machine.

    Rows labelled oos, out_of_scope or none show what belongs to no label. Exit 3 if rows could not be used.
    """
    found = labelled_rows(file, split=split, for_training=True)
    if split is None and len(found.splits) > 1:
        note(f"The rows are of the splits {', '.join(sorted(found.splits))}. All are used; --split takes one of them.")
    bad_rows_shown(found)
    path = model_path(ctx, model)
    force = force or path is None or not path.exists() or is_model(path)
    if not force:
        raise ConfigError(f"{path} is there already and no model; nothing was trained. --force writes over it.")
    if path is not None:
        made, seconds = _trained(found, Redactor(known_secrets(ctx)), file)
        _written(made, path)
        where = str(path)
    else:
        made, seconds, number = _kept(ctx, found, file, split)
        where = f"the database, as model {number}"
    if json:
        as_json(_document(made, found, seconds, where))
    else:
        _shown(made, found, seconds, where)
    return PARTIAL if found.bad else 0


def _kept(ctx: typer.Context, found: LabelledRows, file: str, split: str | None) -> tuple["Classifier", float, int]:
    from automations.triage.models import keep

    with opened(ctx, new=True) as here:
        redactor, clock = here.context.redactor, here.context.clock
        made, seconds = _trained(found, redactor, file)
        source = redactor.text(_source(file, split))
        with here.database.begin() as session:
            number = keep(session, made, source=source, by=os_user(), at=clock.now())
    return made, seconds, number


def _source(file: str, split: str | None) -> str:
    name = "standard input" if file == "-" else Path(file).name
    return f"{name}, split {split}" if split else name


def _trained(found: LabelledRows, redactor: Redactor, file: str) -> tuple["Classifier", float]:
    from automations.texts.training import train as train_on

    with progress(f"Training on {file}") as bar:
        began = time.monotonic()
        texts = [redactor.text(row.text) for row in found.rows]
        made = train_on(texts, [row.label or "" for row in found.rows], on_progress=bar.at)
        return made, time.monotonic() - began


def _written(made: "Classifier", path: Path) -> None:
    from automations.texts.model_file import dump

    bytes_written(path, dump(made), force=True)


def _document(made: "Classifier", found: LabelledRows, seconds: float, where: str) -> dict[str, Any]:
    return {
        "rows": made.examples,
        "labels": list(made.labels),
        "out_of_scope_rows": made.examples - sum(each.examples for each in made.scores.labels),
        "bad_rows": [{"line": bad.line, "reason": bad.why} for bad in found.bad],
        "unreadable_rows": len(found.rows) - made.examples,
        "read_as": found.read_as,
        "training_hash": made.training_hash,
        "seconds": round(seconds, 2),
        "threshold": made.threshold,
        "scores": made.scores.as_document(),
        "model": where,
    }


def _shown(made: "Classifier", found: LabelledRows, seconds: float, where: str) -> None:
    scores, decided = made.scores, made.scores.decided
    outside = made.examples - sum(each.examples for each in scores.labels)
    strangers = "labels left out on purpose" if scores.outside_stood_in else "rows from outside"
    left = "" if scores.outside_left is None else f"{scores.outside_left:.1%} of {scores.outside_texts} {strangers}"
    facts(
        (
            ("Rows", f"{made.examples}, of them {outside} out of scope" if outside else made.examples),
            ("Without readable text", len(found.rows) - made.examples or None),
            ("Labels", len(made.labels)),
            ("Training set", f"sha256:{made.training_hash}"),
            ("Seconds", f"{seconds:.1f}"),
            (
                "Accuracy",
                f"{scores.accuracy:.1%} of texts unseen (cross-validation), macro F1 {scores.macro_f1:.3f}",
            ),
            (
                "Threshold",
                f"{made.threshold:.2f}: decides {decided.coverage:.1%}, {decided.accuracy:.1%} of them right",
            ),
            ("Left undecided", left),
            ("Model", where),
        )
    )
    weakest = sorted(scores.labels, key=lambda each: each.f1)[:SHOWN]
    say("")
    table(
        ("Label", "Examples", "Precision", "Recall"),
        [(each.label, each.examples, f"{each.precision:.3f}", f"{each.recall:.3f}") for each in weakest],
    )
    if len(scores.labels) > len(weakest):
        note(f"These are the weakest; {len(scores.labels) - len(weakest)} more labels are better. `--json` lists all.")
    table(
        ("Confidence", "Decided", "Right of these"),
        [(f"{each.confidence:.2f}", f"{each.coverage:.1%}", f"{each.accuracy:.1%}") for each in scores.curve[::2]],
    )


def bad_rows_shown(found: LabelledRows) -> None:
    """List the rows that could not be used, for people, and say how the file was read where that is a guess."""
    if found.read_as != "UTF-8":
        note(f"The file is no UTF-8 text and was read as {found.read_as}.")
    if found.bad:
        note(f"{len(found.bad)} rows could not be used:")
        for bad in found.bad[:SHOWN]:
            note(f"  line {bad.line}: {bad.why}")
        if len(found.bad) > SHOWN:
            note(f"  and {len(found.bad) - SHOWN} more; `--json` lists all.")
