"""Making a decision true in the desk: read back, honest about what is not known, safe against a crash anywhere."""

from dataclasses import replace
from typing import Any

import pytest

from automations.desks import Capability
from automations.domain import Mode, Priority, TicketChange
from automations.errors import NotFound, OutcomeUnknown, Rejected, Unavailable
from automations.triage.applying import apply
from automations.triage.decisions import after
from storage import stuck
from storage.models import TriageDecision
from tests.automations.triage.stage import ANNA, BEN, CAN, Death, Stage, dying_at

WORDS = "Refund! Production is down for everyone"
LOST = OutcomeUnknown("the desk answered 500", system="builtin")
AWAY = Unavailable("the desk answered 503", system="builtin")


def confirmed(stage: Stage, **fields: Any) -> TriageDecision:
    """A proposal that Anna applied; the job has not run yet."""
    row = stage.decided(WORDS, **fields)
    assert (row.queue, row.priority) == ("Billing", "high")
    stage.act("apply_by", row)
    return row


def place(stage: Stage) -> tuple[str | None, str | None]:
    shown = stage.desk.tickets["1"]
    return shown.group, shown.priority


def test_it_is_applied_once_and_only_then_says_so(stage: Stage) -> None:
    row = confirmed(stage)
    assert (stage.state(row), place(stage)) == ("applying", ("Support", "normal"))
    stage.play()
    done = stage.row(row.id)
    assert (done.state, place(stage), done.called_at) == ("applied", ("Billing", "high"), None)
    assert done.verified_at == stage.clock.now()
    assert stage.desk.updates == [TicketChange(group="Billing", priority=Priority.HIGH)]
    assert stage.audited(row) == [("decided", "handoff"), ("confirmed", "anna@example.com"), ("applied", "handoff")]
    stage.run(row.id)
    assert len(stage.desk.updates) == 1, "a job that comes again finds nothing to do"
    with pytest.raises(NotFound):
        apply(stage.database, stage.desk.desk, 99, stage.ctx)


def test_a_500_after_applying_is_unclear_then_read_back_then_verified(stage: Stage) -> None:
    row = confirmed(stage)
    stage.desk.after = [LOST]
    with pytest.raises(OutcomeUnknown):
        apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert (stage.state(row), stage.row(row.id).error) == ("unclear", "the desk answered 500")
    apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert (stage.state(row), len(stage.desk.updates)) == ("applied", 1)
    assert stage.row(row.id).error == ""
    assert [action for action, _ in stage.audited(row)][-2:] == ["unclear", "applied"]


def test_a_500_before_applying_is_asked_for_again(stage: Stage) -> None:
    row = confirmed(stage)
    stage.desk.before = [LOST, AWAY]
    stage.play()
    assert (stage.state(row), place(stage)) == ("applied", ("Billing", "high"))


def test_what_is_so_already_is_not_sent(stage: Stage) -> None:
    row = confirmed(stage)
    stage.desk.tickets["1"] = replace(stage.desk.tickets["1"], group="Billing", priority=Priority.HIGH)
    stage.play()
    assert (stage.state(row), stage.desk.updates) == ("nothing", [])


@pytest.mark.parametrize("fields", [{"group": "Sales"}, {"priority": Priority.URGENT}])
def test_a_ticket_that_a_person_moved_meanwhile_is_theirs(stage: Stage, fields: dict[str, Any]) -> None:
    row = confirmed(stage)
    stage.desk.moved("1", **fields)
    stage.play()
    assert (stage.state(row), stage.desk.updates) == ("superseded", [])
    assert stage.row(row.id).error.startswith("somebody moved the ticket meanwhile: it is in ")


def test_a_ticket_that_is_gone_ends_it(stage: Stage) -> None:
    row = confirmed(stage)
    del stage.desk.tickets["1"]
    stage.play()
    assert (stage.state(row), stage.row(row.id).error) == ("superseded", "the ticket was deleted")


def test_a_merged_ticket_ends_it(stage: Stage) -> None:
    row = confirmed(stage)
    stage.desk.tickets["1"] = replace(stage.desk.tickets["1"], merged_into="2")
    stage.play()
    assert (stage.state(row), stage.row(row.id).error) == ("superseded", "the ticket was merged into another one")


def test_what_fails_waits_for_a_person_who_has_it_tried_again(stage: Stage) -> None:
    row = confirmed(stage)
    stage.desk.before = [Rejected("the group Billing is closed", system="builtin", code="422")]
    stage.play()
    assert (stage.state(row), stage.row(row.id).error) == ("failed", "the group Billing is closed")
    assert stage.row(row.id).called_at is None
    assert stage.audited(row)[-1] == ("failed", "handoff")
    assert "tried again" in stage.act("retry", row, BEN)
    stage.play()
    assert stage.state(row) == "applied"
    assert ("retried", "ben@example.com") in stage.audited(row)


def test_a_retry_from_the_failure_queue_is_a_retry(stage: Stage) -> None:
    row = confirmed(stage)
    stage.desk.before = [AWAY] * 4
    stage.play()
    apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert stage.state(row) == "failed", "nobody asked for it"
    with stage.database.begin() as session:
        args = {"decision_id": row.id}
        item = stuck.add(
            session, job="triage.apply", key="k", args=args, target=f"TRIAGE-{row.id}", owner="lead@example.com",
            reason="503", attempts=4, at=stage.clock.now(),
        )  # fmt: skip
        stuck.retried(session, item.id, by="lead@example.com", at=stage.clock.now())
    apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert stage.state(row) == "applied"


