"""`uv run python -m tests.figures run|list|table`: the figures of the table in README.md, each by its full count.

`run` goes on where it stopped: it plays the rows that do not hold on this very commit, one after the other, and keeps
each result as it comes. `run 6 24b` plays these again. `run --missing` plays only rows without any result.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from tests.figures import results as kept
from tests.figures.machine import commit, machine, versions
from tests.figures.registry import chosen, rows
from tests.figures.results import Result
from tests.figures.row import Row
from tests.figures.running import OURS, play
from tests.figures.table import markdown, shown, verdict


def main(words: list[str] | None = None) -> int:
    """0 when every row that was played holds, 1 when one does not, 64 for a row that is not there."""
    args = _parser().parse_args(words)
    console, measured = Console(highlight=False, soft_wrap=True), kept.load()
    try:
        picked = chosen(rows(), args.rows) if args.rows else rows()
    except ValueError as error:
        console.print(str(error))
        return 64
    if args.what == "table":
        sys.stdout.write(markdown(picked, measured) + "\n")
        return 0
    if args.what == "list":
        _list(picked, measured, console, as_json=args.json)
        return 0
    due = picked if args.rows else [row for row in picked if is_due(measured.get(row.number), missing=args.missing)]
    return run(due, measured, console)


def is_due(result: Result | None, *, missing: bool) -> bool:
    """Whether a run that goes on has to play this row."""
    return result is None or (not missing and not (result.good and result.commit == commit(beside=OURS)))


def run(due: list[Row], measured: dict[str, Result], console: Console, *, file: Path = kept.FILE) -> int:
    """Play them and keep each result at once. Returns 1 where a row does not hold."""
    about = sum(row.minutes for row in due)
    console.print(f"{len(due)} rows, about {about:.0f} min on {machine()} ({versions()})")
    logs = Path(tempfile.mkdtemp(prefix="handoff-figures-"))
    for number, row in enumerate(due, 1):
        console.print(f"{number}/{len(due)}  row {row.number}: {row.what} (about {row.minutes:g} min)")
        log = logs / f"{row.number}.log"
        result = play(row, log)
        measured[row.number] = result
        kept.save(measured, file)
        console.print(f"      {verdict(result)}: {'; '.join(result.words) or result.outcome} ({result.seconds:.0f} s)")
        if not result.good:
            console.print(f"      what it printed: {log}")
    return 0 if all(measured[row.number].good for row in due) else 1


def benchmarks(console: Console) -> int:
    """Play the rows that are benchmarks, keep their results and print them in one table. 1 where one does not hold."""
    mine, measured = [row for row in rows() if row.command[0] == "bench"], kept.load()
    code = run(mine, measured, console)
    console.print(shown(mine, measured, f"{machine()}; {versions()}"))
    return code


def _list(picked: list[Row], measured: Mapping[str, Result], console: Console, *, as_json: bool) -> None:
    if not as_json:
        console.print(shown(picked, measured, f"the figures, {len(picked)} rows"))
        return
    told = [
        {
            "row": row.number,
            "what": row.what,
            "floor": row.floor,
            "command": " ".join((*(f"{name}={value}" for name, value in row.env.items()), *row.command)),
            "minutes": row.minutes,
            "holds": result.good if (result := measured.get(row.number)) else None,
            "measured": list(result.words) if result else [],
            "at": result.at if result else None,
            "commit": result.commit if result else None,
        }
        for row in picked
    ]
    sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.figures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["run", "list", "table"])
    parser.add_argument("rows", nargs="*", help="numbers of rows, such as 6, 6c or latency; all by default")
    parser.add_argument("--missing", action="store_true", help="`run` only what was never measured")
    parser.add_argument("--json", action="store_true", help="`list` for programs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
