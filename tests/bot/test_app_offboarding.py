"""Row 26 of the figures, in a whole bot: one of the systems somebody leaves does not answer for a while."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from automations.adapters.builtin.access import BuiltinAccess
from automations.errors import Unavailable
from bot.app import Bot
from bot.workspace import WorkspaceServer
from storage import audit
from storage.models import AccessBlock, Notification, Run
from tests.bot.bot_room import messages, running, settings_for, workspace
from tests.bot.test_app_runs import RAVI, agent, command, press, run_when, steps, until, with_access
from tests.figures.told import tell

WITHIN_S: Final = 300
AWAY: Final = "the desk answered 503"
NOT_YET: Final = f"not verified yet: {AWAY}"
BY_DESK: Final = {f"desk.suspend {RAVI}", f"desk.seat {RAVI}"}
"""The steps that cannot be done meanwhile."""


class Desk:
    """The built-in desk's way of taking access away, which can be out of order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = True
        self.tried = 0
        for name in ("suspend", "remove"):
            monkeypatch.setattr(BuiltinAccess, name, self._instead_of(getattr(BuiltinAccess, name)))

    def _instead_of(self, original: Any) -> Any:
        def tried(access: BuiltinAccess, email: str) -> None:
            self.tried += 1
            if self.away:
                raise Unavailable(AWAY, system="builtin")
            original(access, email)

        return tried


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


@pytest.fixture
def bot(slack: WorkspaceServer, tmp_path: Path) -> Iterator[Bot]:
    with running(settings_for(tmp_path, slack.base_url, with_access)) as bot:
        yield bot


def card(bot: Bot, slack: WorkspaceServer, run: Run) -> str:
    """What the lead reads of the run."""
    with bot.database.read() as session:
        row = session.scalars(select(Notification).where(Notification.key == f"run/{run.id}/to/U_LEAD1")).one()
    (shown,) = (one for one in messages(slack, row.posted_channel or "") if one["ts"] == row.ts)
    return json.dumps(shown["blocks"], ensure_ascii=False)


def blocked(bot: Bot) -> list[str]:
    with bot.database.read() as session:
        return list(session.scalars(select(AccessBlock.email).where(AccessBlock.lifted_at.is_(None))))


def in_progress(states: dict[str, str]) -> set[str]:
    return {step for step, state in states.items() if state == "in_progress"}


def test_what_one_system_does_not_take_away_is_seen_as_not_yet_off_and_tried_until_it_is(
    bot: Bot, slack: WorkspaceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(monkeypatch)
    command(slack, "U_LEAD1", "offboard", f"{RAVI} to ines.holt@example.com because they leave")
    leaving = run_when(bot, "offboard", "proposed")
    press(bot, slack, "U_LEAD2", leaving, "plan.confirm")
    confirmed = time.monotonic()
    until(lambda: steps(bot, leaving), lambda seen: "planned" not in seen.values() and in_progress(seen) == BY_DESK)
    not_yet = until(lambda: card(bot, slack, leaving), lambda shown: shown.count(NOT_YET) == len(BY_DESK))
    assert in_progress(steps(bot, leaving)) == BY_DESK
    assert (agent(bot, RAVI), blocked(bot)) == ("active", [RAVI]), "what needs no desk is true, and no card says more"
    assert "Offboard Ravi Nair" in not_yet
    assert "🟢 Suspend" not in not_yet

    desk.away = False
    until(lambda: agent(bot, RAVI), lambda state: state is None)
    until(lambda: steps(bot, leaving), lambda seen: {seen[step] for step in BY_DESK} == {"verified"})
    within = time.monotonic() - confirmed
    until(lambda: card(bot, slack, leaving), lambda shown: NOT_YET not in shown)
    tell(
        "26",
        f"one of the systems away for {desk.tried} tries: the rest was done meanwhile, the card said what was not off "
        f"yet, and all was off {within:.0f} s after the confirmation",
        reached=within < WITHIN_S,
    )
    with bot.database.read() as session:
        assert audit.verify(session).ok
