"""Every audited act: its row says who did what to what with which outcome, in the transaction of what it describes."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from automations.adapters.builtin.audited import AuditedTables
from automations.adapters.builtin.people import DeskWork
from automations.domain import Actor, Mode, Priority, TicketChange, TicketStatus
from automations.duty import Rotation
from automations.errors import AdapterError, ConfigError, OutcomeUnknown, Refused, Rejected, Unavailable
from automations.failure_tickets import (
    absences,
    closing,
    covers,
    desk_feed,
    escalate,
    group_acts,
    hand_over,
    life,
    manual,
    mornings,
    owners,
    pauses,
    snooze,
    stale,
    told,
    unclear,
    undo,
)
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.people import Absence, Person, Roster
from automations.texts.training import train
from automations.triage import evaluations, models
from automations.triage.evaluating import evaluate
from automations.triage.history import Example, history
from automations.triage.inputs import Inputs
from automations.weekly_report import asking, failing
from automations.weekly_report.context import ReportContext
from automations.weekly_report.planned import ask_planned, timetable_of, write_down_preflight
from automations.weekly_report.request import Request
from bot import people_links, stuck_acts, stuck_edits, stuck_reminders
from bot.delivery import Delivery
from bot.door_book import DoorBook
from bot.door_book import Refused as DoorRefused
from bot.engine.failures import FailureQueue
from bot.gateway import SlackGateway
from bot.late import GATHERED, Late
from bot.live import Live
from bot.reload import Reloading, ask
from bot.settings import Settings
from bot.slack_files import SlackFiles
from bot.slack_types import Posted, SlackUser
from bot.stuck_owners import StuckOwners
from bot.uploading import File, Uploading
from bot.views.texts import Look
from storage import notifications, uploads
from storage.engine import Database
from storage.models import AuditEntry, Base, Case, CaseTicket, DeskTicket, StuckItem
from tests.automations.failure_tickets.shaky import ShakyDesk, run
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World
from tests.bot.delivery.acts import render
from tests.bot.desk_world import FAILURES, desk_of, open_tickets
from tests.bot.listeners.people import Slack
from tests.bot.live_terms import terms_of
from tests.report_terms import report_of
from tests.support import START, FakeClock, RecordingJobs
from tests.triage_terms import RULES, triage_of

ROOT = Path(__file__).parents[1]
UNSEEN = {"audit_entry", "audit_head", "person_alias"}
LOST = OutcomeUnknown("the desk did not answer", system="builtin")
DOWN = Unavailable("the desk answered 503", system="builtin")
NO = Rejected("the desk answered 422", system="builtin", code="422")


class Boom(RuntimeError):
    """The commit that was not to be."""


@dataclass
class Stage:
    """Everything an act may need, over one database."""

    world: World
    desk: ShakyDesk

    def do(self, act: Callable[..., object], actor: Actor, *words: str) -> Callable[[], object]:
        """An act of `life` on case 1, in a transaction of its own."""

        def doing() -> None:
            with self.world.begin() as session:
                act(session, 1, actor, *words, self.world.ctx)

        return doing

    def sync(self, *, before: str = "", after: str = "", error: AdapterError = DOWN) -> Callable[[], object]:
        """Bring case 1's ticket up to date; the desk fails once before or after a call of that name."""

        def doing() -> None:
            if before or after:
                (self.desk.before if before else self.desk.after)[before or after] = [error]
            with suppress(AdapterError):
                run(self.world, self.desk, 1)

        return doing

    def deliver(self) -> object:
        """Bring case 1's message to Slack, where posting always works."""
        gateway = cast("SlackGateway", Posting())
        ctx = self.world.ctx
        delivery = Delivery(
            self.world.database, gateway, render_anything, ctx.jobs, ctx.clock, fallback_channel=lambda: None
        )
        return delivery.advance({"key": "case/1"})

    def snapshot(self) -> dict[str, list[str]]:
        """All rows that others see now, but for the audit log."""
        with self.world.database.read() as session:
            return {
                name: [str(row) for row in session.execute(select(table).order_by(*table.primary_key))]
                for name, table in Base.metadata.tables.items()
                if name not in UNSEEN
            }


class Posting:
    """Stands where the way to Slack would be."""

    def post(self, channel: str, _message: object, *, key: str, version: int, thread_ts: str | None) -> Posted:
        assert (key, thread_ts) == ("case/1", None)
        return Posted(channel, "1795227240.000100", version=version)

    def permalink(self, _channel: str, _ts: str) -> str:
        return "https://chat.example/p/1"


@dataclass
class Receiving:
    """Stands where the way for files would be. `error` is what Slack says to the last call."""

    error: AdapterError | None = None

    def address(self, _name: str, _length: int, *, alt: str) -> tuple[str, str]:
        return "F1", "https://files.example/1"

    def send(self, _address: str, _content: bytes) -> None:
        pass

    def complete(self, _file: str, **_where: str) -> None:
        if self.error is not None:
            raise self.error


