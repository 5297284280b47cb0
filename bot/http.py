"""The bot's one HTTP port: failure ingest, cases to read, health, metrics, Slack over HTTP, the desk's pages."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import OperationalError

from automations.domain import parse_case_ref
from automations.errors import NotFound
from automations.failure_tickets import alertmanager, sentry
from automations.failure_tickets.accepted import screen
from automations.failure_tickets.card import case_detail, open_cases_page
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.intake import Receipt, take_in
from bot.access import ReadAccess
from bot.ingest import MAX_EVENTS, Allowance, Problem, Sender, Senders, read_json
from bot.limits import BodyLimit
from bot.metrics import Metrics
from storage.boundaries import reach
from storage.engine import Database

log = logging.getLogger(__name__)
Mapper = Callable[..., list[FailureEvent]]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the bot can work. `parts` maps database, engine and slack to `ok` or to what is wrong."""

    ready: bool
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ports:
    """What the HTTP port needs from the rest of the bot."""

    database: Database
    context: Context
    senders: Senders
    allowance: Allowance
    access: ReadAccess
    metrics: Metrics
    health: Callable[[], Health]
    now: Callable[[], datetime]


class Result(BaseModel):
    """What became of one event."""

    event_id: str
    case_id: str | None
    status: str


class Accepted(BaseModel):
    """Every event of the request is stored."""

    results: list[Result]


def create_http(ports: Ports, *routers: APIRouter) -> FastAPI:
    """The application. `routers` are the rooms that exist only sometimes: Slack over HTTP, the desk's pages."""
    app = FastAPI(title="Handoff", version="1", docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimit)
    app.add_exception_handler(Problem, _problem)
    app.include_router(_ingest(ports))
    app.include_router(_reading(ports))
    app.include_router(_health(ports))
    for router in routers:
        app.include_router(router)
    return app


async def raw_body(request: Request) -> bytes:
    """The body, already limited by `BodyLimit`."""
    return await request.body()


def _problem(_request: Request, exc: Exception) -> Response:
    if not isinstance(exc, Problem):
        raise exc
    content: dict[str, Any] = {"type": "about:blank", "title": exc.title, "status": exc.status, "detail": exc.detail}
    if exc.errors:
        content["errors"] = list(exc.errors)
    headers = {} if exc.retry_after_s is None else {"Retry-After": str(exc.retry_after_s)}
    if exc.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(content, exc.status, headers, media_type="application/problem+json")


