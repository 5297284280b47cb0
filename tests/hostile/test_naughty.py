"""Naughty texts through every field of every door: no fault, no ping, nothing Slack refuses, one line for each event.

At full count (`HANDOFF_NAUGHTY=all`) more than 515 of them, else every 29th.
"""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from automations.adapters.table_rows import Wrong, csv_table
from automations.errors import ConfigError
from automations.words import PersonRef
from bot.render import render
from bot.settings_file import load
from bot.views.case import case_message
from storage import stuck
from storage.engine import Database
from storage.models import Notification
from tests.automations.access import reconciled
from tests.automations.access.listed import person, user
from tests.automations.customer_context.ledgered import ledgered
from tests.automations.failure_tickets.groups_world import burst
from tests.automations.failure_tickets.world import World
from tests.bot.cli.conftest import TEAM
from tests.bot.http_world import HttpWorld, an_event
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import PEOPLE, Slack
from tests.bot.listeners.test_attacks import deeds, said
from tests.bot.views.checks import check, pings
from tests.bot.views.examples import CLAIMED, ESCALATED, LOOK, NOT_NEEDED, OPEN, RESOLVED
from tests.bot.views.test_hostile import poisoned
from tests.customer_terms import customers_of
from tests.figures.told import tell
from tests.hostile.naughty import ALL, SOME, STEP, storable
from tests.hostile.one_line import one_line_for_each
from tests.hostile.test_sinks import FIXTURES, filled
from tests.support import START, FakeClock, RecordingJobs

one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PARTS = 4
SENT = {
    "/v1/failures": an_event(),
    "/v1/failures/sentry": json.loads((FIXTURES / "sentry" / "event_alert.json").read_bytes()),
    "/v1/failures/alertmanager": json.loads((FIXTURES / "alertmanager" / "firing.json").read_bytes()),
}


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


@pytest.fixture
def slack(world: World) -> Iterator[Slack]:
    with closing(Slack(world, Access.on(world).ctx, customers_of(world.ctx))) as made:
        yield made


def shown(world: World, **contexts: Any) -> list[Any]:
    """Every message there is to send, as it would be sent."""
    with world.database.read() as session:
        return [render(session, row, world.ctx, **contexts) for row in session.scalars(select(Notification))]


def test_there_are_as_many_as_are_promised() -> None:
    assert len(ALL) >= 515


@one_kind
def test_http(world: World) -> None:
    """Every text of a failure of all three senders; what is taken is shown, what is not is refused in words."""
    port = HttpWorld(world, per_minute=10**9)
    taken = 0
    with one_line_for_each():
        for number, text in enumerate(SOME):
            for path, body in SENT.items():
                named = {"id": f"n{number}", "dedup_key": f"n{number}"} if path == "/v1/failures" else {}
                sent = filled(body, text) | named
                status = port.post(json.dumps(sent).encode(), path).status_code
                assert status in (202, 422), (path, text)
                taken += status == 202
            for query in ({"status": text}, {"limit": text}, {"owner": text}):
                if storable(text):
                    assert port.client.get("/v1/cases", params=query).status_code < 500, (query, text)
    assert taken > len(SOME)
    for made in shown(world):
        check(made)
        assert set(pings(made)) <= set(PEOPLE)
    tell("22", f"{len(SOME)} texts in every field of {len(SENT)} senders: 0 faults, 0 pings, 0 blocks refused")


@one_kind
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_slack(slack: Slack, world: World, part: int) -> None:
    """Commands, message shortcuts and forms, each field of each; a part of the texts at a time."""
    some = SOME[part::PARTS] if STEP == 1 else SOME[2 * part :: PARTS * 3]
    burst(world, 7)
    with one_line_for_each():
        for text in some:
            deeds(slack, "U_LEAD1", text)
    for made in said(world, slack):
        check(made)
        assert set(pings(made)) <= set(PEOPLE)
    tell(
        "22",
        f"{len(some)} texts in all commands, shortcuts and forms, part {part + 1} of {PARTS}: 0 faults, 0 pings",
    )


@one_kind
def test_the_source_of_people_and_the_desks_answers(world: World, clock: FakeClock, jobs: RecordingJobs) -> None:
    """Names, roles and groups of people as the identity source and the desk tell them."""
    here = reconciled.of(world.database, clock, jobs)
    for number, text in enumerate(one for one in SOME if storable(one)):
        here.team.users.append(user(f"n{number}@team.example", text, name=text, groups=(text,)))
        here.company.listed.append(person(f"n{number}@team.example", text, name=text))
    here.reconcile()
    made = shown(world, access=here.ctx)
    assert made
    for one in made:
        check(one)
        assert set(pings(one)) <= set(PEOPLE)


@one_kind
def test_a_table_of_customers(world: World, clock: FakeClock, jobs: RecordingJobs) -> None:
    here = ledgered(world.database, clock, jobs)
    for number, text in enumerate(SOME):
        here.source.put(f"N-{number}{text[:20]}", name=text, domains=text, tier=text)
        here.source.put(f"M-{number}", name=text, domains=f"n{number}.example", tier="pro")
    here.sync()
    made = shown(world, customers=here.ctx)
    assert made
    for one in made:
        check(one)
        assert set(pings(one)) <= set(PEOPLE)


@one_kind
def test_what_a_desk_says_that_refuses(slack: Slack, world: World) -> None:
    """The failure queue shows it."""
    for number, text in enumerate(one for one in SOME if storable(one)):
        with world.database.begin() as session:
            stuck.add(
                session, job="ticket", key=f"k{number}", args={"case_id": 1}, target=text[:255] or "x",
                owner="lea@team.example", reason=text, attempts=1, at=START,
            )  # fmt: skip
        slack.command("U_LEAD1", "stuck")
        check(slack.told()[-1][2])
        assert pings(slack.told()[-1][2]) == []


def test_a_file_of_csv_and_one_of_settings(tmp_path: Path) -> None:
    """Both are read, or refused in words."""
    refusals = [words for text in SOME for words in (*_of_csv(text), *_of_settings(text, tmp_path / "team.toml"))]
    assert len(refusals) > len(SOME)
    assert all(words.strip() for words in refusals)


def _of_csv(text: str) -> Iterator[str]:
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\r\n").writerows([["id", text], ["1", text]])
    for content in (table.getvalue(), f"id,name\r\n1,{text}\r\n", f"{text}\n{text}"):
        try:
            list(csv_table(content).rows)
        except Wrong as wrong:
            yield str(wrong)


def _of_settings(text: str, path: Path) -> Iterator[str]:
    for key in ('zone = "Europe/Oslo"', 'failures = "C_FAILURES"', 'name = "billing"', 'name = "Mara Lind"'):
        word = json.dumps(text.encode("ascii", "ignore").decode())
        path.write_text(TEAM.replace(key, f"{key.partition(' = ')[0]} = {word}"), encoding="utf-8")
        try:
            load(path, {})
        except ConfigError as refused:
            yield str(refused)


@pytest.mark.parametrize("card", [OPEN, CLAIMED, ESCALATED, RESOLVED, NOT_NEEDED], ids=lambda card: str(card.status))
def test_every_text_of_a_case(card: Any) -> None:
    for text in SOME:
        made = case_message(poisoned(card, text, PersonRef(text, text)), LOOK, first_post=True)
        check(made)
        assert pings(made) == []
