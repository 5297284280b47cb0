"""The menu of one entry in the list of a group's cases."""

from dataclasses import replace

import pytest

from automations.domain import CaseStatus
from bot.views.group_list import OPTIONS, group_list
from tests.bot.views.group_examples import PAGE


@pytest.mark.parametrize("status", [CaseStatus.OPEN, CaseStatus.CLAIMED])
@pytest.mark.parametrize("escalated", [False, True])
def test_an_entry_of_the_list_offers_what_ends_the_case(status: CaseStatus, *, escalated: bool) -> None:
    rows = (replace(PAGE.rows[0], status=status, escalated=escalated),)
    (menu,) = [one["accessory"] for one in group_list(replace(PAGE, rows=rows))["blocks"] if "accessory" in one]
    offered = [one["value"].rpartition(":")[2] for one in menu["options"]]
    assert len(offered) == OPTIONS
    assert {"resolve", "not_needed", "snooze", "reassign"} <= set(offered)
    assert ("claim" in offered) == (status is CaseStatus.OPEN)
    assert ("escalate" in offered) == (status is CaseStatus.CLAIMED and not escalated)
