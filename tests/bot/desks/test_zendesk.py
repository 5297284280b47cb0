"""Which doors the settings open, with which credential, and what doctor has to say about them."""

from typing import Any

import pytest
from pydantic import ValidationError

from automations.adapters.zendesk.auth import LEGACY_WARNING
from automations.adapters.zendesk.customers import ZendeskCustomers
from automations.adapters.zendesk.desk import ZendeskDesk
from automations.desks import Capability
from bot.desk import KINDS, desk_warnings
from bot.desks.kind import Line
from bot.settings import FailureTickets, Settings
from bot.settings_desks import Desk
from tests.desks.budget import Budget
from tests.support import START


def section(**zendesk: Any) -> Desk:
    return Desk.model_validate(
        {
            "kind": "zendesk",
            "url": "https://northwind.zendesk.com",
            "requester": "handoff@northwind.example",
            "zendesk": zendesk,
        }
    )


def test_zendesk_is_opened_with_the_fields_the_settings_name() -> None:
    named = section(client_id="handoff", admin_client_id="handoff-access", tier_field="tier")
    line = Line(named, "secret", Budget(), lambda: START)
    assert isinstance(KINDS["zendesk"].desk(line), ZendeskDesk)
    book = KINDS["zendesk"].customers(line)
    assert isinstance(book, ZendeskCustomers)
    assert Capability.CUSTOMER_FIELDS in book.capabilities
    assert Capability.CUSTOMER_SUSPENDS not in book.capabilities
    assert KINDS["zendesk"].access(line).title == "Zendesk"


def test_zendesk_is_told_who_calls() -> None:
    with pytest.raises(ValidationError, match=r"desk\.zendesk\.client_id must be the name"):
        section()
    with pytest.raises(ValidationError, match=r"desk\.zendesk\.admin_client_id must be the name"):
        Desk.model_validate(section(client_id="handoff").model_dump() | {"admin_token": "another secret"})


def test_doctor_says_when_api_tokens_end() -> None:
    warnings = KINDS["zendesk"].warnings
    assert warnings(section(email="handoff@northwind.example")) == (LEGACY_WARNING,)
    assert warnings(section(client_id="handoff")) == ()
    with_admin = {"admin_token": "another secret"}
    legacy = section(client_id="handoff", admin_email="ada@northwind.example").model_dump() | with_admin
    assert warnings(Desk.model_validate(legacy)) == (LEGACY_WARNING,)
    rest = FailureTickets(default_owner="anna@northwind.example")
    settings = Settings(failure_tickets=rest, desk=section(email="handoff@northwind.example"))
    assert desk_warnings(settings) == (LEGACY_WARNING,)
    assert desk_warnings(Settings(failure_tickets=rest)) == ()
