"""The bot's one HTTP port: failure ingest, cases to read, health, metrics, Slack over HTTP, the desk's pages."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import ValidationError

from automations.domain import CaseStatus, parse_case_ref
from automations.errors import NotFound
from automations.failure_tickets import alertmanager, sentry
from automations.failure_tickets.accepted import screen
from automations.failure_tickets.card import case_detail, open_cases_page
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.present import present
from bot.access import ReadAccess
from bot.batch import Batches
from bot.case_page import case_page
from bot.door_book import Refused
from bot.guard import joined
from bot.ingest import MAX_EVENTS, Allowance, Sender, Senders, read_json
from bot.limits import BodyLimit
from bot.metrics import Metrics
from bot.openapi import INGEST_SECURITY, READ_SECURITY, SENTRY_SECURITY, complete, event_body, json_body, refusals
from bot.problems import Problem, fields, install, response, wants_page
from bot.replies import Accepted, AliveReply, CaseReply, CasesReply, ReadyReply, Result
from bot.taken import take
from storage.engine import Database

Mapper = Callable[..., list[FailureEvent]]

VENDOR_PIECE: Final = 100
"""A vendor's body may hold thousands of alerts: they are stored piece by piece, so that others need not wait for all.

Their ids are stable, so a body that failed half-way and is sent again takes up where it ended.
"""
LAST_CASE: Final = 10**15
_MEND: Final = "Nothing was taken. Mend the fields named."


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the bot can work. `parts` maps database, engine and slack to `ok` or to what is wrong."""

    ready: bool
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ports:
    """What the HTTP port needs from the rest of the bot. `turned_away` writes down who was refused at a door."""

    database: Database
    context: Callable[[], Context]
    senders: Senders
    allowance: Allowance
    access: ReadAccess
    metrics: Metrics
    health: Callable[[], Health]
    now: Callable[[], datetime]
    turned_away: Callable[[Refused], None]
    team: Callable[[], str] = lambda: "Handoff"


