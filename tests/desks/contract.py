"""Holds what an adapter sends and what a stand-in answers to the OpenAPI contract of the desk, where that lies near."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.support import shared

HOST = "https://desk.example"


@cache
def contract_of(kind: str) -> OpenAPI | None:
    """The contract of this kind of desk; None where ../shared is absent."""
    folder = shared("contracts")
    if folder is None:
        return None
    config = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    return OpenAPI.from_dict(raw_contract(folder / f"{kind}.openapi.yaml"), config=config)


def raw_contract(path: Path) -> dict[str, Any]:
    """The document as it lies there, with one server: ours."""
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    document["servers"] = [{"url": HOST}]
    return dict(document)


class _Request:
    """An httpx request as openapi-core wants to see it."""

    def __init__(self, request: httpx.Request) -> None:
        query = ImmutableMultiDict(request.url.params.multi_items())
        self.host_url = HOST
        self.path = request.url.path
        self.method = request.method.lower()
        self.content_type = request.headers.get("Content-Type", "").partition(";")[0]
        self.body = request.content or None
        self.parameters = RequestParameters(query=query, header=Headers(list(request.headers.items())))


class _Response:
    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.content_type = response.headers.get("Content-Type", "").partition(";")[0]
        self.headers = Headers(list(response.headers.items()))
        self.data = response.content or None


class HeldToContract(httpx.BaseTransport):
    """Checks each exchange with a stand-in against the contract; `checked` counts them.

    A request that the stand-in refuses (4xx) may be wrong itself; what it answers then is checked all the same.
    `beyond` are calls, as (method, path template), that the contract does not have: they pass unchecked.
    """

    def __init__(self, desk: httpx.BaseTransport, kind: str, beyond: Iterable[tuple[str, str]] = ()) -> None:
        self.desk = desk
        self._beyond = [(method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for method, path in beyond]
        self.contract = contract_of(kind)
        self.checked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.desk.handle_request(request)
        if self.contract is not None and not self._passes(request):
            problem = self._problem(request, response)
            assert problem is None, f"{request.method} {request.url}: {problem}"
            self.checked += 1
        return response

    def _passes(self, request: httpx.Request) -> bool:
        return any(request.method == method and path.fullmatch(request.url.path) for method, path in self._beyond)

    def _problem(self, request: httpx.Request, response: httpx.Response) -> str | None:
        assert self.contract is not None
        asked = _Request(request)
        try:
            if response.is_success:
                self.contract.validate_request(asked)
            self.contract.validate_response(asked, _Response(response))
        except OpenAPIError as exc:
            return _words(exc)
        return None


def _words(exc: BaseException) -> str:
    """The whole chain, since the outer error says least."""
    said = []
    cause: BaseException | None = exc
    while cause is not None:
        said.append(f"{type(cause).__name__}: {cause}"[:600])
        said += [str(one)[:300] for one in getattr(cause, "schema_errors", ())]
        cause = cause.__cause__
    return " <- ".join(said)