def uploading(error: AdapterError | None = None) -> Callable[[Stage], Callable[[], object]]:
    """A file for the thread of case 1's message, which is in Slack."""

    def stage(one: Stage) -> Callable[[], object]:
        world, files = one.world, cast("SlackFiles", Receiving(error))
        world.open()
        one.deliver()
        with world.begin() as session:
            uploads.put(session, key="f", notification="case/1", kind="t", args={}, at=world.clock.now())
        draw = {"t": lambda _session, _args: File("f.csv", "A file", b"1")}
        ctx = world.ctx
        return partial(Uploading(world.database, files, ctx.jobs, ctx.clock, draw).advance, {"key": "f"})

    return stage


def render_anything(session: Session, row: Any) -> Any:
    row.data = {**row.data, "text": "a case"}
    return render(session, row)


@dataclass(frozen=True)
class Act:
    """One audited act. `stage` makes everything ready and returns the act; `state`: it changes more than the log."""

    action: str
    actor: str
    outcome: str
    stage: Callable[[Stage], Callable[[], object]]
    target: str = "CASE-1"
    state: bool = True
    correlation: str | None = None
    """The expected one; the case's own if None."""


def opened(prepare: Callable[[Stage], object], act: Callable[[Stage], Callable[[], object]]) -> Any:
    """Case 1 is there, and something was done to it."""

    def stage(one: Stage) -> Callable[[], object]:
        one.world.open()
        prepare(one)
        return act(one)

    return stage


def on_case(act: Callable[[Stage], Callable[[], object]]) -> Any:
    return opened(lambda _one: None, act)


def with_context(**changes: Any) -> Callable[[Stage], object]:
    def prepare(one: Stage) -> None:
        one.world.ctx = replace(one.world.ctx, **changes)

    return prepare


def over(one: Stage) -> Callable[[], object]:
    one.world.clock.move(timedelta(minutes=1))
    return lambda: one.world.fail(status="resolved", occurred_at=one.world.clock.now(), summary="It works again")


def left_open(one: Stage) -> Callable[[], object]:
    with_context(book=replace(one.world.ctx.book, close_on_resolved=False))(one)
    return over(one)


def by_the_clock(one: Stage) -> Callable[[], object]:
    one.world.clock.move(timedelta(hours=1))

    def doing() -> None:
        with one.world.begin() as session:
            assert escalate.escalate_overdue(session, 1, one.world.ctx)

    return doing


def opened_by_hand(one: Stage) -> Callable[[], object]:
    def doing() -> None:
        with one.world.begin() as session:
            manual.open_by_hand(session, manual.Wish("Acme cannot log in"), "form/1", ANNA, one.world.ctx)

    return doing


def left_alone(times: int) -> Callable[[Stage], Callable[[], object]]:
    """Anna has claimed the case and left it alone; it was spoken of so many times before."""

    def staged(one: Stage) -> Callable[[], object]:
        one.world.open()
        one.do(life.claim, ANNA)()

        def doing() -> None:
            with one.world.begin() as session:
                assert stale.remind(session, {"case_id": 1}, one.world.ctx)

        for _ in range(times):
            one.world.clock.move(timedelta(hours=4))
            doing()
        one.world.clock.move(timedelta(hours=4))
        return doing

    return staged


def owner_gone(email: str, act: Callable[..., object] = owners.move, **before: Any) -> Any:
    """Somebody has been away for days; `before` are columns of the case."""

    def staged(one: Stage) -> Callable[[], object]:
        one.world.open()
        away = (Absence(START, START + timedelta(days=9)),)
        people = tuple(replace(who, away=away) if who.email == email else who for who in one.world.ctx.roster.people)
        one.world.ctx = replace(one.world.ctx, roster=Roster(people))
        with one.world.begin() as session:
            session.execute(update(Case).values({"owner": email, **before}))
        one.world.clock.move(timedelta(days=1))

        def doing() -> None:
            with one.world.begin() as session:
                assert act(session, {"case_id": 1}, one.world.ctx)

        return doing

    return staged


def owner_in_the_morning(one: Stage) -> Callable[[], object]:
    one.world.open()
    with one.world.begin() as session:
        session.execute(update(Case).values(call_owner_at=one.world.clock.now()))

    def doing() -> None:
        with one.world.begin() as session:
            assert mornings.call(session, {"case_id": 1}, one.world.ctx)

    return doing


def lead_in_the_morning(one: Stage) -> Callable[[], object]:
    by_the_clock(one)()
    with one.world.begin() as session:
        session.execute(update(Case).values(call_lead_at=one.world.clock.now()))

    def doing() -> None:
        with one.world.begin() as session:
            assert escalate.call_lead(session, {"case_id": 1}, one.world.ctx)

    return doing


def in_shadow(one: Stage) -> Callable[[], object]:
    with_context(mode=Mode.SHADOW)(one)
    return lambda: one.world.fail(source="cron", dedup_key="k")


def counted(one: Stage) -> object:
    return [one.world.fail() for _ in range(8)]


def refused_by_permission(one: Stage) -> Callable[[], object]:
    slack = Slack(one.world)

    def doing() -> None:
        try:
            slack.click("U_MEMBER", "case.claim")
        finally:
            slack.close()

    return doing


