"""Every view in every state, exactly as it was reviewed."""

import json
from pathlib import Path

import pytest

from tests.bot.views.checks import check
from tests.bot.views.examples import EXAMPLES

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_view_is_golden(name: str, pytestconfig: pytest.Config) -> None:
    """A view renders its example as reviewed, within Slack's limits."""
    made = EXAMPLES[name]()
    check(made)
    seen, path = json.dumps(made, indent=2, ensure_ascii=False) + "\n", GOLDEN / f"{name}.json"
    if pytestconfig.getoption("--accept"):
        path.write_text(seen, encoding="utf-8")
    assert path.exists(), "run with --accept and review the new file"
    assert seen == path.read_text(encoding="utf-8"), "review the change, then rerun with --accept"


def test_no_golden_file_without_its_view() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(EXAMPLES)
