"""The description at `/openapi.json`: bodies, refusals and ways to authenticate, as they really are."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from automations.failure_tickets.event import FailureEvent
from bot.ingest import MAX_EVENTS
from bot.replies import ProblemReply

_WORDS = {
    400: "Not JSON",
    401: "Not authenticated",
    403: "Not allowed with this token, or not from this machine",
    404: "No such case",
    408: "The body came too slowly",
    413: "Too large",
    415: "Not JSON by its type",
    422: "Not what is described here; names the fields",
    429: "Too many events of a source in a minute",
    503: "The database or Slack is away; try again",
}
_RETRY = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}}
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A source's token, or the read token"},
    "password": {"type": "http", "scheme": "basic", "description": "The read token as the password, for browsers"},
    "webhook": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature",
    },
    "sentry": {
        "type": "apiKey",
        "in": "header",
        "name": "sentry-hook-signature",
        "description": "Sentry's signature of the body with the client secret",
    },
    "slack": {
        "type": "apiKey",
        "in": "header",
        "name": "x-slack-signature",
        "description": "Slack's signature of x-slack-request-timestamp and the body",
    },
}
INGEST_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"webhook": []}]
SENTRY_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"sentry": []}]
SLACK_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
            "application/json": {"schema": {"type": "object"}},
        },
    },
    "security": [{"slack": []}],
}
READ_SECURITY: list[dict[str, list[str]]] = [{}, {"token": []}, {"password": []}]
"""Nothing is needed on this machine, unless a read token is set."""


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals an operation may answer with."""
    schema = {"schema": {"$ref": f"#/components/schemas/{ProblemReply.__name__}"}}
    described: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        described[status] = {"description": _WORDS[status], "content": {"application/problem+json": schema}}
        if status in (429, 503):
            described[status]["headers"] = _RETRY
    return described


def event_body() -> dict[str, Any]:
    """The body of `/v1/failures`: one event, or an array of them."""
    one = {"$ref": f"#/components/schemas/{FailureEvent.__name__}"}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_EVENTS}
    return json_body({"oneOf": [one, many]}, INGEST_SECURITY)


def json_body(schema: Mapping[str, Any], security: list[dict[str, list[str]]]) -> dict[str, Any]:
    """A JSON body that the endpoint reads itself, and who may send it."""
    body = {"required": True, "content": {"application/json": {"schema": dict(schema)}}}
    return {"requestBody": body, "security": security}


def complete(app: FastAPI) -> None:
    """Let the description hold what the framework cannot see: the bodies we read ourselves, and the schemes.

    It is made when somebody asks for it first; the framework keeps it from then on.
    """
    generated = app.openapi

    def described() -> dict[str, Any]:
        made = app.openapi_schema is not None
        schema = generated()
        if not made:
            components = schema.setdefault("components", {})
            for model in (FailureEvent, ProblemReply):
                components.setdefault("schemas", {}).update(_flat(model))
            components["securitySchemes"] = _SCHEMES
        return schema

    app.openapi = described  # type: ignore[method-assign]  # as the framework's documentation says to


def _flat(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), model.__name__: schema}
