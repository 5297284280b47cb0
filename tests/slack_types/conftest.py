"""The judge, for whoever asks for it: HANDOFF_REQUIRE=node."""

from pathlib import Path

import pytest

from tests.conftest import REQUIRED
from tests.slack_types.node import Absent, prepared


@pytest.fixture(scope="session")
def judge_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Slack's packages and the schemas are. They are fetched from npm only where somebody asks for that."""
    if "node" not in REQUIRED.split(","):
        pytest.skip("needs Node and Slack's npm packages: HANDOFF_REQUIRE=node pytest tests/slack_types")
    try:
        return prepared(tmp_path_factory.mktemp("node"))
    except Absent as reason:
        pytest.fail(f"HANDOFF_REQUIRE asks for node: {reason}")
