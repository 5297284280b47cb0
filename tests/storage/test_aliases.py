"""Names in the audit log: written as aliases, shown as names, erased without touching the chain."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage import aliases, audit
from storage.engine import Database
from storage.models import AuditEntry, AuditHead, PersonAlias
from tests.storage.test_audit import verdict, write
from tests.support import START

ANNA, BEN = "anna@example.com", "Ben.Okoro+x@team.example"


def stored(database: Database) -> list[tuple[Any, ...]]:
    """What is in the table itself, as one that reads no alias sees it."""
    columns = (AuditEntry.actor, AuditEntry.target, AuditEntry.before, AuditEntry.after)
    with database.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(AuditEntry.seq))]


def test_people_are_written_as_aliases_and_shown_as_names(database: Database) -> None:
    after = {"owner": BEN, "why": f"{ANNA} asked, not {BEN}.", "who": [ANNA, 3, None, {BEN: {ANNA: 1.5}}]}
    with database.begin() as session:
        entry = write(session, actor=ANNA, target=f"people/{BEN}", before={"owner": None}, after=after)
        assert (entry.actor, entry.target, entry.after) == (ANNA, f"people/{BEN}", after)
    ((actor, target, before, written),) = stored(database)
    assert (actor, target, before) == ("person-1", "people/person-2", {"owner": None})
    assert "@" not in str(written)
    with database.read() as session:
        (entry,) = audit.entries(session)
        assert (entry.actor, entry.target, entry.after) == (ANNA, f"people/{BEN}", after)
        assert [one.seq for one in audit.entries(session, actor=ANNA)] == [1]
        assert [one.seq for one in audit.entries(session, target=f"people/{BEN}")] == [1]
        assert audit.entries(session, actor=BEN) == []
        assert aliases.names(session, actor, target, written) == {"person-1": ANNA, "person-2": BEN}
    assert verdict(database) == audit.Verdict(True, 1)


def test_an_erased_person_is_one_everywhere_and_comes_back_as_another(database: Database) -> None:
    with database.begin() as session:
        write(session, actor=ANNA, after={"owner": BEN})
        write(session, actor="Anna@Example.com")
    with database.begin() as session:
        assert audit.erase(session, "ANNA@example.com", at=START, actor="os:lea") == ["person-1", "person-3"]
        assert audit.erase(session, "nobody@example.com", at=START, actor="os:lea") == []
    with database.begin() as session:
        write(session, actor=ANNA)
    with database.read() as session:
        actors = [entry.actor for entry in audit.entries(session)]
        assert actors == ["erased person 1", "erased person 3", "os:lea", ANNA]
        assert [entry.seq for entry in audit.entries(session, actor=ANNA)] == [4]
        assert audit.entries(session, limit=None)[0].after == {"owner": BEN}
        kept = list(session.scalars(select(PersonAlias.name)))
    assert sorted(filter(None, kept)) == [BEN, ANNA]
    assert [row[0] for row in stored(database)][-1] == "person-4"
    assert verdict(database) == audit.Verdict(True, 4)


@pytest.mark.parametrize("before", ["", "'", '"', "-", "--", "...", "<", "("])
def test_an_address_begins_with_its_first_letter_whatever_stands_before_it(database: Database, before: str) -> None:
    with database.begin() as session:
        write(session, actor="handoff", after={"error": f"There is no agent {before}o'neil-b@example.com'."})
        session.add(PersonAlias(name="'o'neil-b@example.com"))  # as earlier versions kept it
    with database.begin() as session:
        assert len(audit.erase(session, "O'Neil-B@example.com", at=START, actor="os:lea")) == 2
    assert "neil" not in str(stored(database))
    with database.read() as session:
        assert list(filter(None, session.scalars(select(PersonAlias.name)))) == []
        assert audit.entries(session)[0].after == {"error": f"There is no agent {before}erased person 1'."}


def test_what_was_rolled_back_names_nobody_else(database: Database) -> None:
    """The number that a rolled back transaction gave may be given again; nobody may remember it."""
    with database.begin() as session:
        nested = session.begin_nested()
        write(session, actor=ANNA)
        nested.rollback()
        write(session, actor=BEN)
        write(session, actor=ANNA)
        session.rollback()
    with database.begin() as session:
        write(session, actor=BEN)
        write(session, actor=ANNA)
    with database.begin() as session:
        write(session, actor=ANNA)
    with database.read() as session:
        assert [entry.actor for entry in audit.entries(session)] == [BEN, ANNA, ANNA]


def test_what_reads_like_an_alias_is_not_taken_for_somebody(database: Database) -> None:
    with database.begin() as session:
        write(session, actor=ANNA)
        write(session, actor="handoff", after={"note": "see person-1", "id": "person-77"})
    with database.read() as session:
        assert audit.entries(session)[1].after == {"note": "see person-1", "id": "person-77"}
    assert stored(database)[1][3] != {"note": "see person-1", "id": "person-77"}


def test_rows_from_before_are_found_and_stay(database: Database) -> None:
    with database.begin() as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(aliases, "hidden", lambda _session, value, _version: value)
        write(session, actor=ANNA)
    with database.begin() as session:
        write(session, actor=ANNA)
        assert audit.naming(session, ANNA.upper()) == 1
        audit.erase(session, ANNA, at=START, actor="os:lea")
    with database.read() as session:
        assert [entry.actor for entry in audit.entries(session, limit=2)] == ["erased person 1", "os:lea"]
        assert [entry.seq for entry in audit.entries(session, actor=ANNA)] == [1]


def test_an_erasure_is_one_row_that_names_nobody(database: Database) -> None:
    later = START + timedelta(hours=1)
    with database.begin() as session:
        write(session, actor=ANNA)
        before = session.scalar(select(AuditHead.erasures)) or 0
        audit.erase(session, ANNA, at=later, actor="os:lea")
    with database.read() as session:
        assert (session.scalar(select(AuditHead.erasures)) or 0) == before + 1
        said = audit.entries(session)[-1]
        assert (said.action, said.target, said.outcome, said.correlation_id, said.after, said.at) == (
            "people.erased", "people", "done", "people/erased", {"erased": 1}, later,
        )  # fmt: skip
        (row,) = session.execute(select(PersonAlias.name, PersonAlias.erased_at).where(PersonAlias.id == 1))
        assert tuple(row) == (None, later)


def test_addresses_that_stand_in_rows_are_counted_as_actor_and_as_target(database: Database) -> None:
    with database.begin() as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(aliases, "hidden", lambda _session, value, _version: value)
        write(session, actor=ANNA.title(), target="CASE-1")
        write(session, actor="handoff", target=ANNA.upper())
        write(session, actor=BEN, target="CASE-2")
    with database.read() as session:
        assert [audit.naming(session, one) for one in (ANNA, BEN, "nobody@example.com")] == [2, 1, 0]


def test_an_entry_that_was_shown_is_not_written_back(database: Database) -> None:
    with database.begin() as session:
        write(session, actor=ANNA)
    with database.begin() as session:
        (entry,) = audit.entries(session)
        assert entry not in session.dirty
        session.refresh(entry)
        assert entry.actor == ANNA
    assert stored(database)[0][0] == "person-1"


TEXTS = st.text(alphabet="ab@.-+ %'ä\n\\1person", max_size=40)


@given(value=st.dictionaries(TEXTS, st.one_of(TEXTS, st.lists(TEXTS, max_size=3)), max_size=3))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_is_written_is_shown_as_it_was(database: Database, value: dict[str, Any]) -> None:
    with database.begin() as session:
        seq = write(session, after=value).seq
    with database.read() as session:
        assert session.get_one(AuditEntry, seq).after == value


def test_a_long_text_takes_no_longer_than_its_length(database: Database) -> None:
    """Half a megabyte, mostly, that a careless pattern would go over again from every letter."""
    with database.begin() as session:
        for long in ("a" * 500_000, "a@" * 1_000, "a." * 250_000 + "@", "x@" + "a." * 250_000):
            assert aliases.known(session, long) == long
