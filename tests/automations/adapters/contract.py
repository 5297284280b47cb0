"""The contract of the `HelpDesk` port. Every adapter is held to it; none may need an exception.

An adapter's test module makes a class of it with a fixture `desk`: a desk with the groups of GROUPS, the active agents
of AGENTS and no ticket. `test_conformance` lists them.
"""

import re
from collections.abc import Callable

import pytest

from automations.desks import Capability
from automations.domain import CustomerRef, IdempotencyKey, Priority, TicketChange, TicketDraft, TicketStatus
from automations.errors import Rejected
from automations.ports import HelpDesk
from tests.automations.adapters.able import needs

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

    @pytest.fixture
    def settled(self) -> Callable[[], None]:
        """Waits until searches show what was done; most desks are asked by lists, which show it at once."""
        return lambda: None

    def test_a_created_ticket_shows_what_the_draft_said(self, desk: HelpDesk) -> None:
        made = desk.create(DRAFT, key=KEY)
        read = desk.get(made.id)
        can = desk.capabilities
        assert (read.system, read.id, read.subject) == (desk.system, made.id, DRAFT.subject)
        assert (read.status, read.assignee) == (TicketStatus.OPEN, "anna@team.example")
        assert read.key == (KEY if Capability.KEYS in can else None)
        assert read.priority == (Priority.HIGH if Capability.PRIORITIES in can else None)
        assert read.group == ("Support" if Capability.GROUPS in can else None)
        assert read.tags == (DRAFT.tags if Capability.TAGS in can else ())
        assert re.match(r"https?://", read.url)
        assert read.updated_at.utcoffset() is not None

    def test_what_it_cannot_do_is_explained(self, desk: HelpDesk) -> None:
        assert desk.capabilities | desk.by_hand.keys() == frozenset(Capability)
        assert not desk.capabilities & desk.by_hand.keys()
        assert all(words.endswith(".") for words in desk.by_hand.values())

    def test_it_says_whom_it_acts_as(self, desk: HelpDesk) -> None:
        assert desk.me().state == "active"
        assert desk.me().name

    def test_creating_again_makes_no_second_ticket(self, desk: HelpDesk) -> None:
        needs(desk, Capability.KEYS)
        first = desk.create(DRAFT, key=KEY)
        desk.update(first.id, TicketChange(status=TicketStatus.SOLVED), key=key("v1"))
        again = desk.create(DRAFT, key=KEY)
        assert again.id == first.id
        assert again.status is TicketStatus.SOLVED
        other = desk.create(DRAFT, key=IdempotencyKey("handoff-another"))
        assert other.id != first.id

    def test_a_ticket_is_found_by_our_key_alone(self, desk: HelpDesk) -> None:
        needs(desk, Capability.KEYS)
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
            TicketChange(assignee="ben@team.example"),
        ]
        can = desk.capabilities
        steps += [TicketChange(priority=Priority.LOW)] if Capability.PRIORITIES in can else []
        steps += [TicketChange(group="Billing")] if Capability.GROUPS in can else []
        for number, change in enumerate(steps):
            desk.update(made.id, change, key=key(f"v{number}"))
        read = desk.get(made.id)
        assert (read.status, read.assignee) == (TicketStatus.PENDING, "ben@team.example")
        assert read.priority == (Priority.LOW if Capability.PRIORITIES in can else None)
        assert read.group == ("Billing" if Capability.GROUPS in can else None)

    @pytest.mark.parametrize("status", [TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED])
    def test_a_ticket_goes_to_each_status_and_back_to_open(self, desk: HelpDesk, status: TicketStatus) -> None:
        if status is TicketStatus.ON_HOLD:
            needs(desk, Capability.ON_HOLD)
        made = desk.create(DRAFT, key=KEY)
        desk.update(made.id, TicketChange(status=status), key=key("there"))
        assert desk.get(made.id).status is status
        desk.update(made.id, TicketChange(status=TicketStatus.OPEN), key=key("back"))
        assert desk.get(made.id).status is TicketStatus.OPEN

    def test_a_change_that_is_true_already_is_success(self, desk: HelpDesk) -> None:
        made = desk.create(DRAFT, key=KEY)
        before = desk.get(made.id)
        same = Priority.HIGH if Capability.PRIORITIES in desk.capabilities else None
        desk.update(made.id, TicketChange(priority=same, assignee="ANNA@team.example"), key=key("v1"))
        desk.update(made.id, TicketChange(), key=key("v2"))
        after = desk.get(made.id)
        assert (after.priority, after.assignee) == (before.priority, before.assignee)

    def test_a_change_is_made_true_again_under_the_same_key(self, desk: HelpDesk) -> None:
        """A repeat after somebody changed the ticket back must not believe its own first try."""
        needs(desk, Capability.PRIORITIES)
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
        assert (read.status, read.priority, read.assignee) == (TicketStatus.OPEN, made.priority, "anna@team.example")
        if Capability.EVENTS in desk.capabilities:
            bodies = [event.body for event in desk.events(made.id, after=None) if event.kind == "internal"]
            assert len([body for body in bodies if "claimed this case" in body]) == 1, "once per key"

    def test_words_arrive_as_they_were_written(self, desk: HelpDesk) -> None:
        needs(desk, Capability.EVENTS)
        made = desk.create(DRAFT, key=KEY)
        desk.note(made.id, "5 < 6 & <script>alert(1)</script>\n*not bold*", author=None, key=key("entry/2"))
        bodies = [event.body for event in desk.events(made.id, after=None)]
        assert any("5 < 6 & <script>alert(1)</script>\n*not bold*" in body for body in bodies), bodies

    def test_nobody_need_own_a_ticket(self, desk: HelpDesk) -> None:
        draft = TicketDraft("no owner", "body", Priority.NORMAL, "Support", None)
        assert desk.get(desk.create(draft, key=KEY).id).assignee is None

    @pytest.mark.parametrize("ticket", ["999999", "no-such-ticket", "-1", "", "9" * 40])
    def test_an_unknown_ticket_is_rejected_in_words(self, desk: HelpDesk, ticket: str) -> None:
        for call in (
            lambda: desk.get(ticket),
            lambda: desk.update(ticket, TicketChange(status=TicketStatus.PENDING), key=key("v1")),
            lambda: desk.note(ticket, "hello", author=None, key=key("n1")),
        ):
            with pytest.raises(Rejected) as refused:
                call()
            assert refused.value.system == desk.system
            assert len(str(refused.value)) > 15

    def test_unknown_people_and_groups_are_rejected_and_nothing_is_made(self, desk: HelpDesk) -> None:
        grouped = Capability.GROUPS in desk.capabilities
        nobody = TicketDraft("s", "b", Priority.NORMAL, "Support", "nobody@team.example")
        nowhere = TicketDraft("s", "b", Priority.NORMAL, "No such group", "anna@team.example")
        for wrong in (nobody, nowhere) if grouped else (nobody,):
            with pytest.raises(Rejected):
                desk.create(wrong, key=KEY)
            if Capability.KEYS in desk.capabilities:
                assert desk.find(KEY) is None
        made = desk.create(DRAFT, key=KEY)
        changes = [TicketChange(assignee="nobody@team.example")]
        changes += [TicketChange(group="No such group")] if grouped else []
        for change in changes:
            with pytest.raises(Rejected):
                desk.update(made.id, change, key=key("v1"))
        read = desk.get(made.id)
        assert (read.assignee, read.group) == ("anna@team.example", made.group)

    def test_people_and_groups_are_listed(self, desk: HelpDesk) -> None:
        people = {agent.email: agent for agent in desk.agents()}
        assert {"anna@team.example", "ben@team.example"} <= people.keys()
        assert people["anna@team.example"].state == "active"
        if Capability.GROUPS in desk.capabilities:
            assert {"Support", "Billing"} <= set(desk.groups())

    def test_the_open_tickets_of_an_agent_are_listed(self, desk: HelpDesk, settled: Callable[[], None]) -> None:
        needs(desk, Capability.ASSIGNED)
        anna, ben = (email for _, email in AGENTS)
        names = ("open", "waiting", "solved", "bens", "moved", "nobodys")
        made = {name: desk.create(DRAFT, key=IdempotencyKey(f"assigned-{name}")).id for name in names}
        changes = {
            "waiting": TicketChange(status=TicketStatus.PENDING),
            "solved": TicketChange(status=TicketStatus.SOLVED),
            "bens": TicketChange(assignee=ben),
            "moved": TicketChange(assignee=ben),
            "nobodys": TicketChange(assignee=""),
        }
        for name, change in changes.items():
            desk.update(made[name], change, key=key(f"set-{name}"))
        desk.update(made["moved"], TicketChange(assignee=anna), key=key("back"))
        settled()
        found = {one.id: one for one in desk.assigned(anna.upper())}
        assert found.keys() & set(made.values()) == {made["open"], made["waiting"], made["moved"]}
        assert {one.assignee for one in found.values()} == {anna}
        assert not {one.status for one in found.values()} & {TicketStatus.SOLVED, TicketStatus.CLOSED}
        alone = desk.get(made["waiting"])
        shown = found[alone.id]
        assert (shown.subject, shown.status, shown.url) == (alone.subject, TicketStatus.PENDING, alone.url)
        assert list(desk.assigned("nobody@team.example")) == []