def turned_away(one: Stage) -> Callable[[], object]:
    book = DoorBook(one.world.database, one.world.clock.now)
    return lambda: book.note(DoorRefused("/v1/failures", "bearer token missing or wrong"))


def given_up(one: Stage) -> Callable[[], object]:
    queue = FailureQueue({}, one.world.clock, lambda: "lea@team.example")

    def doing() -> None:
        with one.world.begin() as session:
            queue.put(session, "ticket.sync", "ticket/1/1", {"case_id": 1}, attempts=20, words="no")

    return doing


def done_since(one: Stage) -> Callable[[], object]:
    given_up(one)()
    queue = FailureQueue({}, one.world.clock, lambda: "lea@team.example")

    def doing() -> None:
        with one.world.begin() as session:
            queue.settle(session, "ticket.sync", "ticket/1/2", {"case_id": 1}, one.world.clock.now())

    return doing


def in_desk(*acts: Callable[[DeskWork], object], merging: bool = False) -> Callable[[Stage], Callable[[], object]]:
    """What people did in the desk is followed. `merging`: case 2 has a ticket too."""

    def stage(one: Stage) -> Callable[[], object]:
        world = one.world
        one.desk.desk.ensure_agent("Mara Lind", STRANGE)
        for key in ("one", "two")[: 2 if merging else 1]:
            run(world, one.desk, world.open(dedup_key=key))
        for act in acts[:-1]:
            act(one.desk.desk.work)
            desk_feed.read(world.database, one.desk, world.ctx)
        desk_feed.read(world.database, one.desk, world.ctx)
        acts[-1](one.desk.desk.work)
        return lambda: desk_feed.read(world.database, one.desk, world.ctx)

    return stage


def back_again(one: Stage) -> Callable[[], object]:
    doing = in_desk(lambda work: work.delete("1", by=DESKS))(one)
    doing()
    with one.world.begin() as session:
        session.execute(update(DeskTicket).values(deleted_at=None))
    one.desk.desk.work.note("1", "it was a mistake", by=DESKS)
    return doing


def not_shown(one: Stage) -> Callable[[], object]:
    doing = in_desk(lambda work: work.note("1", "hello", by=DESKS))(one)
    one.desk.before["get"] = [NO]
    return doing


def by_hand(one: Stage) -> Callable[[], object]:
    """Somebody works on the built-in desk's pages."""
    world = one.world
    open_tickets(world, desk_of(world), FAILURES[0])
    tables = AuditedTables(world.database, world.clock, world.ctx.redactor, Actor(ANNAS, "Anna"), "1")
    return lambda: DeskWork(tables, world.clock).change("1", TicketChange(priority=Priority.LOW), by=ANNAS)


DESKS = "b.okoro@desk.example"
STRANGE = "mara@desk.example"
NIGHTS = Rotation("nights", ("anna@team.example", "ben@team.example"), "daily 09:00", "Europe/Oslo", date(2026, 11, 20))


def keep_classifier(session: Session, ctx: Context) -> None:
    classifier = train(["pay", "paid", "bill", "log in", "login", "sign in"], list("aaabbb"))
    models.keep(session, classifier, source="examples.csv", by="os:anna", at=ctx.clock.now())


def keep_evaluation(session: Session, ctx: Context) -> None:
    """Triage was measured on three tickets, which is too few for anything."""
    example = Example(Inputs(subject="invoice", language="en"), "billing")
    found = history([example, example, example], RULES)
    card = evaluate(found, lambda _texts, _labels: None, source="a file", now=ctx.clock.now(), share_of_training=0)
    evaluations.keep(session, card, Actor("os:anna", "os:anna"), None, triage_of(ctx))


def settled(act: Callable[[Session, Context], object]) -> Callable[[Stage], Callable[[], object]]:
    """Something that people settle among themselves, where Anna and Ben take turns."""

    def stage(one: Stage) -> Callable[[], object]:
        with_context(book=replace(one.world.ctx.book, rotations=(NIGHTS,)))(one)

        def doing() -> None:
            with one.world.begin() as session:
                act(session, present(session, one.world.ctx))

        return doing

    return stage


def after(*acts: Callable[[Session, Context], object]) -> Callable[[Stage], Callable[[], object]]:
    """The last of them, when the others were done."""

    def stage(one: Stage) -> Callable[[], object]:
        for act in acts[:-1]:
            settled(act)(one)()
        return settled(acts[-1])(one)

    return stage


def person(ctx: Context, email: str) -> Person:
    found = ctx.roster.by_email(email)
    assert found is not None
    return found


def go_away(session: Session, ctx: Context) -> object:
    return absences.set_away(session, person(ctx, ANNAS), ctx.clock.now() + timedelta(days=1), ANNA, ctx)


def cover(session: Session, ctx: Context) -> object:
    return covers.cover(session, NIGHTS, person(ctx, BENS), BEN, ctx)


def pause(session: Session, ctx: Context) -> object:
    return pauses.pause(session, "failure_tickets", ctx.clock.now() + timedelta(hours=1), "a move", LEA, ctx)


