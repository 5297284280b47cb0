"""Where no Request Tracker can run its tests are left out with the reason, unless one is required."""

import pytest

from tests.desks import request_tracker


def test_without_root_it_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("HANDOFF_REQUIRE", "")
    with pytest.raises(pytest.skip.Exception, match="needs root"):
        request_tracker.needed_script()


def test_where_one_is_required_its_absence_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("HANDOFF_REQUIRE", "browser,rt")
    with pytest.raises(pytest.fail.Exception, match="needs root"):
        request_tracker.needed_script()
