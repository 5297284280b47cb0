"""The automations of one bot side by side: the jobs of all of them, what they do by the clock and at a start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from automations.ports import CustomerBook, HelpDesk
from bot.access_parts import AccessDoors
from bot.access_side import AccessSide
from bot.conversation_side import ConversationSide
from bot.customer_effects import OpenTicketEffects
from bot.customer_files import full_lists
from bot.customer_notices import CustomerNotices
from bot.customers_side import CustomersSide, open_customer_doors
from bot.delivery import Delivery
from bot.engine import JobSpec
from bot.gateway import SlackGateway
from bot.jobs import Work
from bot.live import Live
from bot.mirror_side import MirrorSide, Reader
from bot.report_files import drawers
from bot.report_side import READ_EVERY, ReportSide
from bot.retention_side import RetentionSide
from bot.rollback_side import RestoringSide, WithdrawingSide
from bot.rooms import SlackRooms
from bot.runs_side import RunsSide
from bot.schedule import Here, Once
from bot.stuck_owners import StuckOwners
from bot.triage_files import PICTURES
from bot.watch_acts import TicketActs
from bot.watch_side import WatchSide
from storage.engine import Database

ESCALATIONS_S: Final = 5.0
DUE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Sides:
    """Everything that works by jobs. `look_every` is how often the desk is looked at for what people did there."""

    work: Work
    reports: ReportSide
    access: AccessSide
    customers: CustomersSide
    runs: RunsSide
    mirror: MirrorSide
    watch: WatchSide
    conversations: ConversationSide
    notices: CustomerNotices
    owners: StuckOwners
    retention: RetentionSide
    look_every: timedelta

    def specs(self) -> tuple[JobSpec, ...]:
        """Every job, ready for the engine."""
        sides = self.work, self.runs, self.access, self.customers, self.reports, self.watch, self.notices
        several = [spec for side in sides for spec in side.specs()]
        return (*several, self.mirror.spec(), self.conversations.spec(), self.owners.spec(), *self.retention.specs())

    def timetable(self) -> Sequence[Here | Once]:
        """What happens by the clock."""
        work = self.work
        return (
            Here("escalations", ESCALATIONS_S, work.ask_for_escalations),
            Here("due", DUE_S, work.ask_for_what_is_due),
            Here("runs", DUE_S, self.runs.ask_for_what_is_due),
            *self.access.timetable(),
            *self.customers.timetable(),
            *self.reports.timetable(),
            *self.mirror.timetable(),
            *self.watch.timetable(),
            *self.notices.timetable(),
            *self.owners.timetable(),
            Here("desk", self.look_every.total_seconds(), lambda: work.looking.ask(self.look_every)),
            *self.retention.timetable(),
        )

    def at_start(self) -> None:
        """Ask for what was lost, and look at the desk."""
        self.work.ask_for_what_was_lost()
        self.runs.ask_for_what_was_lost()
        self.reports.ask_for_what_was_lost()
        self.watch.acts.ask_for_what_was_lost()
        self.notices.ask_for_what_was_lost()
        self.work.looking.ask_at_start()
        self.mirror.ask()
        self.watch.ask()


def make_sides(
    database: Database,
    live: Live,
    desk: HelpDesk,
    customers: CustomerBook | None,
    doors: AccessDoors,
    delivery: Delivery,
    gateway: SlackGateway,
    *,
    look_every: timedelta,
    since: datetime,
    dropped: Callable[[Mapping[str, int]], None],
) -> Sides:
    """Put them side by side, in a bot that is made at `since`. `dropped` is told of rows that retention dropped."""
    reports = ReportSide(database, live, desk, customers, gateway)
    watch = WatchSide(database, live, desk, TicketActs(database, live, desk), since)
    files = drawers(reports.present, watch.rules_of)
    lists = full_lists(lambda: live.context().redactor)
    work = Work(database, desk, delivery, live.context, reports.not_delivered, {**files, **PICTURES, **lists})
    notices = CustomerNotices(database, desk, lambda: live.terms.customers)
    readers = Reader(READ_EVERY, reports.reads), watch.reader, notices.reader
    mirror = MirrorSide(database, live, desk, customers, readers)
    conversations = ConversationSide(database, desk, lambda: live.terms.escalation)
    rooms = SlackRooms(gateway, lambda: live.terms.roles)
    access = AccessSide(database, live, doors, gateway, rooms)
    outside = open_customer_doors(live.terms.settings, live.context().clock, customers)
    effects = OpenTicketEffects(lambda: live.terms.triage, lambda: live.terms.escalation)
    syncs = CustomersSide(database, live, outside, effects=effects)
    back = WithdrawingSide(database, live), RestoringSide(database, live, desk)
    runs = RunsSide(database, rooms, [access, syncs, *back])
    kept = RetentionSide(database, live, live.context().clock, dropped)
    owners = StuckOwners(database, live.context, gateway.user)
    return Sides(work, reports, access, syncs, runs, mirror, watch, conversations, notices, owners, kept, look_every)
