"""Secrets go before storage; identity stays."""

from automations.failure_tickets.accepted import screen
from automations.failure_tickets.alert import Alert
from automations.failure_tickets.event import Reason
from automations.failure_tickets.rules import Rule
from tests.automations.failure_tickets.samples import book, context, event
from tests.support import FakeClock, RecordingJobs

HELD = "held-secret-4711"


def test_every_text_is_redacted_and_the_case_key_is_not_touched(clock: FakeClock, jobs: RecordingJobs) -> None:
    sent = event(
        summary=f"login with {HELD} failed",
        details=f"Authorization: Bearer {HELD}",
        dedup_key=f"login:{HELD}",
        job={"id": HELD, "name": f"login {HELD}"},
        customer={"id": HELD, "name": HELD, "tier": HELD},
        attempts=[{"at": "2026-11-21T02:10:00Z", "outcome": HELD}],
        checks=[HELD],
        diagnostics_url=f"https://logs.example/?token={HELD}",
    )
    (one,) = screen([sent], context(clock, jobs))
    kept = one.accepted.event
    assert HELD not in repr(one.accepted.body)
    assert HELD not in repr(kept)
    assert kept.case_key == sent.case_key
    assert (kept.source, kept.reason, kept.impact, kept.occurred_at, kept.status) == (
        sent.source,
        sent.reason,
        sent.impact,
        sent.occurred_at,
        sent.status,
    )
    assert kept.attempts[0].at == sent.attempts[0].at
    assert len(kept.checks) == 1


def test_what_holds_no_secret_stays_as_it_was_sent(clock: FakeClock, jobs: RecordingJobs) -> None:
    sent = event(attempts=[{"at": "2026-11-21T02:10:00Z", "outcome": "HTTP 502"}], details="ledger is down")
    (one,) = screen([sent], context(clock, jobs))
    assert one.accepted.event.model_dump(exclude={"kept_key"}) == sent.model_dump()
    assert one.accepted.id == one.sent_id == sent.id


def test_secret_ids_stay_apart_without_being_readable(clock: FakeClock, jobs: RecordingJobs) -> None:
    first, second, third = screen([event(id=f"{HELD}-{n}") for n in (1, 2, 1)], context(clock, jobs))
    assert first.accepted.id == third.accepted.id != second.accepted.id
    assert HELD not in first.accepted.id
    assert len(first.accepted.id) <= 255
    assert first.sent_id == f"{HELD}-1", "the sender is told the id it sent"


def test_a_secret_source_is_a_hash_wherever_it_is_kept(clock: FakeClock, jobs: RecordingJobs) -> None:
    first, second = screen([event(source=f"job-{HELD}-{n}") for n in (1, 2)], context(clock, jobs))
    assert HELD not in repr([first.accepted, second.accepted])
    assert first.name != second.name
    assert first.accepted.event.source == first.accepted.body["source"]
    assert len(first.accepted.event.source) <= 255


def test_redaction_never_overfills_a_column(clock: FakeClock, jobs: RecordingJobs) -> None:
    crowded = " ".join([HELD] * 14)
    sent = event(job={"id": crowded, "name": crowded}, customer={"id": crowded, "tier": f"{HELD} {HELD} {HELD}"})
    (one,) = screen([sent], context(clock, jobs))
    kept = one.accepted.event
    assert kept.customer is not None
    assert max(len(text or "") for text in (kept.job.id, kept.job.name, kept.customer.id)) <= 255
    assert len(kept.customer.tier) <= 64


def test_the_rule_that_judged_an_alert_is_kept(clock: FakeClock, jobs: RecordingJobs) -> None:
    rule = Rule(name="disk", treat_as=Reason.DATA_BLOCKED, reason=(Reason.WARNING,))
    ctx = context(clock, jobs, book(rules=(rule,)))
    warning = Alert.model_validate(event(reason="warning").model_dump())
    ended = Alert.model_validate(event(reason="warning", status="resolved").model_dump())
    judged, plain, over = screen([warning, event(reason="warning"), ended], ctx)
    assert (judged.accepted.event.reason, judged.rule) == (Reason.DATA_BLOCKED, rule)
    assert (plain.accepted.event.reason, plain.rule) == (Reason.WARNING, None)
    assert over.accepted.event.reason is Reason.WARNING
