"""kill -9 in an offboarding, at every place between what was observed and the end of the run. Then a restart.

People go on where the kill stopped them: who sees that nothing has happened asks, confirms or states it again. Each
boundary is played on SQLite; with more rounds also at later passages, in turn, and on PostgreSQL.
"""

import re
import signal
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from automations.adapters.builtin.access import BuiltinAccess
from automations.plan import RunState, StepState
from automations.runs.card import run_ref
from bot import reload
from bot.parts import SystemClock
from storage import audit
from storage.engine import Database
from storage.models import (
    AccessBlock,
    AuditEntry,
    Case,
    ConfigReload,
    DeskMembership,
    DeskUser,
    Run,
    RunApproval,
    RunStep,
)
from tests.faults import team
from tests.faults.checks import check_whole, settled, unfinished_jobs
from tests.faults.room import PAUSE, Json, Room, Sender, failure, until
from tests.faults.test_kill import EITHER, PEOPLE, ROUNDS, RUNS

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("quick"), pytest.mark.timeout(180)]

ASKS, CONFIRMS, LEAVES = "U_LEAD1", "U_LEAD2", "U_AGENT3"
LEAVER, SUCCESSOR = PEOPLE[LEAVES], PEOPLE[CONFIRMS]
GROUP, LANE = "Support", 1
PATIENCE_S = 30.0
BY_HAND = 5
"""What only people do: settings and upstream, which are read back; Slack, sessions in the desk, a shared password."""
PASSAGES = {
    "run.planned": (1,),
    "run.proposed": (1,),
    "step.begun": (1, 3, 5),
    "step.called": (1, 3, 4),
    "step.made": (1, 3, 5),
    "step.ended": (1, 3, 5),
    "run.rested": (BY_HAND + 1, 1, 2),
}
"""At which passages the bot is killed in turn, the first of them by default.

A run rests while people have something to do, and once more after each thing they did; the last time it ends.
"""
KILLS = [(boundary, PASSAGES[boundary][turn % len(PASSAGES[boundary])]) for boundary in RUNS for turn in range(ROUNDS)]
ACCESS = f"""
[access]
mode = "ask"
channel = "access"
owner = "{PEOPLE[ASKS]}"
by_hand = ["Change the password of the shared mailbox"]

[[access.roles]]
name = "agent"
desk_role = "agent"
groups = ["{GROUP}"]

[identity]
kind = "file"
"""


@dataclass(frozen=True)
class Leaving:
    """What people do until a colleague is gone; each step goes on until it is seen to be done."""

    database: Database
    room: Room
    sender: Sender
    upstream: Path

    def play(self) -> None:
        self.at_work()
        until(self.asks, "a run that was asked for", PATIENCE_S)
        until(lambda: self.run().state == RunState.PROPOSED and self.buttons("plan.confirm"), "a plan", PATIENCE_S)
        agent = BuiltinAccess(self.database)
        assert list(agent.memberships(LEAVER)) == [GROUP], "nobody has confirmed"
        until(self.confirms, "a run that was confirmed", PATIENCE_S)
        until(lambda: len(self.waiting()) == BY_HAND, "what people have to do", PATIENCE_S)
        write_people(self.upstream, without=LEAVER)
        self.unnamed()
        for left in range(BY_HAND, 0, -1):
            if left == 1:  # so that the run does not end in the turn after the one before
                until(lambda: not unfinished_jobs(self.database), "jobs at rest", PATIENCE_S)
            until(partial(self.states, left), f"{left - 1} steps that wait for people", PATIENCE_S)

    def at_work(self) -> None:
        """Who leaves has a case with its ticket, and is in a group of the desk."""
        self.sender.send(failure("e1", key="k1", lane=LANE))
        settled(self.database)
        ((channel, message),) = self.room.slack.everywhere()
        assert self.room.slack.click(LEAVES, channel, message["ts"])["acked"]
        settled(self.database)
        assert [ticket["assignee"] for ticket in self.room.desk.tickets()] == [LEAVER]
        BuiltinAccess(self.database).join(LEAVER, GROUP)

    def asks(self) -> bool:
        with self.database.read() as session:
            if session.scalar(select(func.count()).select_from(Run)):
                return True
        text = f"{LEAVER} to {SUCCESSOR} because the contract ends"
        self.act("command", ASKS, command="/support-offboard", text=text)
        return False

    def confirms(self) -> bool:
        for message, value in self.buttons("plan.confirm"):
            self.act("click", CONFIRMS, ts=message["ts"], action_id="plan.confirm", value=value)
        return self.run().approved_at is not None

    def states(self, left: int) -> bool:
        """State that one of what is left is done. True once one of them does not wait any more."""
        if len(self.waiting()) < left:
            return True
        for message, value in self.buttons("step.done_by_hand")[:1]:
            self.act("click", ASKS, ts=message["ts"], action_id="step.done_by_hand", value=value)
        return False

    def unnamed(self) -> None:
        """Take who leaves out of the settings, and have them read again."""
        text = self.room.settings.read_text("utf-8")
        entry = re.compile(rf'\[\[people\]\]\nname = "[^"]+"\nemail = "{re.escape(LEAVER)}"\nslack = "{LEAVES}"\n')
        fresh = entry.sub("", text).replace(f', "{LEAVER}"', "")
        assert LEAVER not in fresh
        put(self.room.settings, fresh)
        with self.database.begin() as session:
            asked = reload.ask(session, by="os:faults", clock=SystemClock())
        until(lambda: self.reloaded(asked) == "taken", "settings that were read again", PATIENCE_S)

    def reloaded(self, asked: int) -> str:
        with self.database.read() as session:
            return session.get_one(ConfigReload, asked).state

    def act(self, act: str, user: str, **body: str) -> None:
        self.room.slack.act(act, user=user, channel=team.ACCESS, **body)
        PAUSE.wait(0.1)

    def buttons(self, act: str) -> list[tuple[Json, str]]:
        """Every button for this act in the channel, with its message."""
        messages = self.room.slack.messages(team.ACCESS)
        return [(one, value) for one in messages for value in re.findall(rf"run:\d+:{act}:\w*:\d+", str(one))]

    def run(self) -> Run:
        with self.database.read() as session:
            return session.scalars(select(Run)).one()

    def waiting(self) -> list[RunStep]:
        with self.database.read() as session:
            return list(session.scalars(select(RunStep).where(RunStep.state == StepState.WAITING)))


