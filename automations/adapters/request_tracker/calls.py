"""Every call that this adapter makes, below `/REST/2.0`, and one of Request Tracker's own pages (see `staff`).

Measured against Request Tracker 5.0.3, before and after its security update of October 2026.
"""

from typing import Final

from automations.adapters.calls import Call

_PAGE: Final = ("fields", "per_page", "page")
_LIST: Final = ("count", "items")
_LIMIT: Final = ("[].field", "[].value")

CALLS: Final[tuple[Call, ...]] = (
    Call(
        "GET",
        "/tickets",
        query=("query", "fields", "fields[Owner]", "fields[Requestor]", "fields[Queue]", "orderby", "per_page"),
        reads=(
            *_LIST,
            "total",
            "items[].id",
            "items[].Subject",
            "items[].Status",
            "items[].Priority",
            "items[].Owner.id",
            "items[].Owner.EmailAddress",
            "items[].Queue.Name",
            "items[].EffectiveId",
            "items[].LastUpdated",
            "items[].Created",
            "items[].CustomFields[].name",
            "items[].CustomFields[].values",
            "items[]._hyperlinks[].ref",
            "items[]._hyperlinks[].id",
        ),
    ),
    Call("GET", "/ticket/{id}", reads=("Status",)),
    Call(
        "POST",
        "/ticket",
        body=("Queue", "Subject", "Requestor", "Owner", "Status", "Priority", "CustomFields"),
        reads=("id",),
    ),
    Call(
        "PUT",
        "/ticket/{id}",
        body=("Status", "Priority", "Owner", "Queue", "MemberOf", "DeleteMemberOf"),
    ),
    Call("POST", "/ticket/{id}/comment", body=("Content", "ContentType", "Subject")),
    Call("POST", "/ticket/{id}/correspond", body=("Content", "ContentType", "Subject")),
    Call(
        "GET",
        "/transactions",
        query=("query", "fields", "fields[Creator]", "orderby", "order", "per_page", "page"),
        reads=(
            *_LIST,
            "items[].id",
            "items[].ObjectId",
            "items[].Type",
            "items[].Field",
            "items[].OldValue",
            "items[].NewValue",
            "items[].Created",
            "items[].Creator.id",
            "items[].Creator.EmailAddress",
            "items[].Creator.RealName",
        ),
    ),
    Call(
        "POST",
        "/attachments",
        query=_PAGE,
        body=(*_LIMIT, "[].operator"),
        reads=(
            *_LIST,
            "items[].id",
            "items[].TransactionId",
            "items[].ContentType",
            "items[].Filename",
            "items[].Content",
        ),
    ),
    Call("GET", "/queues/all", query=_PAGE, reads=(*_LIST, "items[].id", "items[].Name")),
    Call("GET", "/queue/{id}", reads=("TicketCustomFields[].name",)),
    Call(
        "POST",
        "/users",
        query=("fields", "per_page", "find_disabled_rows"),
        body=_LIMIT,
        reads=(*_LIST, "items[].id", "items[].EmailAddress", "items[].RealName"),
    ),
    Call("GET", "/user/{name}", reads=("id", "Name", "EmailAddress", "RealName", "Privileged", "Disabled")),
    Call("POST", "/groups", query=_PAGE, body=_LIMIT, reads=(*_LIST, "items[].id", "items[].Name", "items[].Domain")),
    Call(
        "GET",
        "/Helpers/Autocomplete/Users",
        query=("privileged", "return", "op", "term", "max"),
        reads=("[].value",),
    ),
    Call("GET", "/group/{id}", reads=("Members[].id", "Members[].type")),
    Call("POST", "/user", body=("Name", "EmailAddress", "RealName", "Privileged"), reads=("id",), door="access"),
    Call("PUT", "/user/{name}", body=("RealName", "Privileged", "Disabled"), door="access"),
    Call("PUT", "/user/{name}/groups", body=("[]",), door="access"),
    Call("DELETE", "/group/{id}/member/{member}", door="access"),
)
"""What is read and listed by both credentials stands under tickets; `access` are those that change agents."""
