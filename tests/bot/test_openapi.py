"""The description at `/openapi.json` holds: schemathesis plays it against the application."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.replies import CaseReply
from bot.server import HttpServer, listen
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.http_world import AUTH, HttpWorld, an_event
from tests.figures.told import tell
from tests.support import FakeClock, RecordingJobs

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = int(os.environ.get("HANDOFF_SCHEMATHESIS", "150"))
"""Requests to each operation; 5,000 at full count."""
OPERATIONS = {
    "POST /v1/failures", "POST /v1/failures/sentry", "POST /v1/failures/alertmanager", "GET /v1/cases",
    "GET /v1/cases/{case}", "GET /healthz", "GET /readyz", "GET /metrics",
}  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_reference_leads_somewhere_and_every_operation_is_there(port: HttpWorld) -> None:
    described = port.client.get("/openapi.json").json()
    named = {f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods}
    assert named == OPERATIONS

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
            part = list(part.values())
        if isinstance(part, list):
            for inner in part:
                yield from references(inner)

    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= known
    schemes = set(described["components"]["securitySchemes"])
    used = {
        name
        for methods in described["paths"].values()
        for operation in methods.values()
        for way in operation.get("security", [])
        for name in way
    }
    assert used <= schemes


def test_the_described_case_is_the_whole_case(port: HttpWorld) -> None:
    """FastAPI leaves out what a reply does not name; here that would be a hole in the evidence."""
    port.post(an_event())
    from automations.failure_tickets.card import case_detail

    with port.world.database.read() as session:
        assert set(case_detail(session, 1, port.world.ctx)) == set(CaseReply.model_fields)


@pytest.mark.slow
@pytest.mark.timeout(max(120, EXAMPLES // 8))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_answers_are_as_described(database: Database, operation: str) -> None:
    port = HttpWorld(World.on(database, FakeClock(), RecordingJobs()), per_minute=10**9)
    for number in range(3):
        port.post(an_event(id=f"e{number}", dedup_key=f"k{number % 2}"))
    method, path = operation.split(" ")
    answered: set[int] = set()
    server = HttpServer(port.app(), listen("127.0.0.1", 0)).start()
    try:
        schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{server.port}/openapi.json")

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(schema[path][method].as_strategy())
        def play(case: schemathesis.Case[Any]) -> None:
            response = case.call(headers=AUTH)
            answered.add(response.status_code)
            case.validate_response(response, checks=CHECKS, headers=AUTH)

        play()
    finally:
        server.stop()
    wanted = {202, 422} if path == "/v1/failures" else {422} if method == "POST" else {404} if "{" in path else {200}
    assert wanted <= answered <= {200, 202, 400, 401, 404, 415, 422}, answered
    tell("12", f"schemathesis, {operation}: {EXAMPLES} requests, 0 answers 5xx")
