"""One outside system over HTTP: paced for all replicas, its errors in our tree, and nothing of httpx leaves here.

What an answer means for a write that may or may not have been done:

    no connection, 408, 425, 429, 503 with Retry-After    not done: Unavailable
    time-out, reset, cut or unreadable answer, other 5xx  may have been done: OutcomeUnknown
    other 4xx, a redirect                                 not done and will not be: Rejected

A reading changes nothing, so all that is not Rejected is Unavailable for it. RFC 9110, sections 10.2.3 and 15.
"""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from automations.adapters.retry_after import LONGEST_WAIT_S, retry_after_s
from automations.errors import AdapterError, OutcomeUnknown, OverBudget, Rejected, Unavailable
from automations.ports import RateBudget

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 20.0
_LONGEST_WORDS: Final = 400

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a desk's error answer says: its own code, its words, and the id its support asks for."""

    code: str = ""
    words: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """An outside system as `Connection` needs to know it.

    `speak` reads an error answer (its parsed body, None if it is not JSON, and its headers); `rest` says after each
    answer for how many seconds nothing should be asked, 0.0 for none. `per_minute` is our own limit, None for none.
    `conflict_is_final`: 409 says that it will never be, rather than that somebody else was quicker. `apart` says of
    `METHOD path` whether there is a limit of its own for it: 429 there holds back nobody else. `codes` are the
    desk's codes that mean more than their HTTP status does, with the code that `Rejected` bears for each. `section` is
    that of the settings, `credentials` its keys for ours: what a person is told to check.
    """

    system: str
    title: str
    url: str
    auth: httpx.Auth
    speak: Callable[[Any, Mapping[str, str]], Spoken]
    headers: Mapping[str, str] | None = None
    rest: Callable[[Mapping[str, str]], float] = lambda _headers: 0.0
    per_minute: int | None = None
    timeout_s: float = TIMEOUT_S
    conflict_is_final: bool = False
    apart: Callable[[str], bool] = lambda _what: False
    codes: Mapping[str, str] = field(default_factory=dict)
    section: str = "desk"
    credentials: str = "desk.token (desk.admin_token where agents are changed)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the parsed body (None if there was none) and the headers. `said` names what was asked."""

    body: Any
    headers: Mapping[str, str]
    _fail: Callable[[str], AdapterError]

    def shaped(self, shape: type[Shape]) -> Shape:
        """The body as this model. Raises: Unavailable, or OutcomeUnknown after a write, naming what did not fit."""
        try:
            return shape.model_validate(self.body)
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole answer"
            raise self._fail(f"answered in a shape that is not known here: {where}: {first['msg']}") from exc


