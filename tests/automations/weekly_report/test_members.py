"""Members are kept small and come back as they were."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data

from automations.weekly_report.members import pack, unpack
from storage.engine import Database
from tests.automations.weekly_report.histories import histories, requests
from tests.automations.weekly_report.mirrored import write
from tests.automations.weekly_report.test_count import counted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data())
def test_members_come_back_as_they_were(database: Database, data: DataObject) -> None:
    request = data.draw(requests())
    with database.begin() as session:
        write(session, data.draw(histories(request.period)))
    _, members = counted(database, request)
    assert unpack(pack(members)) == members
    assert pack(unpack(pack(members))) == pack(members)


def test_no_members_are_kept_too() -> None:
    assert unpack(pack({"created": ()})) == {"created": ()}