def create_http(ports: Ports, *routers: APIRouter) -> FastAPI:
    """The application. `routers` are the rooms that exist only sometimes: Slack over HTTP, the desk's pages."""

    def count(problem: Problem) -> None:
        ports.metrics.refused.labels(why=problem.title).inc()

    def refused(problem: Problem, request: Request) -> None:
        count(problem)
        if problem.status in (401, 403) and (door := getattr(request.scope.get("route"), "path", "")):
            peer = request.client.host if request.client else ""
            ports.turned_away(Refused(door, problem.why, peer))

    def answer(problem: Problem) -> Response:
        count(problem)
        return response(problem)

    app = FastAPI(title="Handoff", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(BodyLimit, answer=answer)
    install(app, refused, lambda text: ports.context().redactor.text(text))
    for router in (_ingest(ports), _reading(ports), _health(ports), *routers):
        app.include_router(router)
    complete(app)
    return app


async def raw_body(request: Request) -> bytes:
    """The body, already limited by `BodyLimit`."""
    return await request.body()


def _ingest(ports: Ports) -> APIRouter:
    batches = Batches(ports.database, ports.context)
    router = APIRouter(prefix="/v1/failures", tags=["ingest"])
    refused, anything = refusals(400, 401, 403, 408, 413, 415, 422, 429, 503), {"type": "object"}

    def accept(request: Request, body: bytes, mapper: Mapper, *, at_once: int) -> Accepted:
        sender = ports.senders.authenticate(joined(request.headers.items()), body)
        ports.metrics.requests.inc()
        events = _events(mapper, read_json(request.headers.get("content-type", ""), body), sender, ports.now())
        counts = Counter(event.source for event in events)
        for source in counts:
            if not sender.may_report(source):
                detail = f"This token does not belong to the source {source!r}."
                raise Problem(403, "Not your source", detail, why="token of another source")
        ports.allowance.take(counts)
        with ports.metrics.ingest_seconds.time():
            screened = screen(events, ports.context())
            pieces = [screened[at : at + at_once] for at in range(0, len(screened), at_once)]
            receipts = take(pieces, batches.store, ports.metrics, sorted(counts))
        return Accepted(results=[Result(event_id=r.event_id, case_id=r.case_id, status=r.status) for r in receipts])

    def plain(value: Any, **_sender: object) -> list[FailureEvent]:
        items = value if isinstance(value, list) else [value]
        if not 1 <= len(items) <= MAX_EVENTS:
            raise Problem(422, "Wrong number of events", f"An array holds 1 to {MAX_EVENTS} events, not {len(items)}.")
        return _validated(items, many=isinstance(value, list))

    @router.post("", status_code=202, responses=refused, openapi_extra=event_body())
    def failures(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Accepted:
        """Take one failure event or an array of at most 500; all of them or none. Answers after the commit."""
        return accept(request, body, plain, at_once=MAX_EVENTS)

    @router.post("/sentry", status_code=202, responses=refused, openapi_extra=json_body(anything, SENTRY_SECURITY))
    def from_sentry(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Accepted:
        """Take a Sentry webhook body (issue alert, issue, error)."""
        return accept(request, body, sentry.events_from, at_once=VENDOR_PIECE)

    @router.post(
        "/alertmanager", status_code=202, responses=refused, openapi_extra=json_body(anything, INGEST_SECURITY)
    )
    def from_alertmanager(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> Accepted:
        """Take an Alertmanager webhook body (version 4)."""
        return accept(request, body, alertmanager.events_from, at_once=VENDOR_PIECE)

    return router


def _events(mapper: Mapper, value: Any, sender: Sender, at: datetime) -> list[FailureEvent]:
    try:
        return mapper(value, source=sender.source, received_at=at)
    except ValidationError as exc:
        raise Problem(422, "Not a failure event", _MEND, fields(_found(exc))[:100]) from exc
    except ValueError as exc:
        raise Problem(422, "Not a known body", f"Nothing was taken. {exc}") from exc


def _validated(items: list[Any], *, many: bool) -> list[FailureEvent]:
    events, errors = [], []
    for number, item in enumerate(items):
        try:
            events.append(FailureEvent.model_validate(item))
        except ValidationError as exc:
            errors += fields(_found(exc), f"{number}." if many else "")
    if errors:
        raise Problem(422, "Not a failure event", _MEND, errors[:100])
    return events


def _found(exc: ValidationError) -> Sequence[Mapping[str, Any]]:
    return exc.errors(include_url=False, include_context=False, include_input=False)


def _reading(ports: Ports) -> APIRouter:
    router = APIRouter(prefix="/v1/cases", tags=["cases"], dependencies=[Depends(ports.access.check)])
    extra = {"security": READ_SECURITY}

    @router.get("", response_model=CasesReply, responses=refusals(401, 403, 422, 503), openapi_extra=extra)
    def cases(
        status: CaseStatus | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[int | None, Query(ge=1, le=LAST_CASE)] = None,
    ) -> dict[str, Any]:
        """Cases, newest first: those of one status, else the open ones.

        `before` is the number of the last case of the page before.
        """
        with ports.database.read() as session:
            return {"cases": open_cases_page(session, status=status and status.value, limit=limit, before=before)}

    @router.get("/{case}", response_model=CaseReply, responses=refusals(401, 403, 404, 422, 503), openapi_extra=extra)
    def case(request: Request, response: Response, case: str, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Any:
        """One case with its occurrences, ticket, Slack permalink and audit entries; a browser gets a page."""
        response.headers["Vary"] = "Accept"
        try:
            with ports.database.read() as session:
                context = present(session, ports.context())
                found = case_detail(session, parse_case_ref(case), context, limit=limit)
        except NotFound as exc:
            raise Problem(404, "No such case", str(exc)) from exc
        return case_page(found, zone=context.book.zone, team=ports.team()) if wants_page(request) else found

    return router


def _health(ports: Ports) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    def healthz() -> AliveReply:
        """The process is alive."""
        return AliveReply(status="ok")

    @router.get("/readyz", responses={503: {"description": "Not able to work", "model": ReadyReply}})
    def readyz(response: Response) -> ReadyReply:
        """The bot is able to work: database, engine and Slack."""
        health = ports.health()
        response.status_code = 200 if health.ready else 503
        return ReadyReply(status="ok" if health.ready else "not ready", **health.parts)

    @router.get("/metrics", response_class=PlainTextResponse, responses=refusals(503))
    def metrics() -> Response:
        """Prometheus text."""
        return Response(ports.metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
