"""The contract of the `HelpDesk` port. Every adapter is held to it; none may need an exception.

An adapter's test module makes a class of it with a fixture `desk`: a desk with the groups of GROUPS, the active agents
of AGENTS and no ticket. `test_conformance` lists them.
"""

import re

import pytest

from automations.domain import CustomerRef, IdempotencyKey, Priority, TicketChange, TicketDraft, TicketStatus
from automations.errors import Rejected
from automations.ports import HelpDesk

KEY = IdempotencyKey("handoff-0123456789abcdef")
GROUPS = ("Support", "Billing")
AGENTS = (("Anna Berg", "anna@team.example"), ("Ben Okoro", "ben@team.example"))
DRAFT = TicketDraft(
    subject="[CASE-1] Invoice sync failed",
    body="What failed: <b>invoice</b> & more\n\nsecond part",
    priority=Priority.HIGH,
    group="Support",
    assignee="anna@team.example",
    customer=CustomerRef("acct_42", "Acme GmbH", "enterprise"),
    tags=("handoff",),
)


def key(name: str) -> IdempotencyKey:
    return IdempotencyKey(f"{KEY}/{name}")


class HelpDeskContract:
    """What every desk promises."""

    def test_a_created_ticket_shows_what_the_draft_said(self, desk: HelpDesk) -> None:
        made = desk.create(DRAFT, key=KEY)
        read = desk.get(made.id)
        assert (read.system, read.id, read.key, read.subject) == (desk.system, made.id, KEY, DRAFT.subject)
        assert (read.status, read.priority) == (TicketStatus.OPEN, Priority.HIGH)
        assert (read.assignee, read.group) == ("anna@team.example", "Support")
        assert "handoff" in read.tags
        assert re.match(r"https?://", read.url)
        assert read.updated_at.utcoffset() is not None

    def test_creating_again_makes_no_second_ticket(self, desk: HelpDesk) -> None:
        first = desk.create(DRAFT, key=KEY)
        desk.update(first.id, TicketChange(status=TicketStatus.SOLVED), key=key("v1"))
        again = desk.create(DRAFT, key=KEY)
        assert again.id == first.id
        assert again.status is TicketStatus.SOLVED
        other = desk.create(DRAFT, key=IdempotencyKey("handoff-another"))
        assert other.id != first.id

    def test_a_ticket_is_found_by_our_key_alone(self, desk: HelpDesk) -> None:
        assert desk.find(KEY) is None
        made = desk.create(DRAFT, key=KEY)
        found = desk.find(KEY)
        assert found is not None
        assert found.id == made.id
        assert desk.find(IdempotencyKey(KEY[:-1])) is None

    def test_each_field_changes_alone(self, desk: HelpDesk) -> None:
        made = desk.create(DRAFT, key=KEY)
        steps = [
            TicketChange(status=TicketStatus.PENDING),
            TicketChange(priority=Priority.LOW),
            TicketChange(assignee="ben@team.example"),
            TicketChange(group="Billing"),
        ]
        for number, change in enumerate(steps):
            desk.update(made.id, change, key=key(f"v{number}"))
        read = desk.get(made.id)
        shown = TicketChange(read.status, read.priority, read.assignee, read.group)
        assert shown == TicketChange(TicketStatus.PENDING, Priority.LOW, "ben@team.example", "Billing")

    @pytest.mark.parametrize("status", [TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED])
    def test_a_ticket_goes_to_each_status_and_back_to_open(self, desk: HelpDesk, status: TicketStatus) -> None:
        made = desk.create(DRAFT, key=KEY)
        desk.update(made.id, TicketChange(status=status), key=key("there"))
        assert desk.get(made.id).status is status
        desk.update(made.id, TicketChange(status=TicketStatus.OPEN), key=key("back"))
        assert desk.get(made.id).status is TicketStatus.OPEN

    def test_a_change_that_is_true_already_is_success(self, desk: HelpDesk) -> None:
        made = desk.create(DRAFT, key=KEY)
        before = desk.get(made.id)
        desk.update(made.id, TicketChange(priority=Priority.HIGH, assignee="ANNA@team.example"), key=key("v1"))
        desk.update(made.id, TicketChange(), key=key("v2"))
        after = desk.get(made.id)
        assert (after.priority, after.assignee) == (before.priority, before.assignee)

    def test_a_change_is_made_true_again_under_the_same_key(self, desk: HelpDesk) -> None:
        """A repeat after somebody changed the ticket back must not believe its own first try."""
        made = desk.create(DRAFT, key=KEY)
        for wanted in (Priority.LOW, Priority.URGENT, Priority.LOW):
            desk.update(made.id, TicketChange(priority=wanted), key=key(f"to-{wanted}"))
        assert desk.get(made.id).priority is Priority.LOW

    def test_a_note_changes_no_field(self, desk: HelpDesk) -> None:
        made = desk.create(DRAFT, key=KEY)
        desk.note(made.id, "Anna claimed this case", author="anna@team.example", key=key("entry/2"))
        desk.note(made.id, "Anna claimed this case", author="anna@team.example", key=key("entry/2"))
        desk.note(made.id, "Handoff saw this failure 10 times", author=None, key=key("entry/3"))
        read = desk.get(made.id)
        assert (read.status, read.priority, read.assignee) == (TicketStatus.OPEN, Priority.HIGH, "anna@team.example")

    def test_nobody_need_own_a_ticket(self, desk: HelpDesk) -> None:
        draft = TicketDraft("no owner", "body", Priority.NORMAL, "Support", None)
        assert desk.get(desk.create(draft, key=KEY).id).assignee is None

    @pytest.mark.parametrize("ticket", ["999999", "no-such-ticket", "-1", "", "9" * 40])
    def test_an_unknown_ticket_is_rejected_in_words(self, desk: HelpDesk, ticket: str) -> None:
        for call in (
            lambda: desk.get(ticket),
            lambda: desk.update(ticket, TicketChange(priority=Priority.LOW), key=key("v1")),
            lambda: desk.note(ticket, "hello", author=None, key=key("n1")),
        ):
            with pytest.raises(Rejected) as refused:
                call()
            assert refused.value.system == desk.system
            assert len(str(refused.value)) > 15

    def test_unknown_people_and_groups_are_rejected_and_nothing_is_made(self, desk: HelpDesk) -> None:
        for wrong in (
            TicketDraft("s", "b", Priority.NORMAL, "Support", "nobody@team.example"),
            TicketDraft("s", "b", Priority.NORMAL, "No such group", "anna@team.example"),
        ):
            with pytest.raises(Rejected):
                desk.create(wrong, key=KEY)
            assert desk.find(KEY) is None
        made = desk.create(DRAFT, key=KEY)
        for change in (TicketChange(assignee="nobody@team.example"), TicketChange(group="No such group")):
            with pytest.raises(Rejected):
                desk.update(made.id, change, key=key("v1"))
        read = desk.get(made.id)
        assert (read.assignee, read.group) == ("anna@team.example", "Support")

    def test_people_and_groups_are_listed(self, desk: HelpDesk) -> None:
        people = {agent.email: agent for agent in desk.agents()}
        assert {"anna@team.example", "ben@team.example"} <= people.keys()
        assert people["anna@team.example"].state == "active"
        assert {"Support", "Billing"} <= set(desk.groups())
