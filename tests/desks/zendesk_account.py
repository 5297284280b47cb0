"""The account behind the stand-in for Zendesk: OAuth clients and tokens, scopes, limits, lists by cursor."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.desks.fake import Call, FakeDesk, Refusal, Reply, route
from tests.support import FakeClock

OWNER = 7001
"""The admin who owns both OAuth clients: the integration user."""
SECRETS = {"handoff": "ordinary-secret", "handoff-access": "access-secret"}
API_TOKEN = "legacy-token"


def refusal(status: int, error: Any, description: str = "", details: Any = None) -> Refusal:
    body = {"error": error} | ({"description": description} if description else {})
    return Refusal(status, body | ({"details": details} if details else {}))


def invalid(field: str, *problems: str, **more: Any) -> Refusal:
    details = {field: [{"description": words, **more} for words in problems]}
    return refusal(422, "RecordInvalid", "Record validation errors", details)


def missing() -> Refusal:
    return refusal(404, "RecordNotFound", "Not found")


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class ZendeskAccount(FakeDesk):
    """`left` is what X-Rate-Limit-Remaining says; `fetched` are the tokens given out, oldest first."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.left = 399
        self.users: dict[int, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.fetched: list[str] = []
        self.lifetime_s: int | None = None
        self._id = 1000
        self._used: dict[str, list[datetime]] = {}

    def next_id(self) -> int:
        self._id += 1
        return self._id

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        response.headers.update({"X-Rate-Limit": "400", "X-Rate-Limit-Remaining": str(self.left)})
        response.headers.update({"ratelimit-reset": "41", "X-Request-Id": f"zd-{len(self.exchanges)}"})
        return response

    def unknown(self, call: Call) -> Reply:
        return 404, {"error": "InvalidEndpoint", "description": "Not found"}

    def refuse(self, call: Call) -> Reply | None:
        if call.path == "/oauth/tokens":
            return None
        self.caller(call)
        if call.path.startswith("/api/v2/incremental/"):
            self.limit("exports", 10, timedelta(minutes=1))
        return None

    def caller(self, call: Call) -> int:
        """Who calls. Refuses a token that has ended, and what its scope does not allow."""
        kind, _, credential = call.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            email, _, secret = base64.b64decode(credential).decode().partition("/token:")
            found = [user["id"] for user in self.users.values() if user["email"] == email and secret == API_TOKEN]
            if found:
                return int(found[0])
        token = self.tokens.get(credential)
        if kind != "Bearer" or token is None or token["ends"] <= self.clock.now():
            ended = "The access token provided is expired, revoked, malformed or invalid for other reasons."
            error = {"error": "invalid_token", "error_description": ended}
            raise Refusal(401, error if kind == "Bearer" else {"error": "Couldn't authenticate you"})
        verb = "read" if call.method == "GET" else "write"
        if not {verb, f"{call.path.split('/')[3]}:{verb}"} & set(token["scopes"]):
            title = {"title": "Forbidden", "message": "You do not have access to this page."}
            raise refusal(403, title)
        return int(token["user_id"])

    @route("POST", "/oauth/tokens")
    def give_token(self, call: Call) -> Reply:
        body = call.body
        if body["grant_type"] != "client_credentials":
            return 400, {"error": "invalid_request", "error_description": "Unsupported grant type"}
        if SECRETS.get(body["client_id"]) != body.get("client_secret"):
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}
        lifetime = self.lifetime_s or body["expires_in"]
        text = f"token-{len(self.fetched) + 1}"
        self.fetched.append(text)
        self.tokens[text] = {
            "id": self.next_id(),
            "client_id": 11 if body["client_id"] == "handoff" else 12,
            "user_id": OWNER,
            "scopes": body["scope"].split(),
            "ends": self.clock.now() + timedelta(seconds=lifetime),
            "created_at": iso(self.clock.now()),
        }
        given = {"access_token": text, "token_type": "bearer", "scope": body["scope"], "expires_in": lifetime}
        return 200, given | {"refresh_token": "not-needed"}

    @route("GET", "/api/v2/oauth/tokens")
    def list_tokens(self, call: Call) -> Reply:
        shown = [
            {key: value for key, value in token.items() if key != "ends"}
            | {"token": text[:10], "expires_at": iso(token["ends"])}
            for text, token in self.tokens.items()
            if call.query.get("all") == "true" or token["user_id"] == self.caller(call)
        ]
        return self.page(call, "tokens", shown)

    @route("DELETE", "/api/v2/oauth/tokens/{id}")
    def revoke_token(self, call: Call) -> Reply:
        for text, token in self.tokens.items():
            if str(token["id"]) == call.names["id"]:
                del self.tokens[text]
                return 204, None
        raise missing()

    def limit(self, name: str, most: int, window: timedelta) -> None:
        """Count one use. Refuses what is over the limit, with the text the vendor sends instead of JSON."""
        since = self.clock.now() - window
        used = [at for at in self._used.get(name, []) if at > since]
        self._used[name] = used
        if len(used) >= most:
            wait_s = int((used[0] + window - self.clock.now()).total_seconds()) or 1
            headers = {"Retry-After": str(wait_s), "Content-Type": "text/plain"}
            raise Refusal(429, b"Number of allowed API requests per minute exceeded", headers)
        used.append(self.clock.now())

    def page(
        self, call: Call, name: str, items: Sequence[Mapping[str, Any]], more: Mapping[str, Any] | None = None
    ) -> Reply:
        """A page by cursor: at most 100, and only if page[size] asks for that form."""
        size = int(call.query.get("page[size]", "0"))
        if not 1 <= size <= 100:
            raise refusal(400, "InvalidPaginationParameter", "page[size] must be between 1 and 100")
        after = call.query.get("page[after]")
        try:
            start = int(base64.b64decode(after or "MA==").decode())
        except ValueError:
            raise refusal(400, "InvalidPaginationParameter", "page[after] is not valid") from None
        shown = list(items[start : start + size])
        place = base64.b64encode(str(start + len(shown)).encode()).decode()
        has_more = start + len(shown) < len(items)
        meta = {"has_more": has_more, "after_cursor": place if shown else None, "before_cursor": None}
        return 200, {name: shown, "meta": meta, "links": {"next": None, "prev": None}, **(more or {})}
