"""Plans for tests of commands about runs: a small outside of values, kinds of run over it, and a bot in the test."""

from dataclasses import dataclass, field, replace

from automations.domain import Actor, IdempotencyKey, Role
from automations.errors import Rejected
from automations.plan import Plan, RunState, Step
from automations.runs.advance import Runner
from automations.runs.approve import approve
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.kinds import Asked, RunKind
from automations.runs.rows import steps_of
from storage.engine import Database
from storage.models import Run

MARA = Actor("U_LEAD1", "Mara Lind", "mara.lind@example.com", Role.LEAD)
INES = Actor("U_AGENT1", "Ines Holt", "ines.holt@example.com", Role.LEAD)


@dataclass
class Outside:
    """Values by target. What is named in `broken` refuses to change; nobody can read what is not there."""

    values: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def look(self, step: Step) -> str | None:
        return self.values.get(step.target)

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        assert key, "every call bears a key"
        if step.target in self.broken:
            raise Rejected(f"the desk refuses {step.target}", system="small")
        self.values[step.target] = value


class Nobody:
    """Slack's rooms, with nobody in them."""

    def leads(self) -> tuple[str, ...]:
        return ("U_LEAD1", "U_LEAD2")

    def is_member(self, channel: str, user: str) -> bool:
        return False


@dataclass
class Plans:
    """Whatever `steps` are is what the next run is going to do; `go` does what a running bot does."""

    database: Database
    context: RunContext
    outside: Outside = field(default_factory=Outside)
    steps: tuple[Step, ...] = ()
    approvals: int = 1

    def ask(self, actor: Actor = MARA, *, subject: str = "new@example.com", kind: str = "provision") -> int:
        """Ask for a run and have it planned."""
        with self.database.begin() as session:
            run_id = ask(session, kind, subject, {"reason": "starts on Monday"}, actor, self.context).id
        self.runner.plan(run_id)
        return run_id

    @property
    def runner(self) -> Runner:
        kinds = {name: RunKind(name, self._plan) for name in ("provision", "offboard", "suspend")}
        return Runner(self.database, kinds, {"value": self.outside}, Nobody(), lambda _automation: self.context)

    def confirm(self, run_id: int, actor: Actor) -> None:
        """Say yes to the plan as it is, and have it carried out."""
        with self.database.begin() as session:
            approve(session, run_id, session.get_one(Run, run_id).digest, actor, self.context)
        self.go()

    def go(self) -> None:
        """Plan what was asked for, carry out what was confirmed, look at what waits."""
        with self.database.read() as session:
            ids = [run.id for run in session.query(Run).order_by(Run.id)]
        for run_id in ids:
            self.runner.plan(run_id)
            while self.runner.advance(run_id):
                pass

    def stated(self, run_id: int, number: int, by: Actor) -> None:
        """What the bot does when somebody says that a step is done."""
        self.runner.look(run_id, number, by.email or "")
        self.go()

    def state(self, run_id: int) -> tuple[RunState, list[str]]:
        """How far a run is, and its steps."""
        with self.database.read() as session:
            return RunState(session.get_one(Run, run_id).state), [row.state for row in steps_of(session, run_id)]

    def _plan(self, asked: Asked, _ctx: object) -> Plan:
        steps = tuple(replace(one, before=self.outside.values.get(one.target, one.before)) for one in self.steps)
        return Plan(
            asked.kind, asked.subject, f"Give {asked.subject} access", steps,
            facts=(("Role", "agent"),), warnings=("The invitation cannot be called back.",),
            approvals=self.approvals, why_two="they administrate the desk" if self.approvals > 1 else "",
        )  # fmt: skip


def a_step(target: str = "groups", *, undo: str = "Take out again", by_hand: str = "", owner: str = "") -> Step:
    """Turn a value from `out` to `in`."""
    words = f"Put into {target}"
    return Step("value", target, "out", "in", words, undo=undo, by_hand=by_hand, owner=owner)