@pytest.mark.parametrize(("boundary", "passage"), KILLS)
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_while_somebody_is_offboarded(database: Database, room: Room, boundary: str, passage: int) -> None:
    upstream = room.folder / "people.csv"
    write_people(upstream)
    give_access(room.settings, upstream)
    leaving = Leaving(database, room, room.sender(), upstream)
    with room.threads(1) as people:
        played = people.submit(leaving.play)
        with room.bot(database.url, crash_at=f"{boundary}:{passage}") as bot:
            assert bot.wait(60) == -signal.SIGKILL
        with room.bot(database.url):
            played.result()
            settled(database)
    check_whole(database, room, leaving.sender.results.values(), cases=1)
    check_steps(database)
    check_gone(database, room)
    check_one_card(room, leaving.run())


def check_steps(database: Database) -> None:
    """One run, done; it was confirmed by two before anything was applied, and each step was settled once."""
    with database.read() as session:
        run = session.scalars(select(Run)).one()
        steps = list(session.scalars(select(RunStep).order_by(RunStep.number)))
        said_yes = set(session.scalars(select(RunApproval.by)))
        told = [
            (entry.action, entry.after or {}) for entry in audit.entries(session, limit=None, target=run_ref(run.id))
        ]
    assert (run.kind, run.state, said_yes) == ("offboard", RunState.DONE, {PEOPLE[ASKS], PEOPLE[CONFIRMS]})
    actions = [action for action, _ in told]
    once = ("run.asked", "plan.proposed", "plan.approved", "plan.observed_again", "run.done")
    assert [actions.count(action) for action in once] == [1] * len(once)
    assert actions.index("plan.approved") < min(n for n, action in enumerate(actions) if action.startswith("step."))
    ended = Counter(after["step"] for action, after in told if action in ("step.verified", "step.by_hand"))
    assert ended == Counter({step.number: 1 for step in steps if step.by_hand or step.before != step.after})
    assert {step.state for step in steps} == {StepState.VERIFIED, StepState.BY_HAND}
    assert not {"step.failed", "step.unknown"} & set(actions)


def check_gone(database: Database, room: Room) -> None:
    """Who left can do nothing any more, and what was theirs has one new owner."""
    with database.read() as session:
        user = session.scalars(select(DeskUser).where(DeskUser.email == LEAVER)).one()
        groups = select(func.count()).select_from(DeskMembership).where(DeskMembership.user_id == user.id)
        assert (user.state, session.scalar(groups)) == ("suspended", 0)
        blocked = select(func.count()).where(AccessBlock.email == LEAVER, AccessBlock.lifted_at.is_(None))
        assert session.scalar(blocked) == 1
        assert session.scalars(select(Case.owner)).all() == [SUCCESSOR]
        handed_over = select(func.count()).where(AuditEntry.target == "CASE-1", AuditEntry.action == "case.reassigned")
        assert session.scalar(handed_over) == 1
    assert [ticket["assignee"] for ticket in room.desk.tickets()] == [SUCCESSOR]


def check_one_card(room: Room, run: Run) -> None:
    """One living message in the channel, with nothing left to press but what takes the run back."""
    (message,) = room.slack.messages(team.ACCESS)
    assert message["metadata"]["event_payload"]["key"] == f"run/{run.id}"
    assert [act for act in ("plan.confirm", "step.done_by_hand") if act in str(message)] == []
    lines = Counter(line["metadata"]["event_payload"]["key"] for line in room.slack.thread(team.ACCESS, message["ts"]))
    assert set(lines.values()) <= {1}, "a line is there twice"


def write_people(path: Path, *, without: str = "") -> None:
    """Everybody of the team, as another system writes them; `without` is active no more."""
    rows = "".join(f"{email},{'false' if email == without else 'true'}\n" for email in PEOPLE.values())
    put(path, f"email,active\n{rows}")


def put(path: Path, text: str) -> None:
    """Write a file that somebody else may be reading."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def give_access(settings: Path, upstream: Path) -> None:
    """Give the demo's settings rules of access for this test, over the desk that lies in the bot's own database."""
    text = settings.read_text("utf-8")
    assert text.count("[access]\n") == text.count("[[rotations]]\n") == 1
    before, _, rest = text.partition("[access]\n")
    after = rest[rest.index("[[rotations]]\n") :]
    settings.write_text(f'{before}{after}{ACCESS}path = "{upstream}"\n', "utf-8")