class Connection:
    """Calls to one system. `transport` takes the network's place in tests."""

    def __init__(
        self,
        system: System,
        budget: RateBudget,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.of = system
        self._budget = budget
        self._now = now
        self._client = httpx.Client(
            base_url=system.url.rstrip("/"),
            auth=system.auth,
            headers={"User-Agent": "handoff", "Accept": "application/json", **(system.headers or {})},
            timeout=system.timeout_s,
            transport=transport,
        )
        weakref.finalize(self, self._client.close)  # whoever lets go of a line leaves no connection open behind it

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def read(
        self, path: str, params: Mapping[str, Any] | None = None, *, json: Any = None, missing: str = "not_found"
    ) -> Answer:
        """GET, or POST of `json` where the system searches that way. Changes nothing.

        `missing` is the code of the `Rejected` that 404 means.
        Raises: OverBudget, Unavailable, Rejected.
        """
        method = "GET" if json is None else "POST"
        return self._call(method, path, params=params, json=json, missing=missing, writes=False)

    def write(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        missing: str = "not_found",
    ) -> Answer:
        """Change something. Raises: OverBudget, Unavailable (not done), OutcomeUnknown, Rejected."""
        return self._call(method, path, params=params, json=json, headers=headers, missing=missing, writes=True)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        json: Any,
        missing: str,
        writes: bool,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self._take()
        what = f"{method} {path}"

        def lost(words: str) -> AdapterError:
            said = f"{self.of.title} {words} ({what})"
            if writes:
                return OutcomeUnknown(said, system=self.of.system, settle_s=self.of.timeout_s)
            return Unavailable(said, system=self.of.system)

        try:
            response = self._client.request(method, path, params=params, json=json, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            raise Unavailable(f"{self.of.title} cannot be reached ({what})", system=self.of.system) from exc
        except httpx.TimeoutException as exc:
            raise lost(f"did not answer within {self.of.timeout_s:g} s") from exc
        except (httpx.TransportError, httpx.DecodingError) as exc:
            raise lost("broke off its answer") from exc
        if (rest_s := self.of.rest(response.headers)) > 0:
            self._budget.pause(self._budget_name, min(rest_s, LONGEST_WAIT_S))
        if writes:
            log.info("desk.called", system=self.of.system, call=what, status=response.status_code)
        if not response.is_success:
            self._refuse(response, what, missing, lost, writes=writes)
        try:
            body = response.json() if response.content else None
        except ValueError as exc:
            raise lost("answered something that is not JSON") from exc
        return Answer(body, response.headers, lost)

    def _refuse(
        self, response: httpx.Response, what: str, missing: str, lost: Callable[[str], AdapterError], *, writes: bool
    ) -> NoReturn:
        status = response.status_code
        spoken = self._spoken(response)
        request = f", request {spoken.request}" if spoken.request else ""
        said = f"{spoken.words or response.reason_phrase or 'no reason given'} (HTTP {status}, {what}{request})"
        after = response.headers.get("Retry-After")
        if status == httpx.codes.TOO_MANY_REQUESTS or (status == httpx.codes.SERVICE_UNAVAILABLE and after):
            wait_s = retry_after_s(after, now=self._now())
            if wait_s and not (status == httpx.codes.TOO_MANY_REQUESTS and self.of.apart(what)):
                self._budget.pause(self._budget_name, wait_s)
            words = f"{self.of.title} asks for a pause: {said}"
            raise Unavailable(words, system=self.of.system, retry_after_s=wait_s or None)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise lost(f"failed: {said}")
        again = status in (408, 425) or (status in (409, 412, 423) and not self.of.conflict_is_final)
        if again:
            raise Unavailable(f"{self.of.title} asks to try again: {said}", system=self.of.system)
        if status == httpx.codes.NOT_FOUND and response.content and not _is_json(response):
            # A page of a proxy says nothing of the desk's: what is there must not look deleted.
            raise Unavailable(f"{self.of.title} is not where a page answered: {said}", system=self.of.system)
        raise Rejected(
            f"{self.of.title} {_refusal(self.of, status, response)}: {said}",
            system=self.of.system,
            code=missing if status == httpx.codes.NOT_FOUND else self._code(status, spoken.code),
        )

    def _code(self, status: int, theirs: str) -> str:
        return self.of.codes.get(theirs) or _CODES.get(status, theirs or str(status))

    def _spoken(self, response: httpx.Response) -> Spoken:
        try:
            body = response.json()
        except ValueError:
            body = None
        spoken = self.of.speak(body, response.headers)
        words = " ".join(spoken.words.split())[:_LONGEST_WORDS]
        request = spoken.request or response.headers.get("X-Request-Id", "")
        return Spoken(spoken.code, words, request[:100])

    @property
    def _budget_name(self) -> str:
        return f"{self.of.section}/{self.of.system}"

    def _take(self) -> None:
        wait_s = self._budget.take(self._budget_name, self.of.per_minute)
        if wait_s > 0:
            words = f"{self.of.title} may not be called for {wait_s:.0f} s: what it allows is used up"
            raise OverBudget(words, system=self.of.system, retry_after_s=wait_s)


def _is_json(response: httpx.Response) -> bool:
    return "json" in response.headers.get("Content-Type", "")


_CODES: Final = {401: "unauthorized", 403: "forbidden"}


def _refusal(of: System, status: int, response: httpx.Response) -> str:
    if response.is_redirect:
        where = response.headers.get("Location", "").partition("?")[0][:_LONGEST_WORDS]
        return f"answered with another address, {where}; check {of.section}.url"
    match status:
        case 401:
            return f"does not accept our credential; check {of.credentials}"
        case 403:
            return "says our credential has no right to this"
        case 404:
            return "knows nothing by that address"
    return "refused"
