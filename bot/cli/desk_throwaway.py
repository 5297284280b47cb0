"""The writing promises of a help desk, played on one ticket that is made for it and solved again, whatever happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from automations.desks import Capability
from automations.domain import IdempotencyKey, Priority, Ticket, TicketChange, TicketDraft, TicketStatus
from automations.errors import AdapterError
from automations.ports import HelpDesk
from bot.cli.desk_promises import NotKept, Play
from bot.cli.desk_waiting import until_shown

SUBJECT: Final = "[Handoff] A check of this desk, please ignore"
BODY: Final = "Handoff checks that it may work here. It solves this ticket again by itself."
NOTE: Final = "A note of the check: 5 < 6 & nobody outside reads this."
FILLED_IN: Final = "handoff check"
LONGEST_LAG_S: Final = 120.0
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_DONE: Final = (TicketStatus.SOLVED, TicketStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the ticket goes and comes from: two groups, and who may have it. None where there is no such place."""

    group: str
    other_group: str | None
    assignee: str | None


def places_of(desk: HelpDesk, queue: str, people: list[str]) -> Places:
    """Choose the queue of the settings, another group, and whom to assign: the integration user if it is an agent.

    Others of the team are chosen only where it is none, since the desk may tell them by mail. Raises: AdapterError.
    """
    active = {agent.email.lower(): agent.email for agent in desk.agents() if agent.state == "active"}
    candidates = [desk.me().email.lower(), *people]
    who = next((active[email] for email in candidates if email in active), None)
    groups = sorted(desk.groups()) if Capability.GROUPS in desk.capabilities else []
    return Places(queue, next((name for name in groups if name != queue), None), who)