def handed_over(one: Stage) -> Callable[[], object]:
    """The first look at a rotation was before its hand-over."""
    look = settled(lambda session, ctx: [hand_over.tell(session, args, ctx) for _, args in hand_over.due(session, ctx)])
    look(one)()
    one.world.clock.move(timedelta(hours=6))
    return look(one)


def claimed_by_ben(one: Stage) -> object:
    return one.do(life.claim, BEN)()


def taking_back(session: Session, case_id: int, actor: Actor, ctx: Context) -> object:
    assert undo.case_of(session, 1) == case_id
    return undo.take_back(session, 1, actor, ctx)


def snoozing(session: Session, case_id: int, actor: Actor, ctx: Context) -> object:
    return snooze.snooze(session, case_id, actor, ctx.clock.now() + 60 * MINUTE, ctx)


def on_stuck_work(act: Callable[..., object], *words: str) -> Callable[[Stage], Callable[[], object]]:
    """What a lead does to work that is stuck."""

    def stage(one: Stage) -> Callable[[], object]:
        given_up(one)()

        def doing() -> None:
            with one.world.begin() as session:
                act(session, 1, LEA, *words, one.world.ctx)

        return doing

    return stage


def corrected(session: Session, number: int, actor: Actor, ctx: Context) -> object:
    """The group in the desk is put right in stuck work."""
    return stuck_edits.correct(session, session.get_one(StuckItem, number), "Billing", actor, ctx, {})


def corrected_group(one: Stage) -> Callable[[], object]:
    one.world.open()
    return on_stuck_work(corrected)(one)


def reminded(one: Stage) -> Callable[[], object]:
    given_up(one)()
    one.world.clock.move(timedelta(days=7))

    def doing() -> None:
        with one.world.begin() as session:
            assert stuck_reminders.remind(session, {"owner": LEAS}, one.world.ctx)

    return doing


def there(user: str) -> SlackUser:
    """Everybody is in Slack."""
    marks = dict.fromkeys(("is_bot", "deleted", "is_restricted", "is_ultra_restricted", "is_stranger"), False)
    return SlackUser(user, "somebody", None, "T_SAMPLE", **marks)


def orphaned(one: Stage) -> Callable[[], object]:
    """Stuck work belongs to somebody whom the settings do not know any more."""
    given_up(one)()
    with one.world.begin() as session:
        session.execute(update(StuckItem).values(owner="gone@team.example"))
    owners = StuckOwners(one.world.database, lambda: one.world.ctx, there)

    def doing() -> None:
        with suppress(Refused):  # it is a finding, too
            owners.advance({"owner": "gone@team.example"})

    return doing


def gathered(one: Stage) -> Callable[[], object]:
    """A case was opened and closed while Slack was away."""
    one.world.open()
    one.do(closing.resolve, ANNA, "was nothing")()
    one.world.clock.move(GATHERED)

    def doing() -> None:
        with one.world.begin() as session:
            row = notifications.get(session, "case/1")
            assert row is not None
            assert Late(lambda: one.world.ctx).gathers(session, row)

    return doing


def unclear_ticket(act: Callable[..., object], *words: str) -> Callable[[Stage], Callable[[], object]]:
    """What somebody says about a ticket that the desk may have made."""

    def stage(one: Stage) -> Callable[[], object]:
        with one.world.begin() as session:
            session.execute(update(CaseTicket).values(state="unknown", unclear_at=one.world.clock.now()))
        one.world.clock.move(unclear.UNDER_WAY)
        return one.do(act, ANNA, *words)

    return stage


def linked(one: Stage) -> Callable[[], object]:
    def doing() -> None:
        with one.world.begin() as session:
            people_links.link(session, ANNAS, one.world.ctx, slack="U_NEW", desk=None, by="os:lea")

    return doing


def unlinked(one: Stage) -> Callable[[], object]:
    linked(one)()

    def doing() -> None:
        with one.world.begin() as session:
            people_links.clear(session, ANNAS, one.world.ctx, by="os:lea")

    return doing


def reloaded(one: Stage, *, right: bool = True) -> Callable[[], object]:
    world = one.world
    terms = terms_of(world.ctx, Look("UTC"))

    def reread() -> Settings:
        if not right:
            raise ConfigError("handoff.toml: team.zone: this is no zone.")
        return terms.settings

    with world.begin() as session:
        ask(session, by="os:lea", clock=world.clock)
    return Reloading(world.database, Live(terms), world.clock, reread, lambda _: terms, lambda _: None).look


def later(
    act: Callable[[Session, dict[str, Any], Context], object], length: timedelta
) -> Callable[[Stage], Callable[[], object]]:
    """What the clock does to case 1 after a while."""

    def stage(one: Stage) -> Callable[[], object]:
        one.world.clock.move(length)

        def doing() -> None:
            with one.world.begin() as session:
                assert act(session, {"case_id": 1}, one.world.ctx)

        return doing

    return stage


