"""Every desk that can be followed against what that promises; and the order in which the built-in one tells things."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from automations.adapters.builtin.desk import BuiltinDesk
from automations.adapters.builtin.people import DeskWork
from automations.domain import IdempotencyKey, TicketChange
from storage.engine import Database
from storage.models import DeskMessage
from tests.automations.adapters.contract import AGENTS, DRAFT, GROUPS, KEY
from tests.automations.adapters.followed import BEN, CAUSE, FollowedDeskContract
from tests.remote_desk.adapter import RemoteDesk
from tests.serving import Process
from tests.support import FakeClock


def seeded(database: Database, clock: FakeClock) -> BuiltinDesk:
    desk = BuiltinDesk(database, clock, "https://bot.example", (CAUSE,))
    for group in GROUPS:
        desk.ensure_group(group)
    for name, email in AGENTS:
        desk.ensure_agent(name, email)
    return desk


class TestBuiltinDesk(FollowedDeskContract):
    @pytest.fixture
    def desk(self, database: Database, clock: FakeClock) -> BuiltinDesk:
        return seeded(database, clock)

    @pytest.fixture
    def people(self, desk: BuiltinDesk) -> DeskWork:
        return desk.work


@dataclass
class RemotePeople:
    """People at work in the desk that runs in a process of its own."""

    http: httpx.Client

    def act(self, ticket: str, kind: str, by: str | None, **more: Any) -> None:
        names = {email: name for name, email in AGENTS}
        who = {"name": names[by], "email": by} if by else {"name": "Acme GmbH", "email": None}
        self.http.post("/_act", json={"ticket": int(ticket), "kind": kind, "by": who, **more}).raise_for_status()

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        wanted = {name: getattr(change, name) for name in ("status", "priority", "assignee", "group", "parent")}
        self.act(
            ticket, "change", by, change={name: value or None for name, value in wanted.items() if value is not None}
        )

    def note(self, ticket: str, text: str, *, by: str) -> None:
        self.act(ticket, "internal", by, text=text)

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        self.act(ticket, "public", by, text=text)

    def customer_replies(self, ticket: str, text: str) -> None:
        self.act(ticket, "customer", None, text=text)

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        self.act(ticket, "merge", by, into=into)

    def delete(self, ticket: str, *, by: str) -> None:
        self.act(ticket, "delete", by)


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("desk")
    with Process("tests.remote_desk.server", ("--data", str(folder))) as server:
        yield server.url


class TestRemoteDesk(FollowedDeskContract):
    @pytest.fixture
    def desk(self, remote: str) -> Iterator[RemoteDesk]:
        desk = RemoteDesk(remote)
        desk.client.post("/_reset").raise_for_status()
        desk.client.post("/_required", json=[{"id": CAUSE.id, "label": CAUSE.label, "options": list(CAUSE.options)}])
        yield desk
        desk.client.close()

    @pytest.fixture
    def people(self, desk: RemoteDesk) -> RemotePeople:
        return RemotePeople(desk.client)


def test_a_change_that_is_committed_late_is_not_passed_over(database: Database, clock: FakeClock) -> None:
    """While one writer hesitates before its commit, what comes after it is not told first."""
    if database.dialect == "sqlite":
        pytest.skip("one writer at a time")
    desk = seeded(database, clock)
    slow, fast = desk.create(DRAFT, key=KEY).id, desk.create(DRAFT, key=IdempotencyKey("handoff-fast")).id
    begin = desk.changed(None).cursor
    wrote, go_on = threading.Event(), threading.Event()

    def hesitating() -> None:
        with desk.tables.writing() as session:
            desk_message(session, int(slow), clock)
            wrote.set()
            assert go_on.wait(10)

    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(hesitating)
        assert wrote.wait(10)
        quick = pool.submit(desk.work.note, fast, "quick", by=BEN)
        seen = desk.changed(begin)
        go_on.set()
        late.result(10)
        quick.result(10)
    found = {*seen.tickets, *desk.changed(seen.cursor).tickets}
    assert found == {slow, fast}


def desk_message(session: Any, ticket: int, clock: FakeClock) -> None:
    line = {"ticket_id": ticket, "key": None, "at": clock.now(), "author": BEN, "kind": "internal", "body": "slow"}
    session.add(DeskMessage(**line))
    session.flush()
