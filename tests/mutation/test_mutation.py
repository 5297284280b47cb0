"""Mutation: the areas name files that exist, the copy is whole, the score is what mutmut counted."""

import tomllib
from pathlib import Path

import pytest

from tests.mutation.__main__ import FLOOR, ROW, copy, score
from tests.mutation.areas import AREAS, Area
from tests.serving import ROOT

NONE = {"killed": 0, "timeout": 0, "suspicious": 0, "segfault": 0, "survived": 0, "no_tests": 0, "total": 0}


@pytest.mark.parametrize("area", AREAS.values(), ids=AREAS)
def test_an_area_names_what_exists(area: Area) -> None:
    assert area.sources
    assert area.tests
    assert all((ROOT / file).exists() for file in (*area.sources, *area.tests))


def test_every_area_has_its_row() -> None:
    assert ROW.keys() == AREAS.keys()


def test_the_copy_has_the_tree_and_the_settings(tmp_path: Path) -> None:
    copy(tmp_path, AREAS["signature"])
    settings = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    assert settings["source_paths"] == ["bot/guard.py"]
    assert {"tests", "README.md"} <= set(settings["also_copy"])
    assert (tmp_path / "bot" / "guard.py").read_bytes() == (ROOT / "bot" / "guard.py").read_bytes()
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_score_counts_what_nobody_tests_against_us() -> None:
    assert score({**NONE, "killed": 8, "survived": 1, "no_tests": 1, "total": 10}) == (
        "8 of 10 faults noticed (80%)",
        True,
    )
    assert score({**NONE, "killed": 6, "timeout": 1, "survived": 3, "total": 10})[1] is False
    assert score(NONE) == ("0 of 0 faults noticed (0%)", False)
    assert FLOOR == 0.80
