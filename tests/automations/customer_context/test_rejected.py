"""Rows that could not be taken: counted with every try, fixed once they are taken, away once they are dismissed."""

from typing import Any

import pytest
from sqlalchemy import event

from automations.customer_context import lists, rejected
from automations.customer_context.context import APPLY
from automations.customer_context.rules import DESK
from automations.customer_context.values import RejectedRow
from automations.domain import Actor
from automations.errors import NotFound
from storage.engine import Database
from storage.models import CustomerChange, CustomerGroup
from tests.automations.customer_context.ledgered import ANNA, BEN, Act, Ledgered, bad_row, ledgered
from tests.automations.customer_context.synced import LEA, LEO
from tests.support import FakeClock, RecordingJobs

REFUSED = RejectedRow(DESK, "A-1", "Listed: tier is locked", {"tier": "enterprise"})


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    return ledgered(database, clock, jobs)


def dismissing(here: Ledgered, actor: Actor = LEA) -> Act:
    number = here.rejected()[-1].id
    return lambda session: rejected.dismiss(session, number, actor, here.ctx)


def group_of(here: Ledgered, state: str, change: str = "planned", applied_by: int | None = None) -> int:
    """A group with a change for A-1."""
    with here.database.begin() as session:
        group = CustomerGroup(
            run_id=None, key="k", kind="changed", field="tier", before="pro", after="enterprise", size=1, digest="d",
            state=state, open_too=False, effects={}, version=1, decided_by=None, decided_at=None, reason="",
            applied_by=applied_by,
        )  # fmt: skip
        session.add(group)
        session.flush()
        session.add(
            CustomerChange(
                group_id=group.id, number=1, account="A-1", name="", desk_id="2", field="tier", before="pro",
                after="enterprise", values={}, conflict=None, state=change, error="", changed_at=None,
            )
        )  # fmt: skip
        return group.id


def test_each_try_is_counted_until_it_is_taken(here: Ledgered) -> None:
    here.turned_away(bad_row())
    first = here.only_rejected("open")
    assert (first.source, first.row_key, first.reason, first.row, first.tries) == (
        "crm", "A-1", "tier: gold is none of ours", {"id": "A-1", "tier": "gold"}, 1,
    )  # fmt: skip
    here.tomorrow()
    here.turned_away(bad_row())
    again = here.only_rejected("open")
    assert (again.id, again.tries, again.first_seen, again.last_seen) == (
        first.id, 2, first.first_seen, here.clock.now(),
    )  # fmt: skip
    here.turned_away()
    assert here.only_rejected().state == "fixed"
    here.turned_away(bad_row())
    assert [(row.state, row.tries) for row in here.rejected()] == [("fixed", 2), ("open", 1)]
    recorded = [entry.after for entry in here.audited("rejected.recorded")]
    assert recorded == [
        {"new": 1, "again": 0, "other": 0, "fixed": 0, "returned": 0},
        {"new": 0, "again": 1, "other": 0, "fixed": 0, "returned": 0},
        {"new": 0, "again": 0, "other": 0, "fixed": 1, "returned": 0},
        {"new": 1, "again": 0, "other": 0, "fixed": 0, "returned": 0},
    ]


def test_another_reason_or_row_is_shown(here: Ledgered) -> None:
    here.turned_away(bad_row())
    here.turned_away(bad_row(reason="tier: lead is none of ours", id="A-1", tier="lead"))
    one = here.only_rejected("open")
    assert (one.reason, one.row["tier"], one.tries) == ("tier: lead is none of ours", "lead", 2)


def test_one_row_told_twice_is_one_entry_and_each_source_has_its_own(here: Ledgered) -> None:
    here.turned_away(bad_row(), bad_row(reason="another"), RejectedRow("erp", "A-1", "no name", {}))
    assert [(row.source, row.reason) for row in here.rejected()] == [
        ("crm", "tier: gold is none of ours"), ("erp", "no name"),
    ]  # fmt: skip


@pytest.mark.parametrize("looked", [{"kind": APPLY}, {"brake": "9 of 10 at once"}], ids=["apply", "stopped"])
def test_whoever_did_not_look_fixes_nothing(here: Ledgered, looked: dict[str, Any]) -> None:
    here.turned_away(bad_row())
    here.turned_away(**looked)
    here.turned_away(bad_row("A-2"), **looked)
    assert [row.row_key for row in here.rejected("open")] == ["A-1", "A-2"]


def test_what_is_dismissed_stays_away_until_the_row_says_something_else(here: Ledgered) -> None:
    here.turned_away(bad_row())
    assert here.act(dismissing(here)) == "crm, A-1: dismissed. It comes back once the row says something else."
    one = here.only_rejected("dismissed")
    assert (one.decided_by, one.decided_at) == (LEA.email, here.clock.now())
    (entry,) = here.audited("rejected.dismissed")
    assert (entry.actor, entry.target) == (LEA.email, f"REJECTED-{one.id}")
    before = here.only_rejected()
    here.tomorrow()
    here.turned_away(bad_row(reason="said otherwise"))
    here.turned_away()
    here.turned_away(bad_row())
    assert (here.only_rejected().state, here.only_rejected().tries) == ("dismissed", before.tries)
    here.turned_away(bad_row(id="A-1", tier="lead"))
    back = here.only_rejected("open")
    assert (back.id, back.tries, back.decided_by, back.decided_at) == (one.id, 2, None, None)
    assert here.audited("rejected.recorded")[-1].after == {
        "new": 0, "again": 0, "other": 1, "fixed": 0, "returned": 1,
    }  # fmt: skip


