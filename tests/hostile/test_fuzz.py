"""Fuzzing finds nothing: one process for each target, as long as the environment says (300 s at full count)."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.figures.told import tell
from tests.hostile.fuzz import LONGEST, drawn
from tests.hostile.fuzz_targets import TARGETS

SECONDS = float(os.environ.get("HANDOFF_FUZZ_S", "2"))


def test_the_same_seed_draws_the_same() -> None:
    some = [[drawn(dice) for _ in range(50)] for dice in (random.Random(1), random.Random(1), random.Random(2))]
    assert some[0] == some[1] != some[2]
    assert all(len(one) <= LONGEST for one in some[0])


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found(target: str) -> None:
    words = [sys.executable, "-m", "tests.hostile.fuzz", target, str(SECONDS)]
    done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    told = [line for line in done.stdout.splitlines() if line.startswith(f"{target}: ")]
    assert told, done.stdout
    tell("12", f"fuzz, {told[-1]}")
