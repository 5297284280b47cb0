"""The crash boundaries: silent by default, deadly exactly where and when they are told to be."""

import os
import signal
import subprocess
import sys

import pytest

from storage.boundaries import BOUNDARIES, VARIABLE, reach

SCRIPT = (
    "from storage.boundaries import reach\nfor n in range(3):\n    reach('slack.posted')\n    print(n, flush=True)\n"
)


def _run(wanted: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, VARIABLE: wanted}
    return subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=False)


def test_without_the_variable_every_boundary_is_passed() -> None:
    for boundary in BOUNDARIES:
        reach(boundary)


@pytest.mark.parametrize(("wanted", "printed"), [("slack.posted", 0), ("slack.posted:3", 2)])
def test_the_process_dies_at_the_named_passage(wanted: str, printed: int) -> None:
    done = _run(wanted)
    assert done.returncode == -signal.SIGKILL
    assert len(done.stdout.split()) == printed


def test_another_boundary_is_passed() -> None:
    assert _run("ticket.created").stdout.split() == ["0", "1", "2"]


@pytest.mark.parametrize("wanted", ["slack.poste", "slack.posted:0", "slack.posted:x"])
def test_a_wrong_name_is_refused_with_the_list_of_names(wanted: str) -> None:
    done = _run(wanted)
    assert done.returncode == 1
    assert "names no boundary" in done.stderr
    assert "ingest.before_commit" in done.stderr