class Throwaway:
    """One ticket through everything that Handoff does with tickets. `tell` of Play has a row for each promise."""

    def __init__(self, play: Play, desk: HelpDesk, places: Places, now: datetime) -> None:
        self._play = play
        self._desk = desk
        self._at = places
        self._key = IdempotencyKey(f"handoff-check-{uuid4().hex[:12]}")
        self._since = now - _CLOCKS_DIFFER
        self._changes = 0
        self.ticket: Ticket | None = None

    def run(self) -> None:
        """Play everything; the ticket is solved at the end even if the person stops the check."""
        made = self._play.promise("create a ticket", self._create, of=self._desk)
        if not made and not self._play.promise(
            "look for it by our key", self._find_lost, of=self._desk, needs=Capability.KEYS
        ):
            return
        try:
            self._middle()
        finally:
            self._play.promise("solve it", self._solve, of=self._desk)

    def _middle(self) -> None:
        promise, desk = self._play.promise, self._desk
        if promise("find it by our key", self._find, of=desk, needs=Capability.KEYS):
            promise("make it only once", self._again, of=desk, needs=Capability.KEYS)
        promise("read it back", self._read_back, of=desk)
        promise("write an internal note", self._note, of=desk)
        pending, open_ = TicketChange(status=TicketStatus.PENDING), TicketChange(status=TicketStatus.OPEN)
        promise("set the status and set it back", self._to_and_fro(pending, open_), of=desk)
        hold = TicketChange(status=TicketStatus.ON_HOLD)
        promise("put it on hold and take it back", self._to_and_fro(hold, open_), of=desk, needs=Capability.ON_HOLD)
        normal, low = TicketChange(priority=Priority.NORMAL), TicketChange(priority=Priority.LOW)
        words = "change the priority and change it back"
        promise(words, self._to_and_fro(normal, low), of=desk, needs=Capability.PRIORITIES)
        self._places()

    def _places(self) -> None:
        promise, desk, at = self._play.promise, self._desk, self._at
        if at.assignee is None:
            self._play.cannot(
                "assign it", "Nobody of [[people]] is an active agent of the desk, nor is our credential."
            )
        else:
            away, back = TicketChange(assignee=""), TicketChange(assignee=at.assignee)
            promise("take it from its assignee and give it back", self._to_and_fro(away, back), of=desk)
        if at.other_group is not None:
            away, back = TicketChange(group=at.other_group), TicketChange(group=at.group)
            promise("move it to another group and back", self._to_and_fro(away, back), of=desk)

    def _create(self) -> str:
        self.ticket = self._desk.create(self._draft(), key=self._key)
        return f"#{self.ticket.id} {self.ticket.url}".rstrip()

    def _draft(self) -> TicketDraft:
        at = self._at
        return TicketDraft(SUBJECT, BODY, Priority.LOW, at.group, at.assignee, tags=("handoff",), since=self._since)

    def _find_lost(self) -> str:
        self.ticket = self._look()
        if self.ticket is None:
            raise NotKept(f"there is none; should one turn up all the same, its key is {self._key}")
        return f"it was made all the same: #{self.ticket.id}"

    def _look(self) -> Ticket | None:
        """Find it by its key; a desk whose list lags is given the time that it says it may take."""
        find = self._desk.find
        return until_shown(lambda: find(self._key, since=self._since), min(self._desk.settle_s, LONGEST_LAG_S))

    def _find(self) -> str:
        found = self._look()
        if found is None or found.id != self._id:
            raise NotKept(f"the key {self._key} leads to {'nothing' if found is None else f'#{found.id}'}")
        return f"the key {self._key} leads to #{found.id}"

    def _again(self) -> str:
        again = self._desk.create(self._draft(), key=self._key)
        if again.id != self._id:
            raise NotKept(f"the same key made another ticket, #{again.id}; close that one by hand: {again.url}")
        return "the same key gives the same ticket"

    def _read_back(self) -> str:
        shown = self._desk.get(self._id)
        can = self._desk.capabilities
        wanted: list[tuple[str, object, object, bool]] = [
            ("subject", shown.subject, SUBJECT, True),
            ("status", shown.status, TicketStatus.OPEN, True),
            ("assignee", shown.assignee, self._at.assignee, self._at.assignee is not None),
            ("priority", shown.priority, Priority.LOW, Capability.PRIORITIES in can),
            ("group", shown.group, self._at.group, Capability.GROUPS in can),
            ("key", shown.key, self._key, Capability.KEYS in can),
        ]
        _same(wanted)
        own = f', which the desk calls "{shown.status_word}"' if shown.status_word else ""
        return f"{', '.join(name for name, *_, asked in wanted if asked)} are as sent; {shown.status}{own}"

    def _note(self) -> str:
        for _ in range(2):
            self._desk.note(self._id, NOTE, author=self._at.assignee, key=IdempotencyKey(f"{self._key}/note"))
        if Capability.EVENTS not in self._desk.capabilities:
            return "sent twice with one key; this desk does not list messages, so look whether it is there once"
        told = list(self._desk.events(self._id, after=None))
        times = sum(NOTE in event.body for event in told if event.kind == "internal")
        if times != 1:
            raise NotKept(f"sent twice with one key, it stands there {times} times as an internal note")
        if any(event.kind == "public" for event in told):
            raise NotKept("the ticket holds a public message, which a customer could read")
        return "sent twice with one key, it stands there once; nothing on the ticket is public"

    def _to_and_fro(self, there: TicketChange, back: TicketChange) -> Callable[[], str]:
        def look() -> str:
            for change in (there, back):
                self._changes += 1
                self._desk.update(self._id, change, key=IdempotencyKey(f"{self._key}/v{self._changes}"))
                shown = self._desk.get(self._id)
                fields = ("status", "priority", "assignee", "group")
                asked = [(name, getattr(change, name)) for name in fields if getattr(change, name) is not None]
                _same([(name, getattr(shown, name) or "", value, True) for name, value in asked])
            return "both were read back"

        return look

    def _solve(self) -> str:
        fields = self._desk.required_fields() if Capability.FIELDS in self._desk.capabilities else ()
        filled = tuple((one.id, one.options[0] if one.options else FILLED_IN) for one in fields)
        change = TicketChange(status=TicketStatus.SOLVED, fields=filled)
        assert self.ticket is not None, "it was made"
        try:
            self._desk.update(self._id, change, key=IdempotencyKey(f"{self._key}/solved"))
            shown = self._desk.get(self._id)
        except AdapterError:
            self._play.cannot("leave nothing behind", f"Solve it by hand: #{self._id} {self.ticket.url}")
            raise
        if shown.status not in _DONE:
            raise NotKept(f"it shows {shown.status}; solve it by hand: #{self._id} {self.ticket.url}")
        return f"#{self._id} shows {shown.status}"

    @property
    def _id(self) -> str:
        assert self.ticket is not None, "what follows the making of the ticket knows it"
        return self.ticket.id


def _same(pairs: list[tuple[str, object, object, bool]]) -> None:
    """Raise NotKept naming the first field that shows something else."""
    for name, shown, wanted, asked in pairs:
        if asked and shown != wanted:
            raise NotKept(f"the {name} shows {shown or 'nothing'!s}, {wanted or 'nothing'!s} was sent")
