"""What a listener is given and what it gives back. Listeners write rows and return words; they call nobody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from automations.access.context import AccessContext
from automations.customer_context.context import CustomerContext
from automations.domain import Actor
from automations.escalation.context import EscalationContext
from automations.failure_tickets.context import Context
from automations.failure_tickets.team_types import StatusSummary
from automations.ports import HelpDesk
from automations.runs.context import RunContext
from automations.triage.context import TriageContext
from automations.weekly_report.context import ReportContext
from bot.listeners.after import After
from bot.listeners.interaction import Interaction
from bot.permissions import Identity, Permissions
from bot.rollback_side import restoring_contexts
from bot.views import Home, Message, Modal
from bot.views.texts import Look
from storage.engine import Database

Wrong = Callable[[Session, StatusSummary, datetime], Sequence[str]]
"""Says what is wrong now, the worst first."""


def nothing_known(_session: Session, _status: StatusSummary, _now: datetime) -> Sequence[str]:
    """Where nobody can tell what is wrong, as in a test of something else."""
    return ()


@dataclass(frozen=True, slots=True)
class Deps:
    """What all listeners share; built by `bot.slack_side`. `workspace_url` is where links to messages begin.

    `desk` is read only after an acknowledgement, see `Answer.fill`; None where there is none to ask.

    `access` is None where the settings say nothing of access; `access_place` is what its channel is called there.
    `customers` and `customers_place` are the same for customer context.
    `report`, `triage` and `escalation` are what every act of those is given; `report_place` is what the channel of
    reports is called there; `channels` are all that the settings name, id by name. `wrong` says what is wrong now.
    """

    database: Database
    ctx: Context
    permissions: Permissions
    look: Look
    after: After
    report: ReportContext
    triage: TriageContext
    escalation: EscalationContext
    workspace_url: str = ""
    desk: HelpDesk | None = None
    access: AccessContext | None = None
    access_place: str = "access"
    customers: CustomerContext | None = None
    customers_place: str = "customers"
    report_place: str = "reports"
    channels: Mapping[str, str] = field(default_factory=dict)
    wrong: Wrong = nothing_known

    @property
    def run_contexts(self) -> dict[str, RunContext]:
        """The contexts of the automations that have runs and are set up, by their names."""
        set_up = {one.automation: one for one in (self.access, self.customers) if one is not None}
        return {**set_up, **restoring_contexts(self.ctx, self.triage)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person gets.

    `outcome` says for the inbox in words what became of the interaction. At most one of the others is set: a private
    `message`, a `modal` to open, a `home` to show, or `errors` (block id -> words) that keep the form open. A message
    goes to `channel` if the interaction itself has no place; with `replace` it takes that of the private message that
    was clicked. `instead` takes the place of the form that was sent.
    `view` takes the place of the modal in which the click was; a message with a `channel` goes out beside it.
    `fill` makes, after the acknowledgement and outside of any transaction, what takes the place of `modal`, or of the
    modal in which the click was: it may ask the outside, and raises nothing that it can say in words.
    """

    outcome: str
    message: Message | None = None
    modal: Modal | None = None
    home: Home | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    replace: bool = False
    instead: Modal | None = None
    view: Modal | None = None
    fill: Callable[[], Modal] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One interaction on its way through: who did what, and whom it names (see `frame`), by Slack user id."""

    interaction: Interaction
    actor: Actor
    deps: Deps
    named: Mapping[str, Identity] = field(default_factory=dict)

    @property
    def chosen(self) -> Identity | None:
        """Whom it names, the first of several; None for nobody."""
        return next(iter(self.named.values()), None)


Run = Callable[[Session, Turn], Answer]
"""A listener: its effect on the session (the frame commits), and the answer. Raises Refused, NotFound, WireError or
UsageError with words for the person, and then has had no effect."""