def test_undo_puts_the_ticket_back(stage: Stage) -> None:
    row = confirmed(stage)
    stage.play()
    assert stage.act("undo", row, BEN) == f"TRIAGE-{row.id}: ticket #1 goes back to Support, normal."
    assert stage.state(row) == "applying"
    stage.play()
    done = stage.row(row.id)
    assert (done.state, done.changed_by, place(stage)) == ("undone", "ben@example.com", ("Support", "normal"))
    assert stage.audited(row)[-2:] == [("undo_asked", "ben@example.com"), ("undone", "handoff")]


def test_undo_is_refused_if_the_ticket_is_not_as_it_was_left(stage: Stage) -> None:
    row = confirmed(stage)
    stage.play()
    stage.desk.moved("1", group="Sales")
    stage.act("undo", row)
    stage.play()
    done = stage.row(row.id)
    assert (done.state, done.undo_by, place(stage)) == ("applied", None, ("Sales", "high"))
    assert done.error == "not undone, somebody moved the ticket meanwhile: it is in Sales, high"
    assert stage.audited(row)[-1] == ("undo_refused", "handoff")


def test_undo_leaves_a_priority_where_there_was_none(stage: Stage) -> None:
    row = confirmed(stage, priority=None)
    stage.play()
    assert place(stage) == ("Billing", "high")
    stage.act("undo", row)
    stage.play()
    assert (stage.state(row), place(stage)) == ("undone", ("Support", "high"))


def test_a_desk_without_priorities_gets_the_queue_alone(stage: Stage) -> None:
    stage.desk.capabilities = CAN - {Capability.PRIORITIES}
    row = confirmed(stage)
    stage.play()
    assert (stage.state(row), stage.desk.updates) == ("applied", [TicketChange(group="Billing")])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("boundary", ["ticket.updating", "ticket.updated", "ticket.verified"])
@pytest.mark.parametrize("back", [False, True])
def test_a_crash_anywhere_is_met_by_looking(stage: Stage, boundary: str, back: bool) -> None:
    row = confirmed(stage)
    if back:
        stage.play()
        stage.act("undo", row)
    with dying_at(boundary), pytest.raises(Death):
        apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    if boundary != "ticket.verified":
        assert stage.state(row) == "applying", "not said before it was read"
    apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert stage.state(row) == ("undone" if back else "applied")
    assert place(stage) == (("Support", "normal") if back else ("Billing", "high"))
    assert len(stage.desk.updates) == 1 + back, "never sent twice"


def test_half_of_a_change_is_finished(stage: Stage) -> None:
    row = confirmed(stage)
    with dying_at("ticket.updating"), pytest.raises(Death):
        apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    stage.desk.tickets["1"] = replace(stage.desk.tickets["1"], group="Billing")
    apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert (stage.state(row), stage.desk.updates) == ("applied", [TicketChange(priority=Priority.HIGH)])


def test_another_desk_is_not_written_to(stage: Stage) -> None:
    row = confirmed(stage)
    stage.desk.system = "zendesk"
    stage.play()
    assert (stage.state(row), stage.desk.updates) == ("failed", [])
    assert stage.row(row.id).error == "the ticket is in builtin, but the desk in use is zendesk"


def test_a_desk_that_does_not_show_it_yet_is_looked_at_again(stage: Stage) -> None:
    row = confirmed(stage)
    shown, lag = stage.desk.tickets["1"], [True]
    real = stage.desk.get

    def get(name: str) -> object:
        now = real(name)
        return shown if now.group == "Billing" and lag and lag.pop() else now

    stage.desk.get = get  # type: ignore[assignment,method-assign]  # a desk whose reading lags behind
    with pytest.raises(Unavailable, match="does not show the change of ticket #1 yet"):
        apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert stage.state(row) == "applying"
    apply(stage.database, stage.desk.desk, row.id, stage.ctx)
    assert stage.state(row) == "applied"


def test_in_mode_auto_nobody_has_to_confirm(stage: Stage) -> None:
    stage.into(Mode.AUTO)
    stage.measured()
    row = stage.decided(WORDS)
    stage.play()
    done = stage.row(row.id)
    assert (done.state, done.changed_by, place(stage)) == ("applied", "handoff", ("Billing", "high"))
    assert after(done) == ("Billing", "high")
    assert stage.act("undo", row, ANNA)


def test_what_was_not_sent_yet_is_not_done_once_triage_is_switched_off(stage: Stage) -> None:
    stage.into(Mode.AUTO)
    stage.measured()
    row = stage.decided(WORDS)
    assert stage.state(row) == "applying"
    stage.into(Mode.OFF)
    stage.play()
    assert (stage.state(row), stage.desk.updates) == ("superseded", [])
    assert stage.row(row.id).error == "triage was switched to mode off before it was applied"


def test_what_was_not_sent_yet_waits_for_a_person_once_triage_only_asks(stage: Stage) -> None:
    stage.into(Mode.AUTO)
    stage.measured()
    row = stage.decided(WORDS)
    stage.into(Mode.ASK)
    stage.play()
    assert (stage.state(row), stage.desk.updates) == ("proposed", [])
    stage.act("apply_by", row)
    stage.play()
    assert (stage.state(row), len(stage.desk.updates)) == ("applied", 1)
