"""What was measured, row by row, in a file that is committed: the table in README.md is made of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).with_name("results.json")
PASSED, FAILED, TOO_SLOW = "passed", "failed", "too slow"


@dataclass(frozen=True, slots=True)
class Result:
    """`words`: what the row told of itself. `at`: UTC, to the minute. `commit`: with `+` where files had changed since.

    `reached` is false where the command passed and a measured figure fell short of its floor.
    """

    outcome: str
    words: tuple[str, ...]
    reached: bool
    seconds: float
    at: str
    commit: str
    machine: str

    @property
    def good(self) -> bool:
        """Whether the row holds."""
        return self.outcome == PASSED and self.reached


def load(file: Path = FILE) -> dict[str, Result]:
    """The newest result of each row; empty before the first."""
    if not file.exists():
        return {}
    kept = json.loads(file.read_text(encoding="utf-8"))
    return {number: Result(**{**one, "words": tuple(one["words"])}) for number, one in kept.items()}


def save(results: Mapping[str, Result], file: Path = FILE) -> None:
    """Write all of them, one after the other in the order of their numbers."""
    made = {number: asdict(results[number]) for number in sorted(results)}
    file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
