"""Texts with labels from a file that people name: CSV, TSV or JSON lines, as the programs of this world write them.

Columns are found by name, in any order and case: `text`, or `subject`/`title` with `body`/`description`; `label`, or
`intent`, `category`, `queue`; and `split`. A row that cannot be used is listed with its line, never dropped in silence.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automations.errors import ConfigError
from bot.cli.files import STDIN, read_bytes
from bot.cli.table_records import Bad, Record, Records, decoded, records_in

MAX_BYTES = 200_000_000
TEXT = ("text",)
HEADING = ("subject", "title")
BODY = ("body", "description")
LABEL = ("label", "intent", "category", "queue")
SPLIT = "split"


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """`number` counts the rows of the file from 1, whatever split they are of. `label` is None where there is none."""

    number: int
    text: str
    label: str | None


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """What was read, and what could not be used.

    `splits` are those of the file with their rows, `read_as` is how its bytes were understood.
    """

    rows: tuple[LabelledRow, ...]
    bad: tuple[Bad, ...]
    splits: Mapping[str, int]
    read_as: str

    @property
    def has_labels(self) -> bool:
        """Whether any row has a label."""
        return any(row.label is not None for row in self.rows)


def labelled_rows(name: str, *, split: str | None = None, for_training: bool = False) -> LabelledRows:
    """Read a file, or standard input for `-`.

    For training each row needs a text and a label, and is listed as bad without; else an empty text is a text, labels
    may be missing, and standard input may also be one text a line.

    Raises: ConfigError if the file cannot be read, or a column or the split is not there: it lists what is.
    """
    shown = "standard input" if name == STDIN else name
    text, read_as = decoded(read_bytes(name, limit=MAX_BYTES))
    plain_lines = not for_training and (name == STDIN or name.lower().endswith(".txt"))
    found = records_in(text, shown, known={*TEXT, *HEADING, *BODY, *LABEL, SPLIT}, lines_as=_lines_as(plain_lines))
    texts, label = _columns(found, shown, for_training=for_training)
    chosen, splits = _of_split(found, split, shown)
    rows, bad = [], list(found.bad)
    for record in chosen:
        row = LabelledRow(record.number, _text(record, texts), _label(record, label))
        why = _unfit(row) if for_training else ""
        if why:
            bad.append(Bad(record.line, why))
        else:
            rows.append(row)
    return LabelledRows(tuple(rows), tuple(sorted(bad, key=lambda each: each.line)), splits, read_as)


def _lines_as(plain_lines: bool) -> str | None:
    return TEXT[0] if plain_lines else None


def _columns(found: Records, shown: str, *, for_training: bool) -> tuple[list[str], str | None]:
    texts = [name for name in TEXT if name in found.columns]
    if not texts:
        pair = [next((name for name in names if name in found.columns), None) for names in (HEADING, BODY)]
        texts = [name for name in pair if name]
    label = next((name for name in LABEL if name in found.columns), None)
    there = ", ".join(found.columns) or "nothing"
    if not texts:
        raise ConfigError(
            f"{shown}: no column holds the text. Wanted: text, or subject/title with body/description; there: {there}."
        )
    if for_training and label is None:
        raise ConfigError(f"{shown}: no column holds the label. Wanted: {', '.join(LABEL)}; there: {there}.")
    return texts, label


def _of_split(found: Records, split: str | None, shown: str) -> tuple[Sequence[Record], Mapping[str, int]]:
    has_splits = SPLIT in found.columns
    splits = Counter((record.values.get(SPLIT) or "").strip() for record in found.records) if has_splits else Counter()
    if split is None:
        return found.records, splits
    if not has_splits:
        raise ConfigError(f"{shown}: --split {split}: there is no column split. There: {', '.join(found.columns)}.")
    if split not in splits:
        there = ", ".join(f"{name or '(empty)'} ({rows})" for name, rows in sorted(splits.items()))
        raise ConfigError(f"{shown}: --split {split}: no row is of it. There: {there}.")
    return [record for record in found.records if (record.values.get(SPLIT) or "").strip() == split], splits


def _text(record: Record, columns: Sequence[str]) -> str:
    return "\n".join(value for name in columns if (value := record.values.get(name)))


def _label(record: Record, column: str | None) -> str | None:
    return ((record.values.get(column) or "").strip() or None) if column else None


def _unfit(row: LabelledRow) -> str:
    if not row.text.strip():
        return "there is no text"
    return "" if row.label else "there is no label"
