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
    for file in files:
        learn, tests, strangers = _split(file)
        table = Table("", *(f"{each or 'all'} each" for each in EACH), title=file)
        found = [_figures(learn, tests, strangers, each) for each in EACH]
        for name in found[0]:
            table.add_row(name, *(one[name] for one in found))
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
) -> dict[str, str]:
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
    found = {
        "labels": str(len(made.labels)),
        "rows": str(len(rows)),
        "training, s": f"{took:.1f} ({cpu:.1f} of the processor)",
        "a text, ms": f"{a_text:.1f}",
        "model, KB": str(len(dump(made)) // 1000),
        "right": f"{right.mean():.2%}",
        "threshold": f"{made.threshold:.2f}",
        "decided and right": f"{np.mean(right & (sure >= made.threshold)):.1%}",
    }
    if len(strange):
        found["strangers left undecided"] = f"{np.mean(strange < made.threshold):.1%}"
        found["decided and right, if 80 % of strangers are left"] = (
            f"{np.mean(right & (sure >= np.quantile(strange, 0.8))):.1%}"
        )
    return found
