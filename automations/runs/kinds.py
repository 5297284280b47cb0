"""What an automation brings to runs: how a kind of run is planned, and how one thing is looked at and made true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.orm import Session

from automations.domain import IdempotencyKey
from automations.plan import Plan, Step
from automations.runs.context import RunContext
from storage.models import Run


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked for. `subject` is an e-mail address or empty; `options` are plain JSON values by name.

    `requested_by` is an e-mail address, `handoff` for a schedule, `os:<user>` for the terminal. The option `slack` is
    the subject's Slack user id, where the team's list does not know it.
    """

    run_id: int
    kind: str
    subject: str
    requested_by: str
    options: Mapping[str, Any] = field(default_factory=dict)


class Action(Protocol):
    """How one kind of step is looked at and made true. Raises only `AdapterError`, `Refused` and `NotFound`.

    Values are texts of the action's own (`in`, `out`; `active`, `suspended`; a role): those of a step's `before` and
    `after`.
    """

    def look(self, step: Step) -> str | None:
        """The value as it is outside now. None: nothing can read it."""

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        """Make the value true. True already is success. Undo calls it with what was before.

        For a step that `waits` it is called only when a person asks to send it again (an invitation).
        """


Actions = Mapping[str, Action]
"""Every action by the kind of its steps."""


@dataclass(frozen=True, slots=True)
class RunKind:
    """One kind of run.

    `plan` observes through its doors and plans; it raises Refused where the request cannot be planned (with what is
    known, and that nothing was changed), AdapterError where the outside does not answer. `hidden`: the subject must
    never see, confirm or cancel it. `proposed` is called in the transaction that proposes the plan, `rested` in the one
    in which a run comes to its end (also each time it comes to rest, and when it was taken back), so that the
    automation's own rows follow; for one that people cancelled or that expired, in a job right after. A repeat of it
    must do no harm.
    `reviewed`: what is confirmed of it waits for a second person to look at it afterwards.
    `undoable`: people may take it back. `observed_again`: before its first step the world is looked at once more.
    `in_parts`: a step makes many things true, so one that failed may have changed some of them. It is taken back too,
    and its action then looks at what is still as the step left it.
    """

    name: str
    plan: Callable[[Asked, RunContext], Plan]
    hidden: bool = False
    reviewed: bool = False
    undoable: bool = True
    observed_again: bool = True
    in_parts: bool = False
    proposed: Callable[[Session, Run, RunContext], None] | None = None
    rested: Callable[[Session, Run, RunContext], None] | None = None


Kinds = Mapping[str, RunKind]
"""Every kind by its name."""


def let_hear(kind: RunKind | None, session: Session, run: Run, ctx: RunContext) -> None:
    """Let a kind's own rows follow a run that came to its end. None: a kind this version of Handoff does not know."""
    if kind is not None and kind.rested is not None:
        kind.rested(session, run, ctx)


class Rooms(Protocol):
    """Who is where in Slack. Asked in jobs only. Raises `AdapterError`."""

    def leads(self) -> tuple[str, ...]:
        """The Slack user ids of everybody who may confirm, in order."""

    def is_member(self, channel: str, user: str) -> bool:
        """Whether this Slack user is in the channel."""
