"""Which ticket people mean by a number or an address."""

import pytest

from automations.mirror.named import ticket_in, ticket_named
from storage.engine import Database
from storage.models import MirrorTicket
from tests.support import START


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_number_or_an_address_names_a_ticket_that_is_there(database: Database) -> None:
    shared = {
        "opened_by": "customer", "created_at": START, "updated_at": START, "status": "open", "priority": "", "tags": [],
        "group_name": "", "assignee": "", "customer_id": "", "customer_name": "", "tier": "", "told_by": "history",
        "changed_at": START, "channel": "", "requester": "", "subject": "x",
    }  # fmt: skip
    with database.begin() as session:
        for number, gone in (("812", None), ("7", None), ("9", START)):
            url = f"https://desk.example/{number}"
            session.add(MirrorTicket(system="zendesk", ticket_id=number, url=url, deleted_at=gone, **shared))
    with database.read() as session:
        for words in ("812", "#812", " #812 ", "https://desk.example/812"):
            assert ticket_named(session, "zendesk", words) == "812"
        for words in ("", "#", "9", "81", "812'", "%"):
            assert ticket_named(session, "zendesk", words) is None
        assert ticket_named(session, "freshdesk", "812") is None
        assert ticket_in(session, "zendesk", "we saw #999, then #7 (https://desk.example/812).") == "7"
        assert ticket_in(session, "zendesk", "see https://desk.example/812.") == "812"
        assert ticket_in(session, "zendesk", "no ticket here: 812, # 7") is None
