"""A real SCIM server on a free port, one for all tests of a process, and a client that writes to it as its owner.

It is started by ../shared/servers/scim.sh, which installs scim2-server from PyPI into a folder of the tests; where
that cannot be, its tests are skipped with the reason. Where HANDOFF_REQUIRE names `scim`, they fail instead.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from automations.access_ports import IdentitySource
from automations.adapters.scim.line import connect
from automations.adapters.scim.source import ScimSource
from tests.desks.budget import Budget
from tests.identity.people import GROUP, Somebody
from tests.serving import free_port
from tests.support import shared

STARTS = 3
"""How often a start is tried."""


class SlowStart(AssertionError):
    """The server is installed and did not answer in the script's time."""


@dataclass
class ScimServer:
    """The running server: its address and token, which settings take, and what only its owner does.

    It keeps the ids of deleted users in groups, and fills no `User.groups`.
    """

    url: str
    token: str
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def close(self) -> None:
        self._client.close()

    def source(self, *, at_least: int = 1, per_page: int = 100) -> IdentitySource:
        connection = connect(self.url, self.token, Budget(), lambda: datetime.now(UTC))
        return ScimSource(connection, at_least=at_least, per_page=per_page)

    def people(self, *people: Somebody) -> None:
        """Let there be exactly these people, and the groups they name."""
        for path in ("/Groups", "/Users"):
            for one in self._all(path):
                self._send("DELETE", f"{path}/{one['id']}")
        ids = {one.email: str(self._send("POST", "/Users", one.body())["id"]) for one in people}
        names = {name for one in people for name in one.groups}
        self.groups({name: [ids[one.email] for one in people if name in one.groups] for name in sorted(names)})

    def groups(self, members: Mapping[str, list[str]]) -> None:
        """Make groups by name, of ids of users or groups."""
        for name, ids in members.items():
            body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in ids]}
            self._send("POST", "/Groups", body)

    def id_of(self, email: str) -> str:
        """The id of a user."""
        return next(str(one["id"]) for one in self._all("/Users") if one["userName"] == email)

    def group_id(self, name: str) -> str:
        """The id of a group."""
        return next(str(one["id"]) for one in self._all("/Groups") if one["displayName"] == name)

    def deactivate(self, email: str) -> None:
        operation = {"op": "replace", "path": "active", "value": False}
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
        self._send("PATCH", f"/Users/{self.id_of(email)}", body)

    def delete(self, email: str) -> None:
        self._send("DELETE", f"/Users/{self.id_of(email)}")

    def _all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._send("GET", f"{path}?count=1000").get("Resources", [])
        return found

    def _send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._client.request(method, path, json=body).raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


@contextmanager
def running(folder: Path) -> Iterator[ScimServer]:
    """A server with everything it needs in `folder`, empty, while the block runs. Skips where that cannot be."""
    servers = shared("servers")
    if servers is None:
        lacking("../shared/servers is not there")
    script = servers / "scim.sh"
    url = _started(script, folder)
    try:
        server = ScimServer(url, _run(script, "token", folder).strip())
        yield server
        server.close()
    finally:
        _run(script, "stop", folder)


def lacking(why: str) -> NoReturn:
    """Raises: pytest's skip, or its failure where a SCIM server is required."""
    words = f"no SCIM server here: {why}"
    if "scim" in os.environ.get("HANDOFF_REQUIRE", "").split(","):
        pytest.fail(words)
    pytest.skip(words)


def _started(script: Path, folder: Path) -> str:
    """The URL of the server. The script waits ten seconds, which a busy machine may need for imports."""
    for left in reversed(range(STARTS)):
        try:
            return _run(script, "start", folder, str(free_port()), SCIM_SEED="none").strip()
        except SlowStart:
            if not left:
                raise
    raise AssertionError("a start was tried at least once")


def _run(script: Path, command: str, folder: Path, *args: str, **env: str) -> str:
    done = subprocess.run(
        ["bash", str(script), command, str(folder), *args],
        env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    if "install failed" in done.stderr or "is missing" in done.stderr:
        lacking(done.stderr.strip().splitlines()[-1])
    if "did not come up" in done.stderr:
        raise SlowStart(done.stderr[-2000:])
    assert done.returncode == 0, f"scim.sh {command}: {done.stderr[-2000:]}"
    return done.stdout
