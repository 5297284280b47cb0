"""The access review: everybody, what was found, who decided, proof; the same bytes for the same run."""

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.access import export, findings
from automations.errors import NotFound, Refused
from automations.runs.ask import ask
from automations.spreadsheet import bare, cell
from tests.automations.access.listed import person, user
from tests.automations.access.reconciled import LEA, Reconciled

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def review(here: Reconciled, number: int) -> str:
    with here.database.read() as session:
        return "".join(export.access_review(session, number))


def rows(here: Reconciled, number: int) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(review(here, number), newline="")))


def test_everybody_with_access_is_in_it_found_or_not(here: Reconciled) -> None:
    here.company.listed.append(person("new@team.example", "support", name="New One"))
    here.team.users.append(user("old@desk.example", tokens=None, groups=None))
    number = here.reconcile()
    listed = rows(here, number)
    assert [row["email"] for row in listed] == [*sorted(one.agent.email for one in here.team.users), "new@team.example"]
    assert tuple(listed[0].values()) == (
        *(f"RUN-{number}", "2026-11-21T02:14:00.000000+00:00", "the people file", "11", "11", "Listed", "11"),
        *("a0@team.example", "A0", "active", "active", "Agent", "Support"),
        *("", "", "", "", "", "", "", "", "", "", ""),
    )
    by_mail = {row["email"]: row for row in listed}
    assert (by_mail["old@desk.example"]["upstream"], by_mail["old@desk.example"]["desk_groups"]) == ("none", "not told")
    assert by_mail["old@desk.example"]["decision"] == "open"
    new = by_mail["new@team.example"]
    assert (new["desk_state"], new["finding"], new["upstream"]) == ("absent", "missing", "active")
    assert by_mail["b.okoro@desk.example"]["upstream"] == "active"


def test_a_decision_stands_with_who_when_why_and_its_place_in_the_audit_log(here: Reconciled) -> None:
    here.company.change("a1@team.example", active=False)
    here.team.users[0] = user("a0@team.example", "Senior")
    number = here.reconcile()
    kept, left = here.only("role_high"), here.only("left_active")
    until = here.clock.now() + timedelta(days=30)
    here.act(lambda s: findings.keep(s, kept.id, kept.digest, LEA, "=cmd() on loan", until, here.ctx))
    here.act(lambda s: findings.confirm(s, left.id, left.digest, LEA, here.ctx))
    by_kind = {row["finding"]: row for row in rows(here, number) if row["finding"]}
    (entry,) = here.audited("finding.kept")
    one = by_kind["role_high"]
    assert (one["decision"], one["decided_by"], one["reason"]) == ("kept", "lea@team.example", "'=cmd() on loan")
    assert (one["until"], one["audit_hash"]) == (until.isoformat(), entry.hash)
    assert (one["finding_ref"], one["desk_role"]) == (f"FINDING-{kept.id}", "Senior")
    assert (by_kind["left_active"]["decision"], by_kind["left_active"]["mended_by"]) == (
        "confirmed", f"RUN-{number + 1}",
    )  # fmt: skip


def test_the_same_run_gives_the_same_bytes_whatever_happens_after(here: Reconciled) -> None:
    here.company.change("a1@team.example", active=False)
    here.team.users[0] = user("a0@team.example", "Senior")
    number = here.reconcile()
    kept = here.only("role_high")
    until = here.clock.now() + timedelta(days=1)
    here.act(lambda s: findings.keep(s, kept.id, kept.digest, LEA, "on loan", until, here.ctx))
    before = review(here, number)
    assert review(here, number) == before
    here.work()
    here.tomorrow()
    here.team.users[1] = user("a1@team.example", "Light", "suspended", name="Another name")
    second = here.reconcile()
    again = here.only("role_high", "open")
    here.act(lambda s: findings.confirm(s, again.id, again.digest, LEA, here.ctx))
    here.work()
    assert review(here, number) == before
    later = {row["finding"]: row for row in rows(here, second)}
    assert (later["role_high"]["decision"], later["role_high"]["finding_ref"]) == ("confirmed", f"FINDING-{kept.id}")
    with here.database.read() as session:
        assert export.newest(session) == second


def test_no_cell_of_it_is_a_formula(here: Reconciled) -> None:
    here.team.users[0] = user("a0@team.example", "=1+1", name='@SUM(A1)",=2')
    here.team.users[1] = user("a1@team.example", groups=("-2+3", "Support"))
    listed = rows(here, here.reconcile())
    assert (listed[0]["name"], listed[0]["desk_role"], listed[1]["desk_groups"]) == (
        "'@SUM(A1)\",=2", "'=1+1", "'-2+3; Support",
    )  # fmt: skip
    assert not [value for row in listed for value in row.values() if value.startswith(FORMULAS)]


def test_only_a_reconciliation_that_read_something_has_a_review(here: Reconciled) -> None:
    with here.database.read() as session, pytest.raises(NotFound):
        export.newest(session)
    here.company.listed = []
    refused = here.reconcile()
    with here.database.begin() as session:
        other = ask(session, "provision", "x@team.example", {}, LEA, here.ctx).id
    for number in (refused, other):
        with pytest.raises(Refused):
            review(here, number)
    with pytest.raises(NotFound):
        review(here, 99)


def test_a_thousand_and_more_come_in_order(here: Reconciled) -> None:
    here.company.listed += [person(f"x{number:04}@team.example", "watchers") for number in range(1_100)]
    here.team.users += [user(f"x{number:04}@team.example", "Light", groups=()) for number in reversed(range(1_100))]
    listed = rows(here, here.reconcile())
    assert len(listed) == 1_110
    assert [row["email"] for row in listed] == sorted(row["email"] for row in listed)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=1, max_size=5))
def test_a_line_is_read_back_as_it_was_but_for_the_apostrophe(cells: list[str]) -> None:
    line = export.row(cells)
    assert line.endswith("\r\n")
    (read,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert read == [cell(one) for one in cells]
    for raw, shown in zip(cells, read, strict=True):
        assert not shown.startswith(FORMULAS)
        assert bare(shown) == raw
