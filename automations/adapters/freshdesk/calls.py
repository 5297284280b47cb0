"""Every call that is made of Freshdesk, declared, so that it can be compared with a contract without making one."""

from typing import Final

from automations.adapters.calls import Call

_PAGES: Final = ("page", "per_page")
_LIST: Final = ("email", "filter", "updated_since", "order_by", "order_type", *_PAGES)
_TICKET: Final = (
    "id", "subject", "status", "priority", "type", "source", "responder_id", "group_id", "custom_fields",
    "created_at", "updated_at",
)  # fmt: skip
_ALONE: Final = (
    *_TICKET, "tags", "description", "deleted", "stats.first_responded_at", "stats.resolved_at", "requester.name",
    "requester.email",
)  # fmt: skip
_SAID: Final = ("id", "body", "incoming", "private", "user_id", "from_email", "created_at")
_PERSON: Final = ("id", "type", "contact.email", "contact.name", "contact.active", "contact.last_login_at")
_SEARCHED: Final = ("total", *(f"results[].{key}" for key in _TICKET))
_AGENT: Final = (*_PERSON, "role_ids", "group_ids")
_FIELD: Final = ("name", "label", "type", "default", "choices")
_COMPANY: Final = ("id", "name", "domains", "account_tier", "custom_fields")
_COMPANY_BODY: Final = ("name", "domains", "account_tier", "custom_fields.{name}")


def _rows(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"[].{key}" for key in keys)


CALLS: Final[tuple[Call, ...]] = (
    Call("GET", "/api/v2/tickets", query=_LIST, reads=_rows(_TICKET)),
    Call(
        "POST",
        "/api/v2/tickets",
        body=(
            "subject",
            "description",
            "email",
            "status",
            "priority",
            "group_id",
            "responder_id",
            "tags",
            "company_id",
            "custom_fields.{name}",
        ),
        reads=_TICKET,
    ),
    Call("GET", "/api/v2/tickets/{id}", query=("include",), reads=_ALONE),
    Call(
        "PUT",
        "/api/v2/tickets/{id}",
        body=("status", "priority", "responder_id", "group_id", "type", "custom_fields.{name}"),
        reads=_TICKET,
    ),
    Call("GET", "/api/v2/tickets/{id}/conversations", query=_PAGES, reads=_rows(_SAID)),
    Call("POST", "/api/v2/tickets/{id}/notes", body=("body", "private", "user_id"), reads=_SAID),
    Call("POST", "/api/v2/tickets/{id}/reply", body=("body", "user_id"), reads=_SAID),
    Call("GET", "/api/v2/search/tickets", query=("query", "page"), reads=_SEARCHED),
    Call("GET", "/api/v2/ticket_fields", reads=_rows((*_FIELD, "required_for_closure"))),
    Call("GET", "/api/v2/agents/me", reads=_PERSON),
    Call("GET", "/api/v2/agents", query=_PAGES, reads=_rows(_PERSON)),
    Call("GET", "/api/v2/groups", query=_PAGES, reads=_rows(("id", "name"))),
    Call("GET", "/api/v2/companies", query=("updated_since", *_PAGES), reads=_rows(_COMPANY), door="customers"),
    Call("POST", "/api/v2/companies", body=_COMPANY_BODY, reads=_COMPANY, door="customers"),
    Call("GET", "/api/v2/companies/{id}", reads=_COMPANY, door="customers"),
    Call("PUT", "/api/v2/companies/{id}", body=_COMPANY_BODY, reads=_COMPANY, door="customers"),
    Call(
        "GET",
        "/api/v2/companies/autocomplete",
        query=("name",),
        reads=("companies[].id", "companies[].name"),
        door="customers",
    ),
    Call(
        "GET",
        "/api/v2/search/companies",
        query=("query",),
        reads=tuple(f"results[].{key}" for key in _COMPANY),
        door="customers",
    ),
    Call("GET", "/api/v2/company_fields", reads=_rows(_FIELD), door="customers"),
    Call("GET", "/api/v2/agents", query=("email", *_PAGES), reads=_rows(_PERSON), door="access"),
    Call("POST", "/api/v2/agents", body=("email", "name", "ticket_scope", "role_ids"), door="access"),
    Call("GET", "/api/v2/agents/{id}", reads=_AGENT, door="access"),
    Call("PUT", "/api/v2/agents/{id}", body=("role_ids",), door="access"),
    Call("DELETE", "/api/v2/agents/{id}", door="access"),
    Call("GET", "/api/v2/contacts", query=("email", *_PAGES), reads=_rows(("id", "email")), door="access"),
    Call("PUT", "/api/v2/contacts/{id}/make_agent", body=("ticket_scope", "role_ids"), door="access"),
    Call("GET", "/api/v2/roles", reads=_rows(("id", "name")), door="access"),
    Call("GET", "/api/v2/groups", query=_PAGES, reads=_rows(("id", "name")), door="access"),
    Call("GET", "/api/v2/groups/{id}", reads=("agent_ids",), door="access"),
    Call("PATCH", "/api/v2/admin/groups/{id}/agents", body=("agents[].id", "agents[].deleted"), door="access"),
)
