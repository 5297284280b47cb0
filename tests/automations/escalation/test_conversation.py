"""All that was said on a ticket, for one person: redacted, in order, a page at a time."""

from dataclasses import replace
from typing import cast

import pytest

from automations.desks import Capability
from automations.errors import Refused
from automations.escalation.conversation import PER_PAGE, conversation
from automations.ports import HelpDesk
from automations.redact import Redactor
from tests.automations.escalation.desk import OneDesk
from tests.automations.escalation.world import EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_it_is_shown_a_page_at_a_time_without_notes_or_secrets(world: EscalationWorld) -> None:
    desk = OneDesk(world.clock)
    for number in range(PER_PAGE + 2):
        desk.tell("customer" if number % 2 == 0 else "public", f"message {number}")
    desk.tell("internal", "between us")
    desk.tell("customer", "my password is hunter2hunter2")
    ctx = replace(world.ctx, redactor=Redactor(("hunter2hunter2",)))
    newest = conversation(cast("HelpDesk", desk), "1", ctx)
    assert (newest.page, newest.pages, newest.total) == (2, 2, PER_PAGE + 3)
    assert [one.side for one in newest.lines] == ["customer", "agent", "customer"]
    assert "hunter2" not in newest.lines[-1].text
    first = conversation(cast("HelpDesk", desk), "1", ctx, page=1)
    assert [one.text for one in first.lines] == [f"message {number}" for number in range(PER_PAGE)]
    assert conversation(cast("HelpDesk", desk), "1", ctx, page=99).page == 2


def test_a_desk_that_lists_no_messages_says_so(world: EscalationWorld) -> None:
    words = {Capability.EVENTS: "Look at the ticket there."}
    desk = replace(OneDesk(world.clock), capabilities=frozenset(), by_hand=words)
    with pytest.raises(Refused, match="cannot list the messages of a ticket"):
        conversation(cast("HelpDesk", desk), "1", world.ctx)