def test_only_leads_dismiss_and_only_what_is_there(here: Ledgered) -> None:
    here.turned_away(bad_row())
    here.block("ben@team.example")
    before = here.snapshot()
    assert here.refused(dismissing(here, ANNA)) == "Only a lead decides this. Nothing was changed."
    assert here.refused(dismissing(here, BEN)) == "Your access to Handoff was taken away. Nothing was changed."
    with pytest.raises(NotFound, match="There is no REJECTED-9"), here.database.begin() as session:
        rejected.dismiss(session, 9, LEA, here.ctx)
    assert here.snapshot() == before


def test_clicks_at_the_same_moment_dismiss_once(here: Ledgered) -> None:
    here.turned_away(bad_row())
    said, refused = here.at_once([dismissing(here, LEA), dismissing(here, LEO), dismissing(here, LEO)])
    assert (len(said), len(refused)) == (1, 2)
    assert all(" already. Nothing was changed by you." in words for words in refused)
    assert len(here.audited("rejected.dismissed")) == 1


def test_what_is_fixed_is_not_dismissed(here: Ledgered) -> None:
    here.turned_away(bad_row())
    here.turned_away()
    assert here.refused(dismissing(here)) == "crm, A-1: it is fixed already. Nothing was changed by you."


def test_a_row_is_kept_without_its_secrets_and_told_apart_all_the_same(here: Ledgered) -> None:
    here.turned_away(bad_row(note="password=hunter2hunter2", password="swordfish", reason="token=hunter2hunter2"))
    one = here.only_rejected()
    assert "hunter2" not in str(one.row) + one.reason
    assert one.row["password"] == "[redacted]"
    here.act(dismissing(here))
    here.turned_away(bad_row(note="password=hunter3hunter3", password="swordfish", reason="token=hunter2hunter2"))
    assert here.only_rejected().state == "open", "it says something else"


def test_a_key_of_any_length_is_kept(here: Ledgered) -> None:
    keys = ["x" * 300 + end for end in "ab"]
    here.turned_away(*[bad_row(key) for key in keys])
    here.turned_away(*[bad_row(key) for key in keys])
    assert [row.tries for row in here.rejected("open")] == [2, 2]
    assert all(len(row.row_key) <= 255 for row in here.rejected())


@pytest.mark.parametrize("state", ["open", "held", "confirmed"])
def test_what_the_desk_refused_stands_while_a_group_is_to_bring_it_there(here: Ledgered, state: str) -> None:
    here.turned_away(REFUSED, kind=APPLY)
    group_of(here, state)
    here.turned_away()
    assert here.only_rejected().state == "open"


@pytest.mark.parametrize(("state", "change"), [("superseded", "planned"), ("partial", "refused"), ("open", "verified")])
def test_what_the_desk_refused_is_fixed_once_nothing_is_to_be_brought_there(
    here: Ledgered, state: str, change: str
) -> None:
    here.turned_away(REFUSED, kind=APPLY)
    group_of(here, state, change)
    here.turned_away()
    assert here.only_rejected().state == "fixed"


@pytest.mark.parametrize(("change", "state"), [("verified", "fixed"), ("refused", "open"), ("planned", "open")])
def test_a_run_that_brought_it_there_fixes_it(here: Ledgered, change: str, state: str) -> None:
    here.turned_away(bad_row(), REFUSED, kind=APPLY)
    with here.database.begin() as session:
        number = here.a_run(session, APPLY).id
    group_of(here, "confirmed", change, number)
    for _ in range(2):
        with here.database.begin() as session:
            rejected.carried_out(session, session.get_one(type(here.run(number)), number), here.ctx)
    assert [(row.source, row.state) for row in here.rejected()] == [("crm", "open"), (DESK, state)]
    assert len(here.audited("rejected.fixed")) == (state == "fixed")


def test_many_are_kept_without_a_look_at_each(here: Ledgered) -> None:
    statements: list[str] = []
    event.listen(here.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    for tier, tries in (("gold", 1), ("gold", 2), ("lead", 3)):
        statements.clear()
        here.turned_away(*[bad_row(f"A-{number}", tier=tier) for number in range(3_000)])
        assert {row.tries for row in here.rejected("open")} == {tries}
        assert len(statements) < 40
    here.turned_away()
    assert here.rejected("open") == []


def test_the_list_is_oldest_first_and_paged(here: Ledgered) -> None:
    here.turned_away(*[bad_row(f"A-{number}") for number in range(5)])
    here.act(dismissing(here))
    with here.database.read() as session:
        listed = lists.rejected(session, here.ctx)
        assert [line.row_key for line in listed] == ["A-0", "A-1", "A-2", "A-3"]
        assert [line.row_key for line in lists.rejected(session, here.ctx, offset=1, limit=2)] == ["A-1", "A-2"]
        (away,) = lists.rejected(session, here.ctx, state="dismissed")
        assert (away.row_key, away.state, away.decided_by and away.decided_by.name) == ("A-4", "dismissed", "Lea Lind")
        assert lists.rejected_line(session, away.id, here.ctx) == away
        assert (listed[0].tries, listed[0].first_seen, listed[0].row) == (
            1, here.clock.now(), {"id": "A-0", "tier": "gold"},
        )  # fmt: skip
        with pytest.raises(NotFound, match="There is no REJECTED-99"):
            lists.rejected_line(session, 99, here.ctx)
