"""A reconciliation as a run: read, compared, stopped or not, written down, closed and opened again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from automations.access import findings
from automations.access.card_types import FindingKind
from automations.access.reconcile import ask_daily
from automations.domain import Mode
from automations.errors import Rejected, Unavailable
from automations.plan import RunState
from automations.runs import approve
from storage.models import Notification
from tests.automations.access.listed import PER_PAGE, person, user
from tests.automations.access.reconciled import LEA, LEO, Reconciled
from tests.figures.told import tell


def test_a_run_without_findings_is_recorded_and_shown(here: Reconciled) -> None:
    number = here.reconcile()
    card = here.card(number)
    assert (card.state, card.counts, card.total, card.pages) == ("done", (), 0, 1)
    assert (card.population, card.agents, card.source, card.desk) == (10, 10, "the people file", "Listed")
    with here.database.read() as session:
        shown = session.scalars(select(Notification).where(Notification.key == f"run/{number}")).one()
    assert (shown.kind, shown.channel) == ("access.findings", "C_ACCESS")
    (recorded,) = here.audited("findings.recorded")
    assert recorded.after is not None
    assert (recorded.target, recorded.after["new"]) == (f"RUN-{number}", 0)


def test_it_makes_as_many_calls_as_the_lists_have_pages_and_changes_nothing(here: Reconciled) -> None:
    here.company.listed += [person(f"x{number}@team.example") for number in range(240)]
    here.team.users += [user(f"x{number}@team.example") for number in range(140)]
    here.reconcile()
    assert here.company.calls + here.team.calls == 250 // PER_PAGE + 1 + 150 // PER_PAGE + 1
    assert here.team.writes == []
    assert [told for told in here.seen if told[0] == "Listed"] == [("Listed", 100, None), ("Listed", 150, 150)]
    assert here.seen[2] == ("the people file", 250, 250)


def test_what_is_found_is_stored_with_all_that_people_decide_on(here: Reconciled) -> None:
    here.company.change("a1@team.example", active=False)
    number = here.reconcile()
    one = here.only("left_active", "open")
    assert (one.key, one.run_id, one.name) == ("listed/left_active/a1@team.example", number, "A1")
    line = here.card(number).lines[0]
    assert line.fixable
    assert line.steps == ("Suspend in Listed", "End all sessions in Listed")
    assert here.card(number).counts == (("left_active", 1),)
    assert here.card(number).bulk == ("left_active",)


def test_the_same_difference_is_the_same_finding_until_it_is_gone(here: Reconciled) -> None:
    here.company.change("a1@team.example", active=False)
    here.reconcile()
    first = here.only("left_active", "open")
    here.tomorrow()
    second = here.reconcile()
    again = here.only("left_active", "open")
    assert (again.id, again.first_seen, again.run_id) == (first.id, first.first_seen, second)
    assert again.last_seen == first.last_seen + timedelta(days=1)
    here.company.change("a1@team.example", active=True)
    here.reconcile()
    assert here.only("left_active").state == "gone"
    here.company.change("a1@team.example", active=False)
    here.reconcile()
    assert [row.state for row in here.findings()] == ["gone", "open"], "back again, it is another one"


def test_more_than_the_brake_allows_stops_until_two_people_let_it_go_on(here: Reconciled) -> None:
    here.company.listed = here.company.listed[4:]
    number = here.reconcile()
    card = here.card(number)
    assert (card.state, card.brake, card.needed, card.bulk) == ("proposed", "4 of 10 people at once", 2, ())
    one = here.findings("open")[0]
    said = here.refused(lambda session: findings.confirm(session, one.id, one.digest, LEO, here.ctx))
    assert "is stopped (4 of 10 people at once); two people have to let it go on first" in said
    here.act(lambda session: approve.approve(session, number, card.digest, LEA, here.ctx))
    assert here.state(number) is RunState.PROPOSED, "asking for it was no yes to what it found"
    said = here.refused(lambda session: approve.approve(session, number, card.digest, LEA, here.ctx))
    assert "a second person" in said
    here.act(lambda session: approve.approve(session, number, card.digest, LEO, here.ctx))
    here.work()
    assert (here.state(number), here.team.writes) == (RunState.DONE, [])
    here.act(lambda session: findings.confirm(session, one.id, one.digest, LEO, here.ctx))


def test_a_stopped_one_closes_nothing_and_lets_nobody_go_by_it(here: Reconciled) -> None:
    here.company.change("a6@team.example", groups=())
    here.reconcile()
    kept = here.only("role_high", "open")
    until = here.clock.now() + timedelta(days=30)
    here.act(lambda session: findings.keep(session, kept.id, kept.digest, LEA, "on loan", until, here.ctx))
    whole = here.company.listed
    here.company.listed = whole[7:]
    stopped = here.reconcile()
    assert here.state(stopped) is RunState.PROPOSED
    assert here.only("role_high").state == "kept", "what a doubtful list does not show is not closed"
    here.act(lambda session: approve.cancel(session, stopped, LEO, here.ctx))
    one = here.findings("open")[0]
    said = here.refused(lambda session: findings.confirm(session, one.id, one.digest, LEO, here.ctx))
    assert "nobody goes by what it found" in said
    here.company.listed = whole
    here.reconcile()
    assert {row.state for row in here.findings() if row.kind == "orphaned"} == {"gone"}
    assert here.only("role_high").state == "kept"


def test_a_source_that_shrank_stops_even_where_nobody_would_lose_access(here: Reconciled) -> None:
    here.company.listed += [person(f"sales{number}@team.example") for number in range(30)]
    here.reconcile()
    here.company.listed = here.company.listed[:30]
    stopped = here.reconcile()
    assert here.state(stopped) is RunState.PROPOSED
    assert "10 active people fewer than the 40" in here.card(stopped).brake
    here.release(stopped, here.run(stopped).digest)
    assert here.state(here.reconcile()) is RunState.DONE, "what two people let go on is what the next is held against"


@pytest.mark.parametrize("nobody", ["company", "team"])
def test_an_empty_list_never_means_that_everybody_left(here: Reconciled, nobody: str) -> None:
    if nobody == "company":
        here.company.listed = []
    else:
        here.team.users = []
    number = here.reconcile()
    assert here.state(number) is RunState.REFUSED
    assert here.findings() == []
    assert "Nothing was compared, and nothing was changed." in here.card(number).words
    with here.database.read() as session:
        assert session.get(Notification, f"run/{number}") is not None, "people are shown that it came to nothing"


def test_a_cut_list_is_refused_and_one_that_cannot_be_read_is_tried_again(here: Reconciled) -> None:
    here.company.why_not = Rejected("The list says 40 and has 12", system="people_file", code="incomplete")
    number = here.reconcile()
    assert (here.state(number), here.findings()) == (RunState.REFUSED, [])
    here.company.why_not = Rejected("no right to read", system="people_file")
    with pytest.raises(Rejected):
        here.reconcile()


def test_an_invitation_is_left_in_peace_for_as_long_as_accepting_may_take(here: Reconciled) -> None:
    here.team.users[0] = user("a0@team.example", state="invited")
    here.reconcile()
    one = here.only("invitation")
    assert (one.state, one.decided_by, one.until) == ("kept", "handoff", here.clock.now() + here.ctx.waits_for)
    here.clock.move(here.ctx.waits_for)
    here.reconcile()
    assert here.only("invitation").state == "open"


def test_a_kept_finding_is_shown_again_when_its_time_ends_or_it_is_another(here: Reconciled) -> None:
    here.team.users[0] = user("a0@team.example", "Senior")
    here.reconcile()
    one = here.only("role_high", "open")
    until = here.clock.now() + timedelta(days=2)
    here.act(lambda session: findings.keep(session, one.id, one.digest, LEA, "until Monday", until, here.ctx))
    here.tomorrow()
    number = here.reconcile()
    assert here.only("role_high").state == "kept"
    assert (here.card(number).kept, here.card(number).counts) == (1, ())
    here.tomorrow()
    here.reconcile()
    again = here.only("role_high")
    assert (again.id, again.state, again.reason, again.until, again.decided_by) == (one.id, "open", "", None, None)
    until = here.clock.now() + timedelta(days=30)
    here.act(lambda session: findings.keep(session, one.id, one.digest, LEA, "agreed", until, here.ctx))
    here.team.users[0] = user("a0@team.example", "Admin")
    here.reconcile()
    assert here.only("role_high").state == "open", "nobody agreed to that role"


def test_the_bots_own_account_is_shown_and_never_touched(here: Reconciled) -> None:
    here.team.users += [user("handoff@desk.example", "Admin"), user("root@desk.example", "Admin")]
    number = here.reconcile()
    assert [(row.kind, row.fix) for row in here.findings()] == [("orphaned", []), ("orphaned", [])]
    assert here.card(number).bulk == ()


def test_one_is_open_at_a_time_and_the_timetable_asks_without_a_fuss(here: Reconciled) -> None:
    with here.database.begin() as session:
        first = ask_daily(session, here.ctx)
    with here.database.begin() as session:
        assert ask_daily(session, here.ctx) is None
    here.work()
    assert first is not None
    assert here.state(first.id) is RunState.DONE
    here.mode = Mode.OFF
    with here.database.begin() as session:
        assert ask_daily(session, here.ctx) is None


def test_shadow_shows_what_was_found(here: Reconciled) -> None:
    here.mode = Mode.SHADOW
    here.company.change("a1@team.example", active=False)
    number = here.reconcile()
    assert here.card(number).counts == (("left_active", 1),)


def test_what_comes_from_outside_is_kept_without_secrets_and_in_its_length(here: Reconciled) -> None:
    long = f"{'x' * 300}@team.example"
    here.company.listed.append(person(long, "support", name="Bearer token=xoxb-1234567890-abcdefghij"))
    here.reconcile()
    one = here.only("missing")
    assert "xoxb" not in one.name
    assert max(len(one.key), len(one.subject)) <= 255
    here.reconcile()
    assert here.only("missing").id == one.id


def test_findings_come_in_pages_and_the_digest_is_of_them_all(here: Reconciled) -> None:
    here.company.listed += [person(f"new{number:02}@team.example", "support") for number in range(20)]
    number = here.reconcile()
    first, last = here.card(number), here.card(number, 99)
    assert (first.pages, first.total, len(first.lines), last.page, len(last.lines)) == (3, 20, 8, 3, 4)
    assert first.digest == last.digest
    shown = [line.subject for page in (1, 2, 3) for line in here.card(number, page).lines]
    assert shown == sorted(shown)
    assert len(set(shown)) == 20
    one = here.findings("open")[0]
    here.act(lambda session: findings.confirm(session, one.id, one.digest, LEA, here.ctx))
    assert here.card(number).digest != first.digest


def test_a_newer_one_takes_the_list_over(here: Reconciled) -> None:
    here.company.change("a1@team.example", active=False)
    first = here.reconcile()
    second = here.reconcile()
    assert here.card(first).total == 0
    assert here.card(first).words == f"RUN-{second} is newer and lists what is still so."


def test_the_kinds_of_a_card_are_in_one_order(here: Reconciled) -> None:
    here.company.listed.append(person("new@team.example", "support"))
    here.team.users.append(user("old@desk.example"))
    here.team.users[0] = user("a0@team.example", "Light")
    number = here.reconcile()
    assert [line.kind for line in here.card(number).lines] == ["missing", "orphaned", "role_low"]
    assert replace(here.card(number), lines=()).counts == tuple(
        (kind.value, 1) for kind in (FindingKind.MISSING, FindingKind.ORPHANED, FindingKind.ROLE_LOW)
    )


def test_an_outside_that_is_away_leaves_the_run_to_be_tried_again(here: Reconciled) -> None:
    here.team.everybody = lambda: (_ for _ in ()).throw(Unavailable("away", system="listed"))  # type: ignore[method-assign]  # this once
    with pytest.raises(Unavailable):
        here.reconcile()
    assert here.state(1) is RunState.ASKED


def test_every_planted_orphan_is_found_and_nobody_else(here: Reconciled) -> None:
    """Fifty accounts of nobody upstream, in all shapes, among four hundred colleagues that are as they should be."""
    colleagues = [f"{where}{number}@team.example" for number in range(100) for where in ("n.", "s-", "o'", "W")]
    here.company.listed += [person(email, "support") for email in colleagues]
    here.team.users += [user(email.upper() if number % 3 else email) for number, email in enumerate(colleagues)]
    assert here.findings() == []
    planted = {f"{'' if number % 2 else 'Ex.'}leaver{number}@desk.example" for number in range(50)}
    for number, email in enumerate(sorted(planted)):
        shape = ({}, {"tokens": ("t1", "t2")}, {"groups": ()}, {"role": "Admin"}, {"role": "Light"})[number % 5]
        here.team.users.append(user(email, **shape))
    here.reconcile()
    orphaned = [row.subject for row in here.findings("open") if row.kind == "orphaned"]
    assert sorted(orphaned) == sorted(email.lower() for email in planted)
    others = [(row.kind, row.subject) for row in here.findings("open") if row.kind != "orphaned"]
    assert others == [], "0 false"
    tell("26", f"{len(orphaned)} of {len(planted)} planted orphans found among {len(colleagues)} colleagues, 0 false")
