"""The note on a ticket whose customer has an open case: what it says, and that it counts only once it was read back."""

import pytest

from automations.customer_context import noting
from automations.desks import Capability
from automations.domain import Mode
from automations.errors import NotFound, OutcomeUnknown, Rejected, Unavailable
from automations.failure_tickets import closing, life
from storage.engine import Database
from tests.automations.customer_context.writing import Writing
from tests.automations.failure_tickets.world import ANNA
from tests.support import FakeClock, RecordingJobs

DOWN = Unavailable("the desk answered 503", system="builtin")
CUT = OutcomeUnknown("the line was cut", system="builtin")
NO = Rejected("the desk answered 422", system="builtin", code="422")


@pytest.fixture
def writing(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Writing:
    """A notice about case 1 waits to be written on ticket 1."""
    made = Writing.on(database, clock, jobs)
    made.look()
    made.world.open()
    made.ticket()
    assert made.look() == 1
    return made


def note(writing: Writing) -> str:
    (written,) = writing.notes("1")
    return written


def test_it_says_which_case_since_when_whose_and_how_it_stands(writing: Writing) -> None:
    writing.play()
    assert note(writing) == (
        "Handoff: CASE-1 is about this customer.\n"
        "Invoice sync failed after 5 attempts\n"
        "Open since 21 Nov 03:14. Nobody has claimed it yet. Owner: Anna Berg."
    )
    assert writing.notices() == [(1, "1", "noted", "")]
    assert writing.audited()[-1] == ("customers.noted", "CASE-1", "noted")
    (line,) = writing.lines()
    assert line.version == 2, "the line follows"
    writing.run(1, "1")
    assert len(writing.notes("1")) == 1


@pytest.mark.parametrize(
    ("act", "said"),
    [(lambda s, w: life.claim(s, 1, ANNA, w.ctx), "Claimed by Anna Berg."),
     (lambda s, w: closing.resolve(s, 1, ANNA, "done", w.ctx), "Resolved since 21 Nov 03:1")],
)  # fmt: skip
def test_it_says_how_the_case_stands_when_it_is_written(writing: Writing, act: object, said: str) -> None:
    with writing.world.begin() as session:
        act(session, writing.world)  # type: ignore[operator]  # one of the two
    writing.play()
    assert said in note(writing)


@pytest.mark.parametrize(("before", "after"), [([DOWN], []), ([], [CUT]), ([DOWN, DOWN], []), ([], [CUT, CUT])])
def test_trouble_on_the_way_leaves_one_note(
    writing: Writing, before: list[Unavailable], after: list[OutcomeUnknown]
) -> None:
    writing.desk.before["note"], writing.desk.after["note"] = list(before), list(after)
    writing.play()
    assert (len(writing.notes("1")), writing.stuck) == (1, [])
    assert writing.notices() == [(1, "1", "noted", "")]


def test_what_the_desk_refuses_is_in_the_failure_queue_until_somebody_tries_again(writing: Writing) -> None:
    writing.desk.before["note"] = [NO]
    writing.play()
    assert (writing.stuck, writing.notices()) == (["1"], [(1, "1", "failed", "the desk answered 422")])
    assert writing.audited()[-1] == ("customers.noted", "CASE-1", "failed")
    writing.run(1, "1")
    assert writing.notices() == [(1, "1", "noted", "")]


def test_a_job_that_is_given_up_says_so(writing: Writing) -> None:
    writing.desk.before["note"] = [DOWN] * 3
    writing.play()
    assert (writing.stuck, writing.notices()) == (["1"], [(1, "1", "failed", "the desk answered 503")])


def test_a_note_that_the_desk_does_not_show_does_not_count(writing: Writing) -> None:
    writing.desk.mute = True
    writing.play()
    assert writing.notices() == [(1, "1", "failed", "ticket #1 does not show the note yet")]
    writing.desk.mute = False
    writing.run(1, "1")
    assert (len(writing.notes("1")), writing.notices()[0][2]) == (1, "noted")


def test_a_desk_that_lists_no_messages_is_believed(writing: Writing) -> None:
    writing.desk.capabilities = writing.desk.capabilities - {Capability.EVENTS}  # type: ignore[misc]  # this one desk
    writing.desk.mute = True
    writing.play()
    assert writing.notices()[0][2] == "noted"


def test_a_ticket_that_is_gone_needs_no_note(writing: Writing) -> None:
    writing.desk.before["note"] = [Rejected("there is no ticket 1", system="builtin", code="no_ticket")]
    writing.play()
    assert (writing.stuck, writing.notices()) == ([], [(1, "1", "failed", "there is no ticket 1")])


def test_switched_off_meanwhile_nothing_is_written(writing: Writing) -> None:
    writing.set(mode=Mode.OFF)
    writing.play()
    assert writing.notes("1") == []
    assert writing.notices()[0][2:] == ("failed", "notes about open cases were switched off before it was written")


def test_lost_jobs_are_asked_for_again(writing: Writing) -> None:
    writing.world.jobs.clear()
    with writing.world.begin() as session:
        assert noting.ask_for_what_was_lost(session, writing.ctx) == 1
    writing.play()
    with writing.world.begin() as session:
        assert noting.ask_for_what_was_lost(session, writing.ctx) == 0
        with pytest.raises(NotFound, match="Nobody was to be told of CASE-7 on ticket #9"):
            noting.found(session, 7, "builtin", "9")


def test_another_desk_is_not_written_to(writing: Writing) -> None:
    writing.desk.system = "zendesk"  # type: ignore[misc]  # this one desk
    writing.play()
    assert writing.stuck == ["1"]
    assert writing.notices()[0][3] == "the ticket is in builtin, but the desk in use is zendesk"
