"""Every request this adapter makes. The three that bear `inferred=True` have no reference page that could be read."""

from typing import Final

from automations.adapters.calls import Call
from automations.adapters.muninx.names import Names

_ORGANIZATION: Final = ("display-name", "domains", "external-ref")
_ACCOUNT: Final = ("name", "last-name", "email", "type", "status")


def declared(names: Names) -> tuple[Call, ...]:
    """The calls, with the ticket's fields as the settings name them."""
    within = f"{names.envelope}." if names.envelope else ""
    told = tuple(f"{within}{name}" for name in (names.id, names.title, names.status, names.priority, names.assignee))
    told += (f"{within}{names.created_at}", f"{within}{names.updated_at}")
    draft = names.title, names.description, names.priority, names.assignee, names.skip_notifications
    listed = (names.id, names.number, names.status, names.created_at, names.updated_at)
    return (
        Call("POST", "/tickets", body=tuple(filter(None, draft)), reads=(f"{within}{names.id}",), inferred=True),
        Call("GET", "/tickets/{id}", reads=told, inferred=True),
        Call(
            "GET",
            "/tickets",
            query=(names.limit, names.page),
            reads=(names.items, *(f"{names.items}[].{name}" for name in listed), names.next),
            inferred=True,
        ),
        Call("PATCH", "/tickets/{id}", body=("assignee", "status", "priority", "skip-notifications")),
        Call(
            "GET",
            "/messages",
            query=("ticket-id", "limit", "pageToken"),
            reads=("items", *(f"items[].{name}" for name in _MESSAGE), "nextPageToken"),
        ),
        Call("POST", "/messages", body=("ticket-id", "body", "type", "new-status", "skip-ticket-update",
                                        "skip-notifications")),
        Call(
            "POST",
            "/search",
            body=("q", "per-page", "filters.kind", "filters.created-at-from"),
            reads=("ticket-ids",),
        ),
        Call("POST", "/analytics", body=("metric", "from", "to")),
        Call("GET", "/users", query=("type",), reads=("users", *(f"users[].{name}" for name in _ACCOUNT))),
        Call("GET", "/users/{email}", reads=_ACCOUNT),
        Call("POST", "/users", body=("email", "name", "last-name", "type", "agent-type"), door="access"),
        Call("PUT", "/users/{email}", body=("type", "status", "agent-type"), door="access"),
        Call("POST", "/users/{email}/activation-email", door="access"),
        Call("POST", "/customer-organizations", body=_ORGANIZATION, reads=("id",), door="customers"),
        Call("PATCH", "/customer-organizations/{id}", body=(*_ORGANIZATION, "status"), door="customers"),
        Call(
            "GET",
            "/customer-organizations/lookup",
            query=("domain",),
            reads=("id", *_ORGANIZATION, "status"),
            door="customers",
        ),
    )  # fmt: skip


_MESSAGE: Final = ("author", "author-role", "posted-at", "type", "body")
CALLS: Final = declared(Names())
