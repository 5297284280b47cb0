"""What is asked of Intercom, to be compared with the vendor's description of its API."""

from typing import Final

from automations.adapters.calls import Call

_TICKET: Final = (
    "id", "category", "ticket_attributes", "ticket_state.id", "ticket_state.category", "ticket_state.internal_label",
    "ticket_type.id", "admin_assignee_id", "team_assignee_id", "created_at", "updated_at", "open", "snoozed_until",
    "ticket_parts.total_count",
)  # fmt: skip
_PART: Final = tuple(
    f"ticket_parts.ticket_parts[].{key}"
    for key in (
        "id", "part_type", "body", "created_at", "updated_at", "previous_ticket_state", "ticket_state",
        "assigned_to.type", "assigned_to.id", "author.type", "author.id", "author.name", "author.email",
        "updated_attribute_data.attribute.id", "updated_attribute_data.value.label",
    )
)  # fmt: skip
_FOUND: Final = (
    *(f"tickets[].{key}" for key in (*_TICKET, *_PART)),
    "total_count",
    "pages.next.starting_after",
)
_COMPANY: Final = ("id", "name", "company_id", "plan.name", "custom_attributes")
_ADMIN: Final = ("id", "name", "email", "role.name", "team_ids")

CALLS: Final[tuple[Call, ...]] = (
    Call("GET", "/me", reads=("id", "name", "email", "app.id_code")),
    Call("GET", "/admins", reads=tuple(f"admins[].{key}" for key in _ADMIN)),
    Call("GET", "/admins", reads=tuple(f"admins[].{key}" for key in _ADMIN), door="access"),
    Call("GET", "/admins/{admin_id}", reads=_ADMIN, door="access"),
    Call("GET", "/teams", reads=("teams[].id", "teams[].name")),
    Call("GET", "/teams", reads=("teams[].id", "teams[].name"), door="access"),
    Call(
        "GET",
        "/ticket_types",
        reads=("data[].id", "data[].name", "data[].category", "data[].archived", "data[].ticket_type_attributes"),
    ),
    Call(
        "GET",
        "/ticket_states",
        reads=("data[].id", "data[].category", "data[].archived", "data[].ticket_types.data[].id"),
    ),
    Call(
        "POST",
        "/tickets",
        body=(
            "ticket_type_id", "contacts[].email", "ticket_attributes", "company_id", "skip_notifications",
            "assignment.admin_assignee_id", "assignment.team_assignee_id",
        ),
        reads=(*_TICKET, *_PART),
    ),
    Call("GET", "/tickets/{ticket_id}", reads=(*_TICKET, *_PART)),
    Call(
        "PUT",
        "/tickets/{ticket_id}",
        body=("ticket_attributes", "ticket_state_id", "open", "assignee_id", "admin_id", "skip_notifications"),
        reads=_TICKET,
    ),
    Call(
        "POST",
        "/tickets/{ticket_id}/reply",
        body=("message_type", "type", "admin_id", "body", "skip_notifications"),
    ),
    Call(
        "POST",
        "/tickets/search",
        body=(
            "query.operator", "query.field", "query.value", "query.value[].field", "query.value[].operator",
            "query.value[].value", "pagination.per_page", "pagination.starting_after",
        ),
        reads=_FOUND,
    ),
    Call("GET", "/companies", query=("company_id", "name"), reads=tuple(f"data[].{key}" for key in _COMPANY)),
    Call(
        "GET",
        "/companies",
        query=("company_id", "name"),
        reads=tuple(f"data[].{key}" for key in _COMPANY),
        door="customers",
    ),
    Call(
        "POST",
        "/companies",
        body=("name", "company_id", "plan", "custom_attributes"),
        reads=_COMPANY,
        door="customers",
    ),
    Call("GET", "/companies/{company_id}", reads=_COMPANY, door="customers"),
    Call(
        "PUT", "/companies/{company_id}", body=("name", "plan", "custom_attributes"), reads=_COMPANY, door="customers"
    ),
    Call(
        "POST",
        "/companies/list",
        query=("page", "per_page", "order"),
        reads=(*(f"data[].{key}" for key in _COMPANY), "pages.total_pages", "total_count"),
        door="customers",
    ),
    Call(
        "GET",
        "/companies/scroll",
        query=("scroll_param",),
        reads=(*(f"data[].{key}" for key in _COMPANY), "scroll_param"),
        door="customers",
    ),
)  # fmt: skip
"""Every request there is, by door."""
