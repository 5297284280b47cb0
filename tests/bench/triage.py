"""How good the classifier is on labelled files, how long it trains and how long a text takes.

A file with a column `split` is trained on `train` and tested on the rest; without one, four in five rows are drawn for
training. Rows labelled oos, out_of_scope or none are strangers: never trained on here, so that the threshold is what
training finds without them.
"""

import random
import time
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from automations.texts.examples import is_outside
from automations.texts.model_file import dump
from automations.texts.training import train
from bot.cli.labelled_files import LabelledRow, labelled_rows

EACH = (10, 30, None)
"""Examples per label; None is all of them."""


def run(files: Sequence[str], console: Console) -> None:
    """Train on each file with few and with all examples, and print the table of figures."""
    table = Table(
        "File", "Each", "Labels", "Rows", "Train s", "CPU s", "ms a text", "KB",
        "Right", "Threshold", "Decided, right", "Strangers left", "Right at 80 %",
    )  # fmt: skip
    for file in files:
        learn, tests, strangers = _split(file)
        for each in EACH:
            table.add_row(file.rpartition("/")[2], str(each or "all"), *_figures(learn, tests, strangers, each))
    console.print(table)


def _split(file: str) -> tuple[list[LabelledRow], list[LabelledRow], list[LabelledRow]]:
    rows = [row for row in labelled_rows(file, for_training=True).rows if not is_outside(row.label or "")]
    strangers = [row for row in labelled_rows(file, for_training=True).rows if is_outside(row.label or "")]
    if "train" in labelled_rows(file).splits:
        chosen = {row.number for row in labelled_rows(file, split="train").rows}
    else:
        chosen = set(random.Random(1).sample([row.number for row in rows], len(rows) * 4 // 5))
    return [row for row in rows if row.number in chosen], [row for row in rows if row.number not in chosen], strangers


def _figures(
    learn: list[LabelledRow], tests: list[LabelledRow], strangers: list[LabelledRow], each: int | None
) -> tuple[str, ...]:
    by_label: dict[str, list[LabelledRow]] = defaultdict(list)
    for row in random.Random(2).sample(learn, len(learn)):
        by_label[row.label or ""].append(row)
    rows = [row for some in by_label.values() for row in some[:each]]
    began, cpu = time.perf_counter(), time.process_time()
    made = train([row.text for row in rows], [row.label or "" for row in rows])
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    began = time.perf_counter()
    guesses = [made.guess([row.text])[0] for row in tests]
    a_text = (time.perf_counter() - began) / len(tests) * 1000
    right = np.array([guess.label == row.label for guess, row in zip(guesses, tests, strict=True)])
    sure = np.array([guess.confidence for guess in guesses])
    strange = np.array([guess.confidence for guess in made.guess([row.text for row in strangers])])
    left = f"{np.mean(strange < made.threshold):.1%}" if len(strange) else ""
    at_80 = f"{np.mean(right & (sure >= np.quantile(strange, 0.8))):.1%}" if len(strange) else ""
    return (
        str(len(made.labels)), str(len(rows)), f"{took:.1f}", f"{cpu:.1f}", f"{a_text:.1f}",
        str(len(dump(made)) // 1000),
        f"{right.mean():.2%}", f"{made.threshold:.2f}", f"{np.mean(right & (sure >= made.threshold)):.1%}", left, at_80,
    )  # fmt: skip