MINUTE = timedelta(minutes=1)
ANNAS, BENS, LEAS, OURS = "anna@team.example", "ben@team.example", "lea@team.example", "handoff"
A_GROUP: dict[str, Any] = {"target": "GROUP-1", "correlation": ""}


def burst(cases: int, act: Callable[[Stage], Callable[[], object]]) -> Any:
    """So many cases of one outage are there, and something was done to them."""

    def stage(one: Stage) -> Callable[[], object]:
        for number in range(cases):
            one.world.open(dedup_key=f"burst-{number}")
        return act(one)

    return stage


def to_all(one: Stage, verb: str) -> Callable[[], object]:
    def doing() -> object:
        with one.world.begin() as session:
            if verb == "claim":
                return group_acts.claim_all(session, 1, BEN, one.world.ctx)
            return group_acts.resolve_all(session, 1, BEN, "restarted", {}, one.world.ctx)

    return doing


def taking_all_back(one: Stage) -> Callable[[], object]:
    done = cast("group_acts.Many", to_all(one, "claim")())

    def doing() -> object:
        with one.world.begin() as session:
            return group_acts.take_back_all(session, 1, done.line, BEN, one.world.ctx)

    return doing


def resolving(one: Stage, number: int) -> Callable[[], object]:
    def doing() -> object:
        with one.world.begin() as session:
            return closing.resolve(session, number, BEN, "restarted", one.world.ctx)

    return doing


def closing_its_last(one: Stage) -> Callable[[], object]:
    for number in range(1, 6):
        resolving(one, number)()
    return resolving(one, 6)


def reopening_one(one: Stage) -> Callable[[], object]:
    to_all(one, "resolve")()

    def doing() -> object:
        with one.world.begin() as session:
            return closing.reopen(session, 6, BEN, one.world.ctx)

    return doing


def of_reports(
    act: Callable[[Session, ReportContext], object], *, mode: Mode = Mode.AUTO, failed: bool = False
) -> Callable[[Stage], Callable[[], object]]:
    """An act of reports; with `failed` on REPORT-1, which Lea asked for and which was given up."""

    def stage(one: Stage) -> Callable[[], object]:
        ctx = replace(report_of(one.world.ctx), mode=mode)
        if failed:
            with one.world.begin() as session:
                ask_for_report(session, ctx)
                failing.fail(session, 1, "the desk is away", ctx)

        def doing() -> None:
            with one.world.begin() as session:
                act(session, ctx)

        return doing

    return stage


def ask_for_report(session: Session, ctx: ReportContext) -> object:
    request = Request(timetable_of(ctx).window(START))
    return asking.ask(session, request, LEA, ctx, channel=ctx.channel, kind="asked")


def give_up_report(session: Session, ctx: ReportContext) -> None:
    ask_for_report(session, ctx)
    failing.fail(session, 1, "the desk is away", ctx)


def look_ahead(session: Session, ctx: ReportContext) -> None:
    write_down_preflight(session, START, [("Handoff is not in #reports.", "Invite it.")], ctx)


