"""Triage and escalation in a running bot: what is read for them, when they look, and what waits after a start."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from automations.apart import RowsPassedOver
from automations.domain import Actor, Mode
from automations.duty import Cover
from automations.failure_tickets.context import Context
from automations.sla.policy import SlaPolicy, SlaTarget
from automations.triage.asking import EVALUATE, PICTURE
from automations.triage.deciding import APPLY
from automations.triage.evaluations import keep
from bot.cli.view_examples.triage import BELOW
from bot.engine.spec import JobSpec
from bot.live import Live, Terms
from bot.mirror_side import READ, MirrorSide
from bot.triage_files import PICTURES
from bot.views.texts import Look
from bot.watch_acts import TicketActs
from bot.watch_side import CLOCKS_OF, FIRST_LOOK, WATCH, WATCH_AGAIN, WatchSide
from storage import modes
from storage.engine import Database
from storage.models import (
    AbsenceRow,
    DutyCover,
    Escalation,
    EscalationFiring,
    Notification,
    SlaClock,
    TicketText,
    TriageDecision,
)
from tests.automations.failure_tickets.samples import ANNA, LEAD, context
from tests.automations.triage.stage import Desk
from tests.bot.live_terms import terms_of
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Room:
    """One bot's side over a desk that is told what to show."""

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    desk: Desk
    live: Live
    side: WatchSide
    mirror: MirrorSide

    def terms(self, **changes: object) -> Terms:
        """Other settings from now on."""
        terms = replace(self.live.terms, **changes)  # type: ignore[arg-type]  # parts of the terms by name
        self.live.replace(terms)
        return terms

    def modes(self, triage: Mode, escalation: Mode) -> None:
        terms = self.live.terms
        self.terms(triage=replace(terms.triage, mode=triage), escalation=replace(terms.escalation, mode=escalation))

    def read(self) -> None:
        """The desk is read on, with the words of what changed."""
        self.clock.move(timedelta(seconds=1))
        self.mirror.spec().advance({})

    def watch(self) -> None:
        job(self.side, WATCH).advance({})

    def decisions(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            return [(row.ticket_id, row.state) for row in session.scalars(select(TriageDecision))]

    def fired(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            rows = session.scalars(select(EscalationFiring).order_by(EscalationFiring.id))
            return [(row.ticket_id, row.reason) for row in rows]


def room_on(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Room:
    ctx: Context = context(clock, jobs)
    live = Live(terms_of(ctx, Look(zone="Europe/Oslo")))
    desk = Desk(clock=clock, page=50)
    side = WatchSide(database, live, desk.desk, TicketActs(database, live, desk.desk), clock.now())
    return Room(database, clock, jobs, desk, live, side, MirrorSide(database, live, desk.desk, None, (side.reader,)))


@pytest.fixture
def room(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Room:
    return room_on(database, clock, jobs)


def job(side: WatchSide, name: str) -> JobSpec:
    return next(spec for spec in side.specs() if spec.name == name)


def test_with_both_off_nothing_is_read_and_nothing_asked_for(room: Room) -> None:
    room.modes(Mode.OFF, Mode.OFF)
    room.desk.opened("1", "please refund my invoice")
    assert not room.mirror.ask()
    assert not room.side.ask()
    assert room.jobs.calls == []
    room.watch()
    assert (room.decisions(), room.fired()) == ([], [])


def test_one_look_decides_and_escalates_what_was_read(room: Room) -> None:
    room.read()
    room.watch()  # from here on escalation watches
    room.desk.opened("1", "please refund my invoice, and let me talk to a human")
    assert (room.mirror.ask(), room.side.ask(), room.side.ask()) == (True, True, True)
    assert [len(room.jobs.of(name)) for name in (READ, WATCH)] == [1, 1], "replicas ask for one and the same"
    room.read()
    assert len(room.jobs.of(WATCH)) == 2, "whoever has read new words asks for a look at once"
    calls = list(room.desk.read)
    for _ in range(2):
        room.watch()
    assert room.decisions() == [("1", "proposed")]
    assert room.fired() == [("1", "asks_human")]
    room.read()
    assert room.desk.read == calls, "nothing changed, so no ticket is read"


def test_triage_alone_reads_and_decides_and_escalates_nothing(room: Room) -> None:
    room.modes(Mode.SHADOW, Mode.OFF)
    room.desk.opened("1", "please refund my invoice, and let me talk to a human")
    room.read()
    room.watch()
    assert (room.decisions(), room.fired()) == ([("1", "shadow")], [])


def test_switched_off_it_looks_once_more_to_say_so(room: Room) -> None:
    room.read()
    room.watch()
    room.modes(Mode.OFF, Mode.OFF)
    assert room.side.ask()
    room.watch()
    room.clock.move(timedelta(minutes=1))
    assert not room.side.ask()


def test_a_deadline_that_passed_while_nobody_ran_waits_for_the_desk_but_not_for_long(
    room: Room, database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    """After a start somebody may have answered meanwhile; a desk that stays away holds it up for half a minute."""
    room.read()
    room.watch()
    for name in ("answered", "late"):
        room.desk.opened(name, "How do we add a second site?")
    room.read()
    room.watch()
    clock.move(timedelta(hours=3, minutes=59))
    room.desk.wrote("answered", "By Settings, Sites.", "public")
    clock.move(timedelta(minutes=3))

    again = room_on(database, clock, jobs)
    again.desk = room.desk
    again.watch()
    assert again.fired() == [], "the desk was not read yet"
    room.read()
    again.watch()
    assert ("late", "sla_breach") in again.fired()
    assert not [one for one in again.fired() if one[0] == "answered"]


def test_without_the_desk_a_deadline_is_told_within_a_minute_of_the_start(
    room: Room, database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    room.read()
    room.watch()
    room.desk.opened("late", "How do we add a second site?")
    room.read()
    room.watch()
    clock.move(timedelta(hours=5))
    again = room_on(database, clock, jobs)
    seen = []
    for _ in range(4):
        again.watch()
        seen.append(again.fired())
        clock.move(timedelta(seconds=15))
    waited = FIRST_LOOK // timedelta(seconds=15)
    assert seen[:waited] == [[]] * waited
    assert ("late", "sla_breach") in seen[waited], "half a minute after the start"


def test_whoever_stands_in_is_called_and_who_is_away_is_not(room: Room) -> None:
    ctx = room.live.context()
    rotation = ctx.book.rotations[0]
    person = ctx.roster.people[0].email
    now = room.clock.now()
    room.terms(escalation=replace(room.live.terms.escalation, duty=rotation, queues={"Billing": rotation}))
    with room.database.begin() as session:
        told = {"email": person, "start": now, "until": now + timedelta(days=1), "set_by": LEAD, "set_at": now}
        session.add_all([DutyCover(rotation=rotation.name, kind="cover", **told), AbsenceRow(**told)])
    with room.database.read() as session:
        here, triage = room.side.acts.escalation_context(session), room.side.acts.triage_context(session)
    covers = (Cover(person, now, now + timedelta(days=1)),)
    assert getattr(here.duty, "covers", None) == covers
    assert getattr(here.queues["Billing"], "covers", None) == covers
    assert here.roster.away(person, now) is not None
    assert triage.roster.away(person, now) is not None


def test_words_go_after_their_time_though_both_are_off(room: Room) -> None:
    room.desk.opened("1", "please refund my invoice")
    room.read()
    room.modes(Mode.OFF, Mode.OFF)
    room.clock.move(room.live.terms.triage.keep_texts - timedelta(minutes=1))
    assert room.side.forget_words() == 0
    room.clock.move(timedelta(minutes=2))
    assert room.side.forget_words() == 1
    with room.database.read() as session:
        assert session.scalars(select(TicketText)).all() == []
    assert [one.name for one in room.side.timetable()] == ["watch", "words"]


def test_what_the_engine_lost_is_asked_for_at_a_start(room: Room) -> None:
    with room.database.begin() as session:
        modes.set_mode(session, "triage", Mode.ASK, by="os:root", at=room.clock.now())
    room.desk.opened("1", "please refund my invoice")
    room.read()
    room.watch()
    assert room.side.acts.ask_for_what_was_lost() == 0
    with room.database.begin() as session:
        row = session.scalars(select(TriageDecision)).one()
        row.state = "applying"
    room.jobs.clear()
    assert room.side.acts.ask_for_what_was_lost() == 1
    (asked,) = room.jobs.of(APPLY)
    apply = job(room.side, APPLY)
    assert apply.target(asked.args) == "TRIAGE-1"
    with room.database.read() as session:
        assert apply.owner_of(session, asked.args) == room.live.terms.triage.owner
    apply.advance(asked.args)
    assert room.decisions() == [("1", "applied")]
    assert room.desk.tickets["1"].group == "Billing"


def test_a_decision_that_is_given_up_says_so(room: Room) -> None:
    room.desk.opened("1", "please refund my invoice")
    room.read()
    room.watch()
    apply = job(room.side, APPLY)
    assert apply.on_stuck is not None
    with room.database.begin() as session:
        session.scalars(select(TriageDecision)).one().state = "applying"
    with room.database.begin() as session:
        apply.on_stuck(session, {"decision_id": 1}, "the desk does not answer (tried 20 times)")
    assert room.decisions() == [("1", "failed")]


def test_an_evaluation_is_whose_asked_and_its_picture_is_drawn_from_what_was_kept(room: Room) -> None:
    evaluate = job(room.side, EVALUATE)
    args: dict[str, str | int] = {"days": 90, "by": LEAD, "to": "U_LEAD1", "at": room.clock.now().isoformat()}
    evaluate.advance(args)
    assert evaluate.on_stuck is not None
    with room.database.begin() as session:
        assert evaluate.owner_of(session, args) == LEAD
        assert "too little history" in session.scalars(select(Notification)).one().data["text"]
        evaluate.on_stuck(session, args, "the disk is full")
        keep(session, BELOW, Actor(LEAD, LEAD), None, room.live.terms.triage)
    with room.database.read() as session:
        assert session.scalars(select(Notification)).one().data["text"].startswith("Triage was not measured")
        drawn = PICTURES[PICTURE](session, {"evaluation_id": 1})
    assert (drawn.name, drawn.title) == ("eval-1.png", "EVAL-1, picture: Zendesk, 90 days")
    assert drawn.content.startswith(b"\x89PNG")


def test_each_job_of_an_escalation_belongs_to_whoever_took_it_up(room: Room) -> None:
    room.read()
    room.watch()
    room.desk.opened("1", "let me talk to a human")
    room.read()
    room.watch()
    names = {spec.name for spec in room.side.specs()} - {WATCH, WATCH_AGAIN, CLOCKS_OF, APPLY, EVALUATE}
    assert names == {"escalation.note", "escalation.assign", "escalation.similar"}
    args = {"escalation_id": 1}
    for name in sorted(names):
        spec = job(room.side, name)
        assert spec.target(args) == "ESC-1"
        with room.database.read() as session:
            assert spec.owner_of(session, args) == room.live.terms.escalation.owner
            assert spec.owner_of(session, {"escalation_id": 9}) == room.live.terms.escalation.owner
        assert spec.advance(args) is None
    with room.database.begin() as session:
        session.get_one(Escalation, 1).note_by = ANNA
    with room.database.read() as session:
        assert job(room.side, "escalation.note").owner_of(session, args) == ANNA
        assert session.scalars(select(Notification.kind)).all() != []


def test_what_the_look_passes_over_comes_back_as_jobs_that_say_why(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.read()
    room.watch()
    room.desk.opened("1", "let me talk to a human")
    room.read()
    with monkeypatch.context() as poisoned:

        def fire(*_: object, **__: object) -> None:
            raise ValueError("a name nobody can read")

        poisoned.setattr("automations.escalation.sweep.fire", fire)
        room.watch()
        room.watch()
        (again,) = room.jobs.of(WATCH_AGAIN)
        with pytest.raises(RowsPassedOver, match="a name nobody can read"):
            job(room.side, WATCH_AGAIN).advance(again.args)
    job(room.side, WATCH_AGAIN).advance(again.args)
    assert [ticket for ticket, _ in room.fired()] == ["1"], "mended, it fires late but fires"


def test_a_ticket_without_clocks_gets_a_job_of_its_own(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = SlaPolicy(targets=(SlaTarget(name="all", first_reply=timedelta(hours=1), count="calendar"),))
    room.terms(escalation=replace(room.live.terms.escalation, policy=policy))
    room.read()
    room.desk.opened("1", "hello")
    room.read()
    with monkeypatch.context() as poisoned:

        def clocks(*_: object) -> None:
            raise ValueError("a status nobody knows")

        poisoned.setattr("automations.sla.taking.clocks", clocks)
        room.watch()
        (alone,) = room.jobs.of(CLOCKS_OF)
        assert (alone.args, job(room.side, CLOCKS_OF).target(alone.args)) == ({"ticket": "1"}, "ticket 1")
        with pytest.raises(ValueError, match="a status nobody knows"):
            job(room.side, CLOCKS_OF).advance(alone.args)
    job(room.side, CLOCKS_OF).advance(alone.args)
    with room.database.read() as session:
        assert [clock.ticket_id for clock in session.scalars(select(SlaClock))] == ["1"]
