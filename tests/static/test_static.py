"""Static checks beyond ruff: bandit, and rules of our own for semgrep. Nothing unexplained, no explanation too many.

The two are no dependencies of the project: `uvx` fetches the versions named here. Without uv or its index they are
skipped, unless HANDOFF_REQUIRE asks for `static`. That the lock file has a hash for each pin is in `tests/test_lock`.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.figures.told import tell
from tests.static.explained import EVERYWHERE, EXPLAINED, UNREAD
from tests.static.samples import BAD, GOOD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
RULES = ROOT / "tests" / "static" / "rules.yml"
ROOMS = ("bot", "automations", "storage")
QUIET = {**os.environ, "SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}
"""Semgrep asks its maker for news; where nobody answers it waits for a minute and a half."""
TOOLS = {"bandit": "bandit==1.9.4", "semgrep": "semgrep==1.185.0"}


@cache
def uvx() -> str | None:
    """Where uv's way to run a tool is, if anywhere."""
    ours = ROOT / ".uv" / "bin" / "uvx"
    return str(ours) if ours.exists() else shutil.which("uvx")


@cache
def starter(tool: str) -> list[str] | None:
    """The words that start the tool, from what was fetched before if it was: asking the index again takes long."""
    found = uvx()
    for words in ([found, "-q", "--offline"], [found, "-q"]) if found else ():
        command = [*words, "--from", TOOLS[tool], tool]
        if subprocess.run([*command, "--version"], capture_output=True, check=False, env=QUIET).returncode == 0:
            return command
    return None


def run(tool: str, *words: str | Path) -> Any:
    """What the tool tells as JSON."""
    command = starter(tool)
    if command is None:
        assert "static" not in os.environ.get("HANDOFF_REQUIRE", ""), f"HANDOFF_REQUIRE asks for {TOOLS[tool]}"
        pytest.skip(f"{TOOLS[tool]} does not run here; `uvx` and its index are needed")
    done = subprocess.run(
        [*command, *map(str, words)], capture_output=True, text=True, check=False, cwd=ROOT, env=QUIET
    )
    assert done.returncode in (0, 1), done.stderr[-2_000:]
    return json.loads(done.stdout)


def own_rules() -> set[str]:
    return {str(rule["id"]) for rule in yaml.safe_load(RULES.read_text("utf-8"))["rules"]}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of the samples, and what semgrep says of them and of our code: it takes long to start."""
    samples = tmp_path_factory.mktemp("samples")
    for name, text in BAD.items():
        (samples / f"{name}.py").write_text(text, "utf-8")
    (samples / "good.py").write_text(GOOD, "utf-8")
    how = ("--metrics=off", "--disable-version-check", "--json", "--quiet", "--no-git-ignore", "--config", RULES)
    return samples, run("semgrep", "scan", *how, samples, *ROOMS)


def found_by(told: Any) -> set[tuple[str, str]]:
    """Rule and file of each finding."""
    return {(one["check_id"].rpartition(".")[2], one["path"]) for one in told["results"]}


def test_there_are_ten_rules_of_our_own_or_more_and_each_has_its_sample() -> None:
    assert len(own_rules()) >= 10
    assert set(BAD) == own_rules()


def test_each_rule_finds_what_it_is_for_and_nothing_in_good_code(told: tuple[Path, Any]) -> None:
    samples, said = told
    found = {(rule, Path(place).stem) for rule, place in found_by(said) if place.startswith(str(samples))}
    assert {rule for rule, place in found if place == rule} == own_rules()
    assert {rule for rule, place in found if place == "good"} == set()


def test_nothing_is_unexplained_in_our_code(told: tuple[Path, Any]) -> None:
    _, said = told
    check = [sys.executable, "-m", "ruff", "check", "--select", "S", "--ignore", "S101", *ROOMS]
    ruff = subprocess.run(check, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ruff.returncode == 0, ruff.stdout
    assert {one["path"] for one in said["errors"]} == set(UNREAD)
    bandit = run("bandit", "-q", "-r", *ROOMS, "-f", "json")
    assert bandit["errors"] == []
    found = {(one["test_id"], one["filename"].removeprefix("./")) for one in bandit["results"]}
    found |= {(rule, place) for rule, place in found_by(said) if place.startswith(ROOMS)}
    found = {one for one in found if one[0] not in EVERYWHERE}
    assert found - set(EXPLAINED) == set(), "mend it, or say in explained.py why it may stay"
    assert set(EXPLAINED) - found == set(), "an explanation of what is not there any more"
    words = f"ruff S, bandit, {len(own_rules())} own semgrep rules: 0 unexplained, {len(EXPLAINED)} explained"
    tell("34", words)