ACTS: dict[str, Act] = {
    "ask for a report": Act("report.asked", LEAS, "asked", of_reports(ask_for_report), target="REPORT-1",
                            correlation="report-1"),
    "give a report up": Act("report.failed", OURS, "failed", of_reports(give_up_report), target="REPORT-1",
                            correlation="report-1"),
    "retry a report": Act("report.retry", LEAS, "asked",
                          of_reports(lambda session, ctx: failing.retry(session, 1, LEA, ctx), failed=True),
                          target="REPORT-1", correlation="report-1"),
    "post no report": Act("report.skipped", OURS, "off",
                          of_reports(lambda session, ctx: ask_planned(session, START, ctx), mode=Mode.OFF),
                          target="weekly_report", correlation="weekly_report/", state=False),
    "look ahead of a report": Act("report.preflight", OURS, "problems", of_reports(look_ahead),
                                  target="weekly_report", correlation="weekly_report/"),
    "open": Act("case.opened", OURS, "done", lambda one: one.world.open),
    "count": Act("case.counted", OURS, "done", opened(counted, lambda one: one.world.fail)),
    "claim": Act("case.claimed", BENS, "done", on_case(lambda one: one.do(life.claim, BEN))),
    "remind": Act("case.reminded", OURS, "done", left_alone(0)),
    "call stale": Act("case.stale", OURS, "done", left_alone(2)),
    "move from who is away": Act("case.moved", OURS, "done", owner_gone(BENS)),
    "leave it with the default owner": Act("case.kept", OURS, "done", owner_gone(ANNAS)),
    "call a new owner in the morning": Act(
        "case.owner_called", OURS, "done", owner_gone(ANNAS, told.tell_later, moved_from=BENS)
    ),
    "call the owner in the morning": Act("case.owner_called", OURS, "done", owner_in_the_morning),
    "call the lead in the morning": Act("case.lead_called", OURS, "done", on_case(lead_in_the_morning)),
    "release": Act(
        "case.released", LEAS, "done",
        opened(lambda one: one.do(life.claim, ANNA)(), lambda one: one.do(life.release, LEA)),
    ),
    "reassign": Act("case.reassigned", ANNAS, "done", on_case(lambda one: one.do(life.reassign, ANNA, BENS))),
    "escalate": Act("case.escalated", BENS, "done", on_case(lambda one: one.do(life.escalate, BEN, "it burns"))),
    "escalate by the clock": Act("case.escalated", OURS, "done", on_case(by_the_clock)),
    "resolve": Act("case.resolved", ANNAS, "done", on_case(lambda one: one.do(closing.resolve, ANNA, "restarted"))),
    "resolve by event": Act("case.resolved", OURS, "done", on_case(over)),
    "leave open": Act("case.reported_over", OURS, "done", on_case(left_open)),
    "not needed": Act(
        "case.not_needed", ANNAS, "done",
        on_case(lambda one: one.do(closing.not_needed, ANNA, "a drill")),
    ),
    "reopen": Act(
        "case.reopened", BENS, "done",
        opened(lambda one: one.do(closing.resolve, ANNA, "done")(), lambda one: one.do(closing.reopen, BEN)),
    ),
    "come back": Act(
        "case.flapped", OURS, "done", opened(lambda one: over(one)(), lambda one: one.world.fail)
    ),
    "come back as another": Act(
        "case.came_back", OURS, "done",
        opened(lambda one: one.do(closing.resolve, ANNA, "done")(), lambda one: one.world.fail),
    ),
    "open by hand": Act("case.created", ANNAS, "done", opened_by_hand),
    "copy a note": Act("case.noted", BENS, "done", on_case(lambda one: one.do(manual.add_note, BEN, "as they said"))),
    "take back": Act("case.undone", BENS, "done", opened(claimed_by_ben, lambda one: one.do(taking_back, BEN))),
    "be too late": Act("case.undo_lapsed", OURS, "done", opened(claimed_by_ben, later(undo.lapse, 1 * MINUTE))),
    "find the ticket": Act(
        "case.ticket_found", ANNAS, "done", on_case(unclear_ticket(unclear.found, "4711"))
    ),
    "make the ticket": Act(
        "case.ticket_absent", ANNAS, "done", on_case(unclear_ticket(unclear.absent, "in all tickets"))
    ),
    "snooze": Act("case.snoozed", BENS, "done", on_case(lambda one: one.do(snoozing, BEN))),
    "wake": Act(
        "case.woke", OURS, "done", opened(lambda one: one.do(snoozing, BEN)(), later(snooze.wake, 60 * MINUTE))
    ),
    "make a group": Act(
        "group.opened", OURS, "done", burst(5, lambda one: lambda: one.world.open(dedup_key="burst-5")), **A_GROUP
    ),
    "end a group": Act("group.closed", OURS, "done", burst(6, closing_its_last), **A_GROUP),
    "open a group again": Act("group.reopened", OURS, "done", burst(6, reopening_one), **A_GROUP),
    "claim all": Act("group.claimed_all", BENS, "done", burst(6, lambda one: to_all(one, "claim")), **A_GROUP),
    "resolve all": Act("group.resolved_all", BENS, "done", burst(6, lambda one: to_all(one, "resolve")), **A_GROUP),
    "take all back": Act("group.undone_all", BENS, "done", burst(6, taking_all_back), **A_GROUP),
    "refuse an act": Act(
        "case.claim", ANNAS, "refused", on_case(lambda one: one.do(life.refused, ANNA, "claim", "no")), state=False
    ),
    "refuse a click": Act(
        "click.refused", "mo@team.example", "refused", on_case(refused_by_permission), correlation="",
    ),
    "turn away at a door": Act(
        "door.refused", "outside", "refused", turned_away, target="/v1/failures", correlation="door/", state=False
    ),
    "ignore an end": Act("event.resolved_ignored", OURS, "no open case", over, target="event/1", correlation=""),
    "look on": Act(
        "case.would_open", OURS, "shadow", in_shadow, target="shadow/", correlation="shadow/",
    ),
    "make a ticket": Act("ticket.create", OURS, "done", on_case(lambda one: one.sync())),
    "lose a ticket": Act("ticket.create", OURS, "unknown", on_case(lambda one: one.sync(after="create", error=LOST))),
    "be refused a ticket": Act(
        "ticket.create", OURS, "rejected", on_case(lambda one: one.sync(before="create", error=NO))
    ),
    "find a ticket": Act(
        "ticket.create", OURS, "found",
        opened(lambda one: one.sync(after="create", error=LOST)(), lambda one: one.sync()),
    ),
    "take in the desk": Act(
        "case.desk_assigned", BENS, "done",
        in_desk(lambda work: work.change("1", TicketChange(assignee=DESKS), by=DESKS)),
    ),
    "take from its owner in the desk": Act(
        "case.desk_unassigned", BENS, "done",
        in_desk(lambda work: work.change("1", TicketChange(assignee=""), by=DESKS)),
    ),
    "give to a stranger in the desk": Act(
        "case.desk_assignee", BENS, "done",
        in_desk(
            lambda work: work.change("1", TicketChange(assignee="lea@team.example"), by=DESKS),
            lambda work: work.change("1", TicketChange(assignee=STRANGE), by=DESKS),
        ),
    ),
    "solve in the desk": Act(
        "case.desk_solved", BENS, "done",
        in_desk(lambda work: work.change("1", TicketChange(status=TicketStatus.SOLVED), by=DESKS)),
    ),
    "let wait in the desk": Act(
        "case.desk_status", BENS, "done",
        in_desk(lambda work: work.change("1", TicketChange(status=TicketStatus.PENDING), by=DESKS)),
    ),
    "set the priority in the desk": Act(
        "case.desk_priority", BENS, "done",
        in_desk(lambda work: work.change("1", TicketChange(priority=Priority.LOW), by=DESKS)),
    ),
    "move in the desk": Act(
        "case.desk_group", BENS, "done",
        in_desk(lambda work: work.change("1", TicketChange(group="Billing"), by=DESKS)),
    ),
    "note in the desk": Act("case.desk_note", BENS, "done", in_desk(lambda work: work.note("1", "hello", by=DESKS))),
    "reply in the desk": Act(
        "case.desk_reply", BENS, "done", in_desk(lambda work: work.reply("1", "hello", by=DESKS)),
    ),
    "hear a customer": Act(
        "case.customer_reply", "Acme GmbH (customer)", "done",
        in_desk(lambda work: work.customer_replies("1", "hello")),
    ),
    "delete in the desk": Act("case.desk_deleted", BENS, "done", in_desk(lambda work: work.delete("1", by=DESKS))),
    "find it in the desk again": Act("case.desk_restored", "Somebody", "done", back_again),
    "merge in the desk": Act(
        "case.desk_merged", BENS, "done", in_desk(lambda work: work.merge("1", "2", by=DESKS), merging=True),
    ),
    "join in the desk": Act(
        "case.desk_joined", BENS, "done", in_desk(lambda work: work.merge("2", "1", by=DESKS), merging=True),
    ),
    "be refused a look": Act("ticket.follow", OURS, "rejected", not_shown, state=False),
    "verify a ticket": Act("ticket.verify", OURS, "done", on_case(lambda one: one.sync())),
    "fail to verify": Act("ticket.read_back", OURS, "unavailable", on_case(lambda one: one.sync(before="get"))),
    "note": Act(
        "ticket.note", OURS, "done",
        opened(lambda one: (one.sync()(), one.do(life.claim, BEN)()), lambda one: one.sync()),
    ),
    "update a ticket": Act(
        "ticket.update", OURS, "done",
        opened(lambda one: (one.sync()(), one.do(life.claim, BEN)()), lambda one: one.sync()),
    ),
    "work in the desk": Act("desk.changed", ANNAS, "done", by_hand, target="ticket/1", correlation="ticket/1"),
    "post": Act("slack.posted", OURS, "done", on_case(lambda one: one.deliver)),
    "show a file": Act("slack.file_shared", OURS, "done", uploading(), target="case/1", correlation="case/1"),
    "be refused a file": Act(
        "slack.file_refused", OURS, "refused", uploading(NO), target="case/1", correlation="case/1"
    ),
    "train a classifier": Act(
        "triage.trained", "os:anna", "done", settled(keep_classifier), target="triage_model/1",
        correlation="triage_model/1",
    ),
    "measure triage": Act(
        "triage.evaluated", "os:anna", "below the bar", settled(keep_evaluation), target="EVAL-1",
        correlation="triage/evaluation/1",
    ),
    "be away": Act("absence.set", ANNAS, "done", settled(go_away), target=ANNAS, correlation=""),
    "be back": Act(
        "absence.ended", ANNAS, "done",
        after(go_away, lambda session, ctx: absences.back(session, person(ctx, ANNAS), ANNA, ctx)),
        target=ANNAS, correlation="",
    ),
    "cover": Act("duty.covered", BENS, "done", settled(cover), target="nights", correlation=""),
    "swap": Act(
        "duty.swapped", BENS, "done",
        settled(lambda session, ctx: covers.swap(session, NIGHTS, person(ctx, BENS), person(ctx, ANNAS), BEN, ctx)),
        target="nights", correlation="",
    ),
    "end a cover": Act(
        "duty.cover_ended", BENS, "done",
        after(cover, lambda session, ctx: covers.end_cover(session, NIGHTS, BEN, ctx)), target="nights", correlation="",
    ),
    "hand over": Act("duty.handed_over", OURS, "done", handed_over, target="nights", correlation=""),
    "pause": Act("pause.began", LEAS, "done", settled(pause), target="failure_tickets", correlation=""),
    "resume": Act(
        "pause.ended", LEAS, "done",
        after(pause, lambda session, ctx: pauses.resume(session, "failure_tickets", LEA, ctx)),
        target="failure_tickets", correlation="",
    ),
    "give up": Act("job.stuck", OURS, "stuck", given_up, target="ticket.sync", correlation="ticket/1/1"),
    "retry": Act("stuck.retry", LEAS, "retried", on_stuck_work(stuck_acts.retry), target="ticket.sync",
                 correlation="stuck-1"),
    "discard": Act("stuck.discard", LEAS, "discarded", on_stuck_work(stuck_acts.discard, "done by hand"),
                   target="ticket.sync", correlation="stuck-1"),
    "correct the group": Act("case.stuck_edited", LEAS, "done", corrected_group),
    "remind of stuck work": Act("stuck.reminded", OURS, "done", reminded, target=LEAS, correlation="stuck/"),
    "owner is gone": Act("stuck.owner_gone", OURS, "moved", orphaned, target="ticket.sync", correlation="stuck-1"),
    "gather": Act("slack.gathered", OURS, "done", gathered, correlation="case/1"),
    "link": Act("people.linked", "os:lea", "done", linked, target=ANNAS, correlation=""),
    "unlink": Act("people.unlinked", "os:lea", "done", unlinked, target=ANNAS, correlation=""),
    "reload": Act("config.reloaded", "os:lea", "done", reloaded, target="settings", correlation="reload-1"),
    "refuse a reload": Act(
        "config.refused", "os:lea", "refused", lambda one: reloaded(one, right=False), target="settings",
        correlation="reload-1",
    ),
    "done since": Act("stuck.settle", OURS, "done", done_since, target="ticket.sync", correlation="stuck-1"),
}  # fmt: skip