def _ingest(ports: Ports) -> APIRouter:
    router = APIRouter(prefix="/v1/failures", tags=["ingest"])

    def accept(request: Request, body: bytes, mapper: Mapper) -> Accepted:
        sender = ports.senders.authenticate(request.headers, body)
        ports.metrics.requests.inc()
        events = _events(mapper, read_json(request.headers.get("content-type", ""), body), sender, ports.now())
        for source in {event.source for event in events}:
            if not sender.may_report(source):
                raise Problem(403, "Not your source", f"This token does not belong to the source {source!r}.")
            ports.allowance.take(source, sum(event.source == source for event in events))
        with ports.metrics.ingest_seconds.time(), unavailable_as_503():
            receipts = store(ports, events)
        for receipt in receipts:
            ports.metrics.events.labels(status=receipt.status).inc()
        return Accepted(results=[Result(event_id=r.event_id, case_id=r.case_id, status=r.status) for r in receipts])

    def plain(value: Any, **_sender: object) -> list[FailureEvent]:
        items = value if isinstance(value, list) else [value]
        if not 1 <= len(items) <= MAX_EVENTS:
            raise Problem(422, "Wrong number of events", f"An array holds 1 to {MAX_EVENTS} events, not {len(items)}.")
        return _validated(items, many=isinstance(value, list))

    @router.post("", status_code=202, responses=_PROBLEMS, openapi_extra=_body(FailureEvent))
    def failures(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Accepted:
        """Take one failure event or an array of at most 500; all of them or none. Answers after the commit."""
        return accept(request, body, plain)

    @router.post("/sentry", status_code=202, responses=_PROBLEMS, openapi_extra=_body(None))
    def from_sentry(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Accepted:
        """Take a Sentry webhook body (issue alert, issue, error)."""
        return accept(request, body, sentry.events_from)

    @router.post("/alertmanager", status_code=202, responses=_PROBLEMS, openapi_extra=_body(None))
    def from_alertmanager(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Accepted:
        """Take an Alertmanager webhook body (version 4)."""
        return accept(request, body, alertmanager.events_from)

    return router


def store(ports: Ports, events: Sequence[FailureEvent]) -> list[Receipt]:
    """Put events into the database in one transaction, which begins only when they are redacted."""
    screened = screen(events, ports.context)
    with ports.database.begin() as session:
        receipts = take_in(session, screened, ports.context)
        reach("ingest.before_commit")
    reach("ingest.committed")
    return receipts


@contextmanager
def unavailable_as_503() -> Iterator[None]:
    """Answer 503 with Retry-After while the database is away: nothing was accepted, the sender keeps the event."""
    try:
        yield
    except OperationalError as exc:
        log.warning("database unavailable: %s", type(exc.orig).__name__)
        raise Problem(503, "Not now", "The database is not available. Nothing was taken.", retry_after_s=5) from exc


def _events(mapper: Mapper, value: Any, sender: Sender, at: datetime) -> list[FailureEvent]:
    try:
        return mapper(value, source=sender.source, received_at=at)
    except ValidationError as exc:
        raise Problem(422, "Not a failure event", "Nothing was taken. Mend the fields named.", _fields(exc)) from exc
    except ValueError as exc:
        raise Problem(422, "Not a known body", f"Nothing was taken. {exc}") from exc


def _validated(items: list[Any], *, many: bool) -> list[FailureEvent]:
    events, errors = [], []
    for number, item in enumerate(items):
        try:
            events.append(FailureEvent.model_validate(item))
        except ValidationError as exc:
            errors += _fields(exc, f"{number}." if many else "")
    if errors:
        raise Problem(422, "Not a failure event", "Nothing was taken. Mend the fields named.", errors[:100])
    return events


def _fields(exc: ValidationError, prefix: str = "") -> list[dict[str, str]]:
    errors = exc.errors(include_url=False, include_context=False, include_input=False)
    return [{"field": prefix + ".".join(str(p) for p in e["loc"]), "message": e["msg"]} for e in errors]


def _reading(ports: Ports) -> APIRouter:
    router = APIRouter(prefix="/v1/cases", tags=["cases"], dependencies=[Depends(ports.access.check)])

    @router.get("")
    def cases(
        status: Annotated[str | None, Query(pattern="^(open|claimed|resolved|not_needed)$")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[int | None, Query(ge=1)] = None,
    ) -> dict[str, Any]:
        """Cases, newest first. `before` is the number of the last case of the page before."""
        with ports.database.read() as session:
            return {"cases": open_cases_page(session, status=status, limit=limit, before=before)}

    @router.get("/{case}", responses=_NOT_FOUND)
    def case(case: str, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> dict[str, Any]:
        """One case with its occurrences, ticket, Slack permalink and audit entries."""
        try:
            with ports.database.read() as session:
                return case_detail(session, parse_case_ref(case), ports.context, limit=limit)
        except NotFound as exc:
            raise Problem(404, "No such case", str(exc)) from exc

    return router


def _health(ports: Ports) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz() -> JSONResponse:
        """The bot is able to work: database, engine and Slack."""
        health = ports.health()
        return JSONResponse(
            {"status": "ok" if health.ready else "not ready", **health.parts}, 200 if health.ready else 503
        )

    @router.get("/metrics")
    def metrics() -> Response:
        """Prometheus text."""
        return Response(ports.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _body(model: type[BaseModel] | None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if model is not None:
        one = model.model_json_schema(ref_template="#/components/schemas/{model}")
        one.pop("$defs", None)
        schema = {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_EVENTS}]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_PROBLEM_SCHEMA = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_WORDS = {400: "Not JSON", 401: "Not authenticated", 403: "Not your source", 413: "Too large", 415: "Not JSON by type",
          422: "Not a failure event", 429: "Too many events", 503: "Not now"}  # fmt: skip
_PROBLEMS: dict[int | str, dict[str, Any]] = {k: {"description": v, **_PROBLEM_SCHEMA} for k, v in _WORDS.items()}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "No such case", **_PROBLEM_SCHEMA}}
