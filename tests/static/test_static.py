"""Static checks beyond ruff: bandit, and rules of our own. Nothing unexplained, no explanation too many.

The rules are semgrep's (`rules.yml`). CI reads them by `matching`; with HANDOFF_STATIC=semgrep, as the figures do,
semgrep itself, fetched by `uvx`, has to find the same. That the lock has a hash for each pin is in `tests/test_lock`.
"""

import json
import os
import re
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
from tests.static.matching import Source
from tests.static.samples import BAD, GOOD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ROOT = Path(__file__).parents[2]
RULES = ROOT / "tests" / "static" / "rules.yml"
ROOMS = ("bot", "automations", "storage")
SEMGREP = "semgrep==1.185.0"
QUIET = {**os.environ, "SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}
"""Semgrep asks its maker for news; where nobody answers it waits for a minute and a half."""


@cache
def own_rules() -> dict[str, Any]:
    """Each rule by its name."""
    return {str(rule["id"]): rule for rule in yaml.safe_load(RULES.read_text("utf-8"))["rules"]}


def matched(text: str) -> set[str]:
    """The names of the rules that find something."""
    source = Source.of(text)
    return {name for name, rule in own_rules().items() if source.found(rule)}


@cache
def in_our_code() -> set[tuple[str, str]]:
    """Rule and file of whatever our own rules find in our own code."""
    files = [place for room in ROOMS for place in (ROOT / room).rglob("*.py")]
    return {(name, str(one.relative_to(ROOT))) for one in files for name in matched(one.read_text("utf-8"))}


def run(*command: str) -> Any:
    """What a tool tells as JSON."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=QUIET)
    assert done.returncode in (0, 1), done.stderr[-2_000:]
    return json.loads(done.stdout)


def test_there_are_ten_rules_of_our_own_or_more_and_each_has_its_sample() -> None:
    assert len(own_rules()) >= 10
    assert set(BAD) == set(own_rules())


@pytest.mark.parametrize("name", BAD)
def test_each_rule_finds_what_it_is_for(name: str) -> None:
    assert name in matched(BAD[name])


def test_no_rule_finds_anything_in_good_code() -> None:
    assert matched(GOOD) == set()


def test_what_ruff_is_told_to_pass_over_has_its_reason() -> None:
    for room in ROOMS:
        for place in (ROOT / room).rglob("*.py"):
            for line in place.read_text("utf-8").splitlines():
                if re.search(r"#\s*noqa:.*\bS\d", line) or "nosec" in line.lower():
                    assert re.search(r"noqa: S\d+ - \w+", line), f"{place}: say why: {line}"


def test_nothing_is_unexplained_in_our_code() -> None:
    check = [sys.executable, "-m", "ruff", "check", "--select", "S", "--ignore", "S101", *ROOMS]
    ruff = subprocess.run(check, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ruff.returncode == 0, ruff.stdout
    bandit = run(sys.executable, "-m", "bandit", "-q", "-r", *ROOMS, "-f", "json")
    assert bandit["errors"] == []
    found = {(one["test_id"], one["filename"].removeprefix("./")) for one in bandit["results"]}
    found = {one for one in found | in_our_code() if one[0] not in EVERYWHERE}
    assert found - set(EXPLAINED) == set(), "mend it, or say in explained.py why it may stay"
    assert set(EXPLAINED) - found == set(), "an explanation of what is not there any more"
    words = f"ruff S, bandit, {len(own_rules())} own rules: 0 unexplained, {len(EXPLAINED)} explained"
    tell("34", words)


@pytest.mark.skipif(os.environ.get("HANDOFF_STATIC") != "semgrep", reason="semgrep reads them where figures are taken")
def test_semgrep_finds_the_same(tmp_path: Path) -> None:
    ours = ROOT / ".uv" / "bin" / "uvx"
    uvx = str(ours) if ours.exists() else shutil.which("uvx")
    assert uvx, "uvx fetches semgrep"
    for name, text in BAD.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    (tmp_path / "good.py").write_text(GOOD, "utf-8")
    how = ("--metrics=off", "--disable-version-check", "--json", "--quiet", "--no-git-ignore", "--config", str(RULES))
    said = run(uvx, "-q", "--from", SEMGREP, "semgrep", "scan", *how, str(tmp_path), *ROOMS)
    assert {one["path"] for one in said["errors"]} == set(UNREAD)
    found = {(one["check_id"].rpartition(".")[2], one["path"]) for one in said["results"]}
    samples = {(rule, Path(place).stem) for rule, place in found if place.startswith(str(tmp_path))}
    assert {rule for rule, place in samples if place == rule} == set(own_rules())
    assert {rule for rule, place in samples if place == "good"} == set()
    assert {one for one in found if one[1].startswith(ROOMS)} <= in_our_code()
    assert {rule for rule, _ in in_our_code()} == {rule for rule, place in found if place.startswith(ROOMS)}
    tell("34", f"{SEMGREP} finds nothing else with the same rules")
