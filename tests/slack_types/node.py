"""Slack's own types as a judge: schemas made from its npm packages, asked through Node."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
SOURCES: Final = ("package.json", "tsconfig.json", "types.ts", "schemas.mjs", "check.mjs")
INSTALL: Final = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")


class Absent(Exception):
    """What the judge needs is not here; the words say what."""


@dataclass(frozen=True)
class Judged:
    """One thing that is sent. `name`: a type of types.ts; `at`: what it is, for people."""

    name: str
    at: str
    value: Any


@dataclass(frozen=True, order=True)
class Complaint:
    """What a type does not allow, at a JSON pointer of the value."""

    at: str
    path: str
    message: str


def prepared(folder: Path) -> Path:
    """A folder with the packages and the schemas; made once, kept beside the tests where that is possible.

    Raises: Absent.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Absent(f"there is no {tool} here")
    made = HERE / "node_modules"
    stamp, wanted = made / ".made-from", "\n".join((HERE / name).read_text("utf-8") for name in SOURCES)
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return HERE
    for command in (INSTALL, ("node", "schemas.mjs")):
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=540, check=False)
        if done.returncode:
            (folder / "node.log").write_text(done.stdout + done.stderr, "utf-8")
            raise Absent(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
    stamp.write_text(wanted, "utf-8")
    return HERE


def judge(folder: Path, given: list[Judged]) -> list[Complaint]:
    """Everything that Slack's types do not allow."""
    rows = json.dumps([{"name": one.name, "at": one.at, "value": one.value} for one in given])
    done = subprocess.run(
        ("node", "check.mjs"), cwd=folder, input=rows, capture_output=True, text=True, timeout=300, check=True
    )
    return sorted({Complaint(**row) for row in json.loads(done.stdout)})
