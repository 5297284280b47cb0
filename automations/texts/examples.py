"""The team's own examples: texts with the label that people gave them, put in order and found to be enough."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from automations.errors import Refused
from automations.texts.features import plain

OUTSIDE = frozenset({"oos", "out of scope", "none"})
"""Labels that say: this belongs to none of the others. Written with spaces, in small letters."""
FEWEST_LABELS = 2
FEWEST_EXAMPLES = 3
"""Of each label, texts with at least one readable character."""
NAMED = 10
"""So many labels are named in an error."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts of known labels, sorted, so that their order in a file changes nothing.

    `labels` are different and sorted; `of` holds each text's place in them, or `len(labels)` where the text belongs to
    none. `empty` counts the rows that were left out, since nothing in them can be read.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    of: tuple[int, ...]
    empty: int

    @property
    def outside(self) -> int:
        """The number that stands for none of the labels."""
        return len(self.labels)


def is_outside(label: str) -> bool:
    """Whether a label says that its text belongs to none of the others: `oos`, `out_of_scope` or `none`."""
    return re.sub(r"[\s_-]+", " ", label.strip().lower()) in OUTSIDE


def examples_of(texts: Sequence[str], labels: Sequence[str]) -> Examples:
    """Put texts and their labels in order.

    Raises: Refused if there are fewer than two labels, or fewer than three examples of one: it names what is missing.
    """
    rows = sorted((label, text) for text, label in zip(texts, labels, strict=True) if plain(text))
    count = Counter(label for label, _ in rows if not is_outside(label))
    seen = {label for label in labels if not is_outside(label)}
    if len(seen) < FEWEST_LABELS:
        only = f"only {next(iter(seen))!r}" if seen else "no label"
        raise Refused(
            f"Too little to train on: {only} in {len(texts)} rows. At least {FEWEST_LABELS} labels are needed, with "
            f"{FEWEST_EXAMPLES} examples each; oos, out_of_scope and none do not count as labels. Nothing was trained."
        )
    few = {label: count[label] for label in sorted(seen) if count[label] < FEWEST_EXAMPLES}
    if few:
        named = ", ".join(f"{label!r} ({examples})" for label, examples in list(few.items())[:NAMED])
        more = f" and {len(few) - NAMED} more" if len(few) > NAMED else ""
        raise Refused(
            f"Too little to train on: at least {FEWEST_EXAMPLES} readable examples of each label are needed, and there "
            f"are fewer of {named}{more}. Add examples, or take these rows out. Nothing was trained."
        )
    names = tuple(sorted(count))
    places = {label: place for place, label in enumerate(names)}
    of = tuple(places.get(label, len(names)) for label, _ in rows)
    return Examples(tuple(text for _, text in rows), names, of, len(texts) - len(rows))


def training_hash(texts: Sequence[str], labels: Sequence[str]) -> str:
    """SHA-256 of texts with their labels, in hexadecimal. The order of the rows does not change it."""
    digest = hashlib.sha256()
    for line in sorted(json.dumps([text, label]) for text, label in zip(texts, labels, strict=True)):
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()
