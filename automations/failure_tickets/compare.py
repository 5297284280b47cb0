"""What a case wants of its ticket against what a reading shows: what is to be sent, and what is missing, in words."""

from automations.desks import Capability
from automations.domain import Ticket, TicketChange, TicketStatus
from automations.failure_tickets.wanted import DONE, Wanted


def difference(wanted: Wanted, shown: Ticket) -> TicketChange:
    """What has to be sent so that the ticket shows what is wanted.

    A colleague's pending or on hold is left alone, and so is what the desk was let have otherwise.
    """
    have, want = values_of(shown), values_wanted(wanted)
    differs = {name for name in want if not (alike(name, have[name], want[name]) or accepts(wanted, name, have[name]))}
    solved = TicketStatus(str(want["status"])) if "status" in differs else None
    filled = dict(shown.fields)
    return TicketChange(
        status=solved,
        priority=wanted.priority if "priority" in differs else None,
        assignee=wanted.owner if "assignee" in differs else None,
        group=wanted.group if "group" in differs else None,
        parent=wanted.parent if "parent" in differs else None,
        fields=tuple((name, value) for name, value in wanted.fields if solved in DONE and filled.get(name) != value),
    )


def values_wanted(wanted: Wanted) -> dict[str, str | None]:
    """The fields that are kept the same on both sides, as the case wants them: with the desk's words as plain text.

    What the desk has no place for is not among them.
    """
    values: dict[str, str | None] = {
        "assignee": wanted.owner,
        "status": (TicketStatus.SOLVED if wanted.closed else TicketStatus.OPEN).value,
    }
    if Capability.PRIORITIES in wanted.can:
        values["priority"] = wanted.priority.value
    if Capability.GROUPS in wanted.can:
        values["group"] = wanted.group
    return values | ({"parent": wanted.parent} if wanted.parent is not None else {})


def values_of(shown: Ticket) -> dict[str, str | None]:
    """The same fields as a reading shows them; None for nobody and nothing."""
    return {
        "assignee": shown.assignee,
        "status": shown.status.value,
        "priority": shown.priority.value if shown.priority else None,
        "group": shown.group,
        "parent": shown.parent,
    }


def alike(name: str, one: str | None, other: str | None) -> bool:
    """True if two values of a field mean the same to a case: all statuses before solved do, and upper and lower case.

    An empty text is nothing, as None is.
    """
    return _plain(name, one) == _plain(name, other)


def accepts(wanted: Wanted, name: str, have: str | None) -> bool:
    """True if the desk was let have this value instead of the one that is still wanted."""
    if (entry := wanted.accepted.get(name)) is None:
        return False
    want = values_wanted(wanted).get(name)
    return alike(name, entry["shown"], have) and alike(name, entry["instead_of"], want)


def shortfall(wanted: Wanted, shown: Ticket) -> str | None:
    """Say what a reading does not show as wanted: owner, status, priority, group, our key. None if all is there."""
    change, said = difference(wanted, shown), []
    if change.assignee is not None:
        said.append(f"{shown.assignee or 'no owner'} instead of {wanted.owner_name} as owner")
    if change.status is not None:
        said.append(f"the status {shown.status_word or shown.status}, not {change.status}")
    if change.priority is not None:
        said.append(f"{_priority(shown)}, not {wanted.priority}")
    if change.group is not None:
        said.append(f"{shown.group or 'no group'} instead of the group {wanted.group}")
    if change.parent is not None:
        said.append(f"{f'the parent #{shown.parent}' if shown.parent else 'no parent'}, not #{wanted.parent}")
    if Capability.KEYS in wanted.can and shown.key != wanted.key and "key" not in wanted.accepted:
        said.append("another key than ours" if shown.key else "no trace of our key")
    return f"the desk shows {'; '.join(said)}" if said else None


def _plain(name: str, value: str | None) -> str:
    if name == "status":
        return "done" if value in DONE else "unsolved"
    return (value or "").lower() if name == "assignee" else value or ""


def _priority(shown: Ticket) -> str:
    return f"the priority {shown.priority}" if shown.priority else "no priority"
