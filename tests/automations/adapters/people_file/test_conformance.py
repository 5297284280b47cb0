"""A file keeps the promises of an identity source."""

from pathlib import Path

import pytest

from tests.automations.adapters.identity import IdentityContract
from tests.automations.adapters.people_file.written import Written


class TestCsv(IdentityContract):
    @pytest.fixture
    def upstream(self, tmp_path: Path) -> Written:
        return Written(tmp_path / "people.csv")


class TestJson(IdentityContract):
    @pytest.fixture
    def upstream(self, tmp_path: Path) -> Written:
        return Written(tmp_path / "people.JSON")
