"""A team with access set up, and runs in every state that people can meet: planned by a kind of the tests' own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update

from automations.access.context import AccessContext
from automations.access.fixes import as_row
from automations.access.rules import AccessRules, RoleRule
from automations.domain import HANDOFF, Actor, Mode, Role
from automations.plan import Plan, RunState, Step, StepState, digest_of
from automations.runs.approve import approve
from automations.runs.ask import ask
from automations.runs.kinds import Asked, RunKind
from automations.runs.propose import propose
from bot.listeners.runs import OF_A_STEP
from bot.wire_runs import FindingAct, FindingButton, RunAct, RunButton
from storage.models import AccessBlock, Finding, Run, RunStep
from tests.automations.failure_tickets.world import LEA, World

SAM = Actor("U_ADMIN", "Sam Okoro", "sam@team.example", Role.ADMIN)
RULES = AccessRules(
    roles=(
        RoleRule(name="agent", desk_role="agent", groups=("Support", "Tier 2")),
        RoleRule(name="team lead", desk_role="admin", privileged=True),
    )
)
STEPS = (
    Step("desk.suspend", "ben@team.example", "active", "suspended", "Suspend in the desk", undo="Let in", urgent=True),
    Step("desk.group", "ben@team.example", "in", "out", "Out of Support", undo="Back into Support"),
    Step("hand.task", "ben@team.example", "", "", "Slack account", by_hand="Deactivate it", owner="anna@team.example"),
    Step("invitation.accepted", "ben@team.example", "not yet", "accepted", "Invitation accepted", waits=True),
)


@dataclass(frozen=True)
class NoRooms:
    """Everybody may read everything."""

    def leads(self) -> tuple[str, ...]:
        return ("U_LEAD1", "U_ADMIN")

    def is_member(self, channel: str, user: str) -> bool:
        return False


@dataclass
class Access:
    """Access of one team, and ways to make its rows."""

    world: World
    ctx: AccessContext

    @classmethod
    def on(cls, world: World, mode: Mode = Mode.ASK) -> "Access":
        ctx = world.ctx
        return cls(
            world,
            AccessContext(
                roster=ctx.roster,
                zone=ctx.book.zone,
                jobs=ctx.jobs,
                clock=ctx.clock,
                redactor=ctx.redactor,
                automation="access",
                mode=mode,
                channel="C_ACCESS",
                owner="lea@team.example",
                rules=RULES,
                desk_system="builtin",
                desk_title="The built-in desk",
            ),
        )

    def runs(self) -> list[Run]:
        with self.world.database.read() as session:
            return list(session.scalars(select(Run).order_by(Run.id)))

    def run(self, number: int) -> Run:
        with self.world.database.read() as session:
            return session.get_one(Run, number)

    def asked(self, kind: str = "offboard", subject: str = "ben@team.example", actor: Actor = LEA) -> int:
        """A run that is asked for and not planned yet."""
        with self.world.begin() as session:
            return ask(session, kind, subject, {}, actor, self.ctx).id

    def proposed(
        self,
        kind: str = "offboard",
        subject: str = "ben@team.example",
        *,
        needed: int = 1,
        steps: tuple[Step, ...] = STEPS,
        actor: Actor = LEA,
    ) -> int:
        """A run whose plan waits for people."""

        def plan(asked: Asked, _ctx: object) -> Plan:
            return Plan(kind, asked.subject, f"{kind} {asked.subject}", steps, approvals=needed, why_two="it is so")

        number = self.asked(kind, subject, actor)
        propose(self.world.database, number, RunKind(kind, plan, hidden=True), NoRooms(), self.ctx)
        assert self.run(number).state == RunState.PROPOSED
        return number

    def approved(self, kind: str = "offboard", subject: str = "ben@team.example", by: Actor = LEA) -> int:
        """A run that was confirmed by one person."""
        number = self.proposed(kind, subject)
        with self.world.begin() as session:
            approve(session, number, self.run(number).digest, by, self.ctx)
        return number

    def settled(self, number: int, state: RunState, steps: Iterable[StepState] = (), **values: Any) -> int:
        """Let a run and its first steps be in these states, as the runner would leave them."""
        open_key = None if state.ended or state in (RunState.PARTIAL, RunState.FAILED) else f"test/{number}"
        with self.world.begin() as session:
            changes = {"state": state.value, "open_key": open_key, **values}
            session.execute(update(Run).where(Run.id == number).values(changes))
            for position, one in enumerate(steps, start=1):
                where = RunStep.run_id == number, RunStep.number == position
                session.execute(update(RunStep).where(*where).values(state=one.value))
        return number

    def button(self, number: int, act: RunAct, step: int = 0, *, digest: str | None = None) -> RunButton:
        """The button as the run's message bears it now, or with another digest; of a step the first one."""
        step = step or int(act in OF_A_STEP)
        return RunButton(number, act, self.run(number).digest if digest is None else digest, step)

    def finding(self, number: int, act: FindingAct) -> FindingButton:
        """The button as the message bears it now."""
        with self.world.database.read() as session:
            row = session.get_one(Finding, number)
        return FindingButton(number, act, row.digest, row.run_id, row.kind)

    def compared(self, *subjects: str) -> int:
        """A reconciliation that is done, with one finding that can be mended for each of these."""
        number = self.settled(self.proposed("reconcile", "", steps=STEPS[:1]), RunState.DONE)
        now = self.world.clock.now()
        with self.world.begin() as session:
            session.execute(update(Run).where(Run.id == number).values(plan={"people": 40, "agents": 40}))
            for subject in subjects:
                fix = [as_row(replace(STEPS[0], target=subject))]
                digest = digest_of("left_active", subject)
                row = Finding(
                    key=f"left_active/builtin/{subject}", kind="left_active", subject=subject, name=subject,
                    words="left and is still active", fix=fix, digest=digest, privileged=False, state="open",
                    first_seen=now, last_seen=now, run_id=number, owner="", reason="",
                )  # fmt: skip
                session.add(row)
        return number

    def block(self, email: str) -> None:
        """Take somebody's access to Handoff away."""
        number = self.settled(self.asked("offboard", email, HANDOFF), RunState.DONE)
        with self.world.begin() as session:
            row = AccessBlock(email=email, run_id=number, since=self.world.clock.now(), set_by="handoff")
            session.add(row)

    def off(self) -> "Access":
        """The same, switched off in the settings."""
        return replace(self, ctx=replace(self.ctx, mode=Mode.OFF))
