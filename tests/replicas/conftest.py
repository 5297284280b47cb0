"""The servers of the fault tests."""

from tests.faults.conftest import desk_url, faults_folder, room, slack_url

__all__ = ["desk_url", "faults_folder", "room", "slack_url"]
