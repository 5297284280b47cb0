"""Where no SCIM server can run its tests are left out with the reason, unless one is required."""

from pathlib import Path

import pytest

from tests.identity import scim_server


@pytest.fixture(autouse=True)
def nothing_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scim_server, "shared", lambda name: None)


def test_without_its_script_it_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANDOFF_REQUIRE", "")
    with pytest.raises(pytest.skip.Exception, match="is not there"), scim_server.running(tmp_path):
        pass


def test_where_one_is_required_its_absence_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANDOFF_REQUIRE", "rt,scim")
    with pytest.raises(pytest.fail.Exception, match="is not there"), scim_server.running(tmp_path):
        pass
