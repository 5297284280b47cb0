"""MuninX as the settings ask for it: inferred names reach the calls, and doctor says what has to be known."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from automations.adapters.muninx.desk import MuninxDesk
from automations.adapters.muninx.line import connect
from automations.errors import Rejected
from bot.cli.check_desk import check_people
from bot.desk import KINDS
from bot.desk_calls import calls_of, inferred_calls
from bot.desks.kind import Line
from bot.settings_desks import Desk
from tests.automations.adapters.contract import DRAFT, KEY
from tests.automations.adapters.muninx.room import Room
from tests.bot.test_settings import MINIMAL, loaded
from tests.desks.contract import HOST
from tests.desks.muninx import ADMIN_TOKEN, AGENT_TOKEN
from tests.support import FakeClock

NEEDED = {"kind": "muninx", "requester": "handoff@team.example"}


def test_all_doors_open_with_the_names_of_the_settings(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(clock)
    monkeypatch.setattr("bot.desks.muninx.connect", partial(connect, transport=room.held))

    def line(**muninx: Any) -> Line:
        section = Desk.model_validate(NEEDED | {"url": HOST, "muninx": muninx})
        return Line(section, ADMIN_TOKEN, room.budget, clock.now)

    kind = KINDS["muninx"]
    made = kind.desk(line(ticket_url="https://x.example/t/{id}")).create(DRAFT, key=KEY)
    assert made.url == f"https://x.example/t/{made.id}"
    assert kind.customers(line()).find_customer(domain="acme.example") is None
    assert kind.access(line()).agent("anna@team.example") is not None
    with pytest.raises(Rejected, match="title must not be blank"):
        kind.desk(line(names={"title": "subject"})).create(DRAFT, key=KEY)


@pytest.mark.parametrize(
    "wrong", [{"ticket_url": "https://x.example"}, {"names": {"title": ""}}, {"names": {"subject": "x"}}]
)
def test_what_no_request_could_be_made_of_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Desk.model_validate(NEEDED | {"url": "https://api.muninx.com", "muninx": wrong})


def doctors_words(desk: MuninxDesk, folder: Path) -> list[str]:
    section = f'[desk]\nkind = "muninx"\nurl = "{HOST}"\nrequester = "handoff@team.example"\n'
    settings = loaded(folder, MINIMAL + section).settings
    return [f"{finding.state} {finding.words}" for finding in check_people(desk, settings)]


def test_doctor_says_what_the_token_does_not_see(clock: FakeClock, tmp_path: Path) -> None:
    room = Room(clock)
    room.fake.tokens[AGENT_TOKEN] = "anna@team.example"
    said = "\n".join(doctors_words(room.desk(AGENT_TOKEN), tmp_path))
    assert "anna@team.example has the role agent" in said
    assert "Support" not in said, "a desk without groups misses no queue"
    assert "has the role" not in "\n".join(doctors_words(room.desk(), tmp_path))


def test_the_inferred_calls_bear_the_names_of_the_settings() -> None:
    section = Desk.model_validate(NEEDED | {"url": HOST, "muninx": {"names": {"title": "subject"}}})
    assert inferred_calls(section) == ["POST /tickets", "GET /tickets/{id}", "GET /tickets"]
    made = next(call for call in calls_of("muninx", section) if call.inferred)
    assert "subject" in made.body
    assert "title" not in made.body
