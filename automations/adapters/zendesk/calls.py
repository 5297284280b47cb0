"""Every call this adapter makes, by door. Its tests hold what is sent to this, `shapes` reads what is read."""

from typing import Final

from automations.adapters.calls import Call

_CURSOR: Final = ("page[size]", "page[after]")
_META: Final = ("meta.has_more", "meta.after_cursor")
_TICKET: Final = (
    "id", "external_id", "subject", "status", "priority", "assignee_id", "group_id", "tags", "custom_fields[].id",
    "custom_fields[].value", "via.channel", "created_at", "updated_at",
)  # fmt: skip
_USER: Final = ("id", "name", "email", "role", "custom_role_id", "active", "suspended", "verified", "last_login_at")
_ORGANIZATION: Final = ("id", "name", "external_id", "domain_names", "organization_fields")


def _of(place: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{place}.{name}" for name in names)


_GRANTED: Final = (
    "id", "client_id", "user_id", "scopes", "expires_at", "refresh_token", "refresh_token_expires_at", "used_at",
    "created_at",
)  # fmt: skip
_TOKEN: Final = ("grant_type", "client_id", "client_secret", "scope", "expires_in")
_NEW_TICKET: Final = _of(
    "ticket", "subject", "comment.html_body", "comment.public", "requester.name", "requester.email", "group_id",
    "priority", "external_id", "tags", "assignee_id", "organization_id",
)  # fmt: skip
_TICKET_CHANGE: Final = _of(
    "ticket", "status", "priority", "assignee_id", "group_id", "custom_fields[].id", "custom_fields[].value",
    "comment.html_body", "comment.public", "comment.author_id", "tags", "safe_update", "updated_stamp",
)  # fmt: skip
_CUSTOMER: Final = _of("organization", "name", "external_id", "domain_names", "organization_fields.{field}")

_TICKETS: Final = (
    Call("POST", "/oauth/tokens", body=_TOKEN, reads=("access_token", "expires_in")),
    Call("GET", "/api/v2/users/me", reads=_of("user", *_USER)),
    Call("GET", "/api/v2/users", ("role[]", *_CURSOR), reads=(*_of("users[]", *_USER), *_META)),
    Call("GET", "/api/v2/groups", ("exclude_deleted", *_CURSOR), reads=("groups[].id", "groups[].name", *_META)),
    Call("GET", "/api/v2/tickets", ("external_id", "include", "page[size]"), reads=_of("tickets[]", *_TICKET)),
    Call("POST", "/api/v2/tickets", body=_NEW_TICKET, reads=_of("ticket", *_TICKET)),
    Call("GET", "/api/v2/tickets/{ticket_id}", ("include",), reads=_of("ticket", *_TICKET)),
    Call("PUT", "/api/v2/tickets/{ticket_id}", body=_TICKET_CHANGE),
    Call(
        "GET",
        "/api/v2/tickets/{ticket_id}/comments",
        ("sort", "include", *_CURSOR),
        reads=(
            *_of("comments[]", "id", "author_id", "html_body", "plain_body", "body", "public", "created_at"),
            "comments[].via.channel",
            *_META,
        ),
    ),
    Call(
        "GET",
        "/api/v2/tickets/{ticket_id}/metrics",
        reads=(
            "ticket_metric.ticket_id",
            *_of("ticket_metric", "reply_time_in_minutes.calendar", "reply_time_in_seconds.calendar"),
            "ticket_metric.full_resolution_time_in_minutes.calendar",
        ),
    ),
    Call(
        "GET",
        "/api/v2/incremental/tickets/cursor",
        ("start_time", "cursor", "per_page", "include"),
        reads=(*_of("tickets[]", *_TICKET), "after_cursor", "end_of_stream"),
    ),
    Call("GET", "/api/v2/organizations/search", ("external_id",), reads=_of("organizations[]", "id", "external_id")),
    Call(
        "GET",
        "/api/v2/search/export",
        ("query", "filter[type]", *_CURSOR),
        reads=(*_of("results[]", *_TICKET), *_META),
    ),
)

_CUSTOMERS: Final = (
    Call("GET", "/api/v2/organizations", _CURSOR, reads=(*_of("organizations[]", *_ORGANIZATION), *_META)),
    Call("GET", "/api/v2/organizations/search", ("external_id", "name"), reads=_of("organizations[]", *_ORGANIZATION)),
    Call("GET", "/api/v2/organizations/{organization_id}", reads=_of("organization", *_ORGANIZATION)),
    Call("POST", "/api/v2/organizations", body=_CUSTOMER, reads=_of("organization", *_ORGANIZATION)),
    Call("PUT", "/api/v2/organizations/{organization_id}", body=_CUSTOMER, reads=_of("organization", *_ORGANIZATION)),
)

_ACCESS: Final = (
    Call("GET", "/api/v2/users/{user_id}", reads=_of("user", *_USER)),
    Call(
        "POST",
        "/api/v2/users/create_or_update",
        body=_of("user", "email", "name", "role", "custom_role_id"),
        reads=_of("user", *_USER),
    ),
    Call(
        "PUT",
        "/api/v2/users/{user_id}",
        body=_of("user", "role", "custom_role_id", "suspended"),
        reads=_of("user", *_USER),
    ),
    Call("DELETE", "/api/v2/users/{user_id}/sessions"),
    Call("GET", "/api/v2/custom_roles", reads=_of("custom_roles[]", "id", "name", "role_type")),
    Call(
        "GET",
        "/api/v2/group_memberships",
        ("user_id", *_CURSOR),
        reads=(*_of("group_memberships[]", "id", "user_id", "group_id"), *_META),
    ),
    Call("POST", "/api/v2/group_memberships", body=_of("group_membership", "user_id", "group_id")),
    Call("DELETE", "/api/v2/group_memberships/{group_membership_id}"),
    Call(
        "GET",
        "/api/v2/oauth/tokens",
        ("all", *_CURSOR),
        reads=(*_of("tokens[]", *_GRANTED), *_META),
    ),
    Call("DELETE", "/api/v2/oauth/tokens/{oauth_token_id}"),
)


def _behind(door: str, calls: tuple[Call, ...]) -> tuple[Call, ...]:
    return tuple(Call(one.method, one.path, one.query, one.body, one.reads, one.inferred, door) for one in calls)


CALLS: Final[tuple[Call, ...]] = (*_TICKETS, *_behind("customers", _CUSTOMERS), *_behind("access", _ACCESS))
