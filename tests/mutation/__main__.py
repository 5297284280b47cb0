"""`uv run --with mutmut==3.8.1 python -m tests.mutation signature|confirm|audit`: how many faults the tests notice.

mutmut changes one place of a module after the other (another operator, another constant, an argument less) and plays
its tests on each; this starts it on a copy of the tree and tells the share that was noticed. What nobody noticed is
named, and with `--show` printed as a difference, a second for each. It is no dependency of the project: nothing but
these figures needs it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.figures.told import tell
from tests.mutation.areas import AREAS, Area
from tests.serving import ROOT

FLOOR: Final = 0.80
"""The share of faults to be noticed (mutation score)."""
LEFT_OUT: Final = ("*.pyc", "__pycache__")
FOLDERS: Final = ("bot", "automations", "storage", "tests")
ROW: Final = {"signature": "33", "confirm": "33b", "audit": "33c"}


def main() -> int:
    """0 when mutmut ran, whatever it found; 1 when the tests fail without any fault; 64 where mutmut is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("area", choices=AREAS)
    parser.add_argument("--show", action="store_true", help="print what nobody noticed as differences")
    args = parser.parse_args()
    name = args.area
    if find_spec("mutmut") is None:
        sys.stderr.write("mutmut is missing: start this by `uv run --with mutmut==3.8.1 python -m tests.mutation …`\n")
        return 64
    with tempfile.TemporaryDirectory(prefix="handoff-mutation-") as made:
        folder = Path(made)
        copy(folder, AREAS[name])
        if _mutmut(folder, "run", "--max-children", str(os.cpu_count() or 1)).returncode != 0:
            return 1
        _mutmut(folder, "export-cicd-stats")
        told = json.loads((folder / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
        for survivor in _survivors(folder):
            sys.stdout.write(_mutmut(folder, "show", survivor, quiet=True).stdout if args.show else f"{survivor}\n")
    words, reached = score(told)
    sys.stdout.write(f"{name}: {words}\n")
    tell(ROW[name], f"{name}: {words}", reached=reached)
    return 0


def copy(folder: Path, area: Area) -> None:
    """The tree without anything made, and mutmut's settings for this area at the end of its pyproject.toml."""
    for part in FOLDERS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(*LEFT_OUT))
    files = [path for path in ROOT.iterdir() if path.is_file()]
    for path in files:
        shutil.copy(path, folder)
    if (ROOT.parent / "shared").exists():
        (folder / "shared").symlink_to(ROOT.parent / "shared")
    settings = {
        "source_paths": list(area.sources),
        "pytest_add_cli_args_test_selection": list(area.tests),
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-k", "not postgresql"],
        "also_copy": [*FOLDERS, *(path.name for path in files)],
        "use_git_change_detection": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def score(told: dict[str, int]) -> tuple[str, bool]:
    """Words and whether the floor is reached, from mutmut's counts. A test that hangs has noticed, too."""
    noticed = told["killed"] + told["timeout"] + told["suspicious"] + told["segfault"]
    share = noticed / told["total"] if told["total"] else 0.0
    return f"{noticed} of {told['total']} faults noticed ({share:.0%})", share >= FLOOR


def _survivors(folder: Path) -> list[str]:
    lines = _mutmut(folder, "results", quiet=True).stdout.splitlines()
    return [line.split(":")[0].strip() for line in lines if line.strip().endswith((": survived", ": no tests"))]


def _mutmut(folder: Path, *words: str, quiet: bool = False) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "mutmut", *words)
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE if quiet else None, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
