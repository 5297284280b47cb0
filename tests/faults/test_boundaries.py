"""Every boundary of the registry has its place in the code, and a test that kills the process there."""

import importlib
import inspect
import re
from pathlib import Path

from storage.boundaries import BOUNDARIES

ROOT = Path(__file__).parents[2]
FLOOR = 40
KILLING = sorted(path.stem for path in Path(__file__).parent.glob("test_kill*.py"))


def killed_at() -> set[str]:
    """What the kill tests are parametrized with; each of them asserts that the process died right there."""
    found: set[str] = set()
    for name in KILLING:
        module = importlib.import_module(f"tests.faults.{name}")
        for test in vars(module).values():
            for mark in getattr(test, "pytestmark", []) if inspect.isfunction(test) else []:
                if mark.name == "parametrize" and "boundary" in mark.args[0]:
                    found |= {one if isinstance(one, str) else one[0] for one in mark.args[1]}
    return found


def test_there_are_as_many_as_were_promised() -> None:
    assert len(set(BOUNDARIES)) == len(BOUNDARIES) >= FLOOR


def test_each_is_reached_in_the_code() -> None:
    code = "".join(
        path.read_text("utf-8") for room in ("bot", "automations", "storage") for path in (ROOT / room).rglob("*.py")
    )
    assert set(re.findall(r'\breach\("([^"]+)"\)', code)) == set(BOUNDARIES)


def test_a_process_is_killed_at_each() -> None:
    assert killed_at() == set(BOUNDARIES)