@dataclass
class Commits:
    """Watches the commit that carries a certain audit row."""

    stage: Stage
    action: str
    after: int
    refuse: bool
    before_it: dict[str, list[str]] = field(default_factory=dict)
    after_it: dict[str, list[str]] = field(default_factory=dict)
    refused: int = 0
    _carries: bool = False

    def before_commit(self, session: Session) -> None:
        if session.in_nested_transaction() or self.before_it:
            return
        rows = select(AuditEntry.seq).where(AuditEntry.action == self.action, AuditEntry.seq > self.after)
        self._carries = session.scalar(rows.limit(1)) is not None
        if self._carries and self.refuse:
            self.refused += 1
            raise Boom
        if self._carries:
            self.before_it = self.stage.snapshot()

    def after_commit(self, session: Session) -> None:
        if self._carries and not session.in_nested_transaction() and not self.after_it:
            self.after_it = self.stage.snapshot()


@contextmanager
def watched(stage: Stage, action: str, *, refuse: bool) -> Iterator[Commits]:
    commits = Commits(stage, action, stage.world.audit_rows(), refuse)
    names = ("before_commit", "after_commit")
    for name in names:
        event.listen(Session, name, getattr(commits, name))
    try:
        yield commits
    finally:
        for name in names:
            event.remove(Session, name, getattr(commits, name))


