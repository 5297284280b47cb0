"""What is answered when a request is refused: an RFC 9457 problem as JSON, or a small page for a browser.

Every refusal of this port goes through here, also those of the framework, so that all have one shape. A database that
is away is 503 with Retry-After wherever it shows: nothing was taken, the sender keeps what it has.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from automations.errors import Unavailable
from automations.redact import redact
from bot.html import page, templates

log = logging.getLogger(__name__)

RETRY_S = 5
_AWAY = (OperationalError, InterfaceError, NoConnectionFree, Unavailable)


class Problem(Exception):
    """A refusal: `status`, a short `title`, a `detail` for the person, and per-field `errors`.

    `title` is one of few, since refusals are counted by it. `headers` go out with it; a 401 asks for a bearer token
    unless they name another way. `why` says for the audit log alone what was wrong, in one of few words of ours: the
    sender is not told how near they came.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        retry_after_s: int | None = None,
        headers: Mapping[str, str] | None = None,
        why: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
        self.why = why or title
        self.headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)
        self.headers |= headers or {}


def install(app: FastAPI, refused: Callable[[Problem, Request], None], redact: Callable[[str], str] = redact) -> None:
    """Let every refusal of the application take this shape. `refused` is told of each, with what was asked.

    `redact` takes secrets out of its words: a name of a field, or of a case, can be one that was pasted there.
    """

    def answer(request: Request, exc: Exception) -> Response:
        problem = _as_problem(exc)
        refused(problem, request)
        problem.detail = redact(problem.detail)
        problem.errors = [{name: redact(words) for name, words in one.items()} for one in problem.errors]
        return response(problem, html=wants_page(request))

    for kind in (Problem, RequestValidationError, HTTPException, *_AWAY, Exception):
        app.add_exception_handler(kind, answer)


def response(problem: Problem, *, html: bool = False) -> Response:
    """The answer itself."""
    if html:
        shown = templates().get_template("problem.html").render(problem=problem)
        return page(shown, problem.status, problem.headers)
    content: dict[str, Any] = {"type": "about:blank", "title": problem.title, "status": problem.status}
    content["detail"] = problem.detail
    if problem.errors:
        content["errors"] = list(problem.errors)
    return JSONResponse(content, problem.status, problem.headers, media_type="application/problem+json")


def wants_page(request: Request) -> bool:
    """True if a browser asks, which names HTML first; scripts that name nothing get JSON."""
    page = request.method == "GET" or request.url.path.startswith("/desk/")
    return page and request.headers.get("accept", "").startswith("text/html")


def fields(errors: Sequence[Mapping[str, Any]], prefix: str = "") -> list[dict[str, str]]:
    """Pydantic's findings as `field` and `message`, without what was sent."""
    return [{"field": prefix + ".".join(str(part) for part in e["loc"]), "message": str(e["msg"])} for e in errors]


def _as_problem(exc: Exception) -> Problem:
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, RequestValidationError):
        return Problem(422, "Not a valid request", "Mend the fields named.", fields(exc.errors())[:100])
    if isinstance(exc, HTTPException):
        detail = "There is nothing here by that address and method."
        return Problem(exc.status_code, str(exc.detail), detail, headers=exc.headers)
    if isinstance(exc, _AWAY):
        cause = exc.orig if isinstance(exc, OperationalError | InterfaceError) else exc
        log.warning("database unavailable: %s", type(cause).__name__)
        return Problem(503, "Not now", "The database is not available. Nothing was taken.", retry_after_s=RETRY_S)
    return Problem(500, "A fault in Handoff", "Nothing was taken. The log says more.")
