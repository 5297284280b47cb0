"""The account's own statuses and fields, as `/ticket_fields` and `/company_fields` define them.

An id of ours is the field's name without `cf_`, which Freshdesk puts before the names of custom fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from automations.adapters.freshdesk.limits import SYSTEM, TITLE
from automations.adapters.freshdesk.options import Options
from automations.adapters.freshdesk.shapes import Field, TicketRow
from automations.domain import Priority, TicketField, TicketStatus
from automations.errors import Rejected

_STATUSES: Final = {2: TicketStatus.OPEN, 3: TicketStatus.PENDING, 4: TicketStatus.SOLVED, 5: TicketStatus.CLOSED}
_PRIORITIES: Final = {1: Priority.LOW, 2: Priority.NORMAL, 3: Priority.HIGH, 4: Priority.URGENT}
_PRIORITY_WORDS: Final = {1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}
_SOURCES: Final = {1: "email", 2: "portal", 3: "phone", 7: "chat", 9: "widget", 10: "outbound email"}
"""The ways a ticket comes, as the vendor's API reference numbers them (tickets, source)."""
_TYPE: Final = "ticket_type"
"""The only field that is not custom and that a person may have to fill in; tickets bear it as `type`."""


def own_id(name: str) -> str:
    """A field's name without `cf_`."""
    return name.removeprefix("cf_")


def field_named(fields: Sequence[Field], wanted: str, what: str) -> str:
    """The name of the custom field with this id or name. Raises: Rejected with the code `no_field`."""
    for one in fields:
        if not one.default and wanted in (one.name, own_id(one.name)):
            return one.name
    words = f"{TITLE} has no field {wanted!r} of {what}: make it under Admin, or correct the settings"
    raise Rejected(words, system=SYSTEM, code="no_field")


def channel_of(source: int | None) -> str:
    """The way a ticket came, empty for a number that the vendor's reference does not name."""
    return _SOURCES.get(source, "") if source is not None else ""


class TicketFields:
    """What the account's fields of tickets say."""

    def __init__(self, fields: Sequence[Field], options: Options) -> None:
        self._fields = fields
        self._options = options
        choices = next((one.choices for one in fields if one.type == "default_status"), None)
        self._labels = {int(number): _label(labels) for number, labels in _items(choices) if number.isdecimal()}

    def status(self, number: int) -> TicketStatus:
        """The status we have in common. One of the account's own counts as open unless the settings name its label."""
        if (known := _STATUSES.get(number)) is not None:
            return known
        label = self.status_word(number)
        if _among(label, self._options.pending_statuses):
            return TicketStatus.PENDING
        return TicketStatus.ON_HOLD if _among(label, self._options.on_hold_statuses) else TicketStatus.OPEN

    def status_word(self, number: int) -> str:
        """The agents' label of a status."""
        return self._labels.get(number) or str(number)

    def open_statuses(self) -> list[int]:
        """The numbers of all statuses but solved and closed, the account's own among them."""
        return sorted({2, 3} | self._labels.keys() - {4, 5})

    def status_number(self, status: TicketStatus) -> int:
        """The number to send. Raises: Rejected with the code `no_status` if the account has none that is on hold."""
        for number, known in _STATUSES.items():
            if known is status:
                return number
        for number, label in self._labels.items():
            if number not in _STATUSES and _among(label, self._options.on_hold_statuses):
                return number
        wanted = " or ".join(self._options.on_hold_statuses)
        words = f"{TITLE} has no status {wanted}: make one, or name yours in desk.freshdesk.on_hold_statuses"
        raise Rejected(words, system=SYSTEM, code="no_status")

    def key_field(self) -> str:
        """The field of our key. Raises: Rejected with the code `no_field` if the account has not made it."""
        return field_named(self._fields, self._options.key_field, "tickets")

    def customer_field(self) -> str | None:
        """The field of the customer's reference, None if the account has not made it."""
        name = self._options.customer_field
        return name if any(one.name == name and not one.default for one in self._fields) else None

    def required(self) -> list[TicketField]:
        """The fields that must be filled in before a ticket is solved and that a person has to fill in."""
        return [
            TicketField(own_id(one.name), one.label or own_id(one.name), _options(one.choices))
            for one in self._fields
            if one.required_for_closure and (not one.default or one.name == _TYPE)
        ]

    def values(self, row: TicketRow) -> tuple[tuple[str, str], ...]:
        """A ticket's own fields by our ids, those that are filled in; ours are not among them."""
        ours = {self._options.key_field, self._options.customer_field}
        own = [(own_id(name), text_of(value)) for name, value in (row.custom_fields or {}).items() if name not in ours]
        return tuple((name, value) for name, value in (*own, (_TYPE, row.type or "")) if value)

    def body(self, values: Mapping[str, str]) -> dict[str, Any]:
        """What to send so that these fields get these values. Raises: Rejected with the code `no_field`."""
        custom = {
            field_named(self._fields, name, "tickets"): value or None for name, value in values.items() if name != _TYPE
        }
        typed = {"type": values[_TYPE]} if _TYPE in values else {}
        return typed | ({"custom_fields": custom} if custom else {})


def priority_of(number: int) -> Priority | None:
    """The priority we have in common, None for a number that is none."""
    return _PRIORITIES.get(number)


def priority_word(number: int) -> str:
    """The desk's word for a priority."""
    return _PRIORITY_WORDS.get(number, str(number))


def priority_number(priority: Priority) -> int:
    """The number to send."""
    return next(number for number, known in _PRIORITIES.items() if known is priority)


def text_of(value: Any) -> str:
    """A custom field's value as text: several as a list with commas, empty for none."""
    if isinstance(value, list):
        return ", ".join(text_of(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _items(choices: Any) -> list[tuple[str, Any]]:
    return [(str(key), value) for key, value in choices.items()] if isinstance(choices, dict) else []


def _options(choices: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in choices or ()) if isinstance(choices, list | dict) else ()


def _label(labels: Any) -> str:
    """A status has two labels, the agents' first and then the customers'."""
    return str(labels[0]) if isinstance(labels, list) and labels else str(labels)


def _among(label: str, names: Sequence[str]) -> bool:
    return label.casefold() in (name.casefold() for name in names)