@pytest.fixture
def stage(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Stage:
    world = World.on(database, clock, jobs)
    return Stage(world, ShakyDesk.on(world))


@pytest.mark.parametrize("name", ACTS)
def test_an_act_and_its_audit_row_are_one_transaction(stage: Stage, name: str) -> None:
    act = ACTS[name]
    doing = act.stage(stage)
    with watched(stage, act.action, refuse=False) as commits:
        doing()
    (row,) = [row for row in stage.world.audited_since(commits.after) if row.action == act.action]
    assert (row.actor, row.outcome) == (act.actor, act.outcome)
    assert row.target.startswith(act.target)
    assert row.at == stage.world.clock.now()
    if act.correlation is None:
        with stage.world.database.read() as session:
            assert row.correlation_id == session.get_one(Case, 1).correlation_id
    else:
        assert row.correlation_id
        assert row.correlation_id.startswith(act.correlation)
    assert (commits.before_it != commits.after_it) == act.state
    assert commits.after_it


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_is_rolled_back_leaves_neither(stage: Stage, name: str) -> None:
    act = ACTS[name]
    doing = act.stage(stage)
    with watched(stage, act.action, refuse=True) as commits:
        with suppress(Boom):
            doing()
        refused = commits.refused
    assert refused == 1
    assert [row for row in stage.world.audited_since(commits.after) if row.action == act.action] == []


def actions_in(path: Path) -> Iterator[str]:
    """What a module of ours audits, as far as its text tells: whole actions, and the verbs of cases."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        named = {one.arg: one.value.value for one in node.keywords if isinstance(one.value, ast.Constant)}
        plain = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in ("append", "write_down") and "action" in named:
            yield str(named["action"])
        elif called == "Act":
            first = node.args[0] if node.args else None
            yield from [f"case.{first.value!s}"] if isinstance(first, ast.Constant) else []
        elif called == "note" and "verb" in named:
            yield f"case.{named['verb']!s}"
        elif called == "_audit":
            yield from (word if "." in word else f"case.{word}" for word in plain[:1])


def test_the_table_misses_no_action_of_the_automation_and_the_bot() -> None:
    rooms = (ROOT / "automations", ROOT / "bot" / "engine", ROOT / "bot" / "listeners")
    files = [*(path for room in rooms for path in room.rglob("*.py")), *(ROOT / "bot").glob("*.py")]
    found = {action for path in files for action in actions_in(path)}
    assert len(found) > 12
    assert found <= {act.action for act in ACTS.values()}
