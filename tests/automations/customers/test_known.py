"""Whose a ticket is: by account, by the desk's id, by a mail domain; for one and for a thousand at once."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.customers.known import (
    NOTHING_TO_SAY,
    Asked,
    Clarity,
    Whose,
    by_account,
    by_accounts,
    kept,
    tier_of_tickets,
    whose,
    whose_each,
)
from storage.engine import Database
from tests.automations.customers.kept import conflict, counted, customer, keep, source
from tests.support import START

HOUR = timedelta(hours=1)


def ask(database: Database, **told: str) -> Whose:
    with database.read() as session:
        return whose(session, **told)


def test_without_customers_there_is_nothing_to_say(database: Database) -> None:
    assert ask(database, account="acct_42", requester="eva@acme.example") == NOTHING_TO_SAY
    with database.read() as session:
        assert not kept(session)
        assert by_account(session, "acct_42") is None
        assert tier_of_tickets(session, [("1", "d1", START)]) == {}
        with counted(session) as sent:
            whose_each(session, {str(n): Asked(desk_id=str(n)) for n in range(100)})
    assert len(sent) == 1


def test_a_customer_is_shown_with_the_age_of_the_oldest_source_and_what_is_not_settled(database: Database) -> None:
    keep(
        database,
        customer("acct_42", desk_id="d1", tier_before="pro", tier_since=START),
        source("crm", START - HOUR),
        source("billing", START - 6 * HOUR),
        conflict("acct_42", "tier"),
        conflict("acct_42", "name", state="kept"),
        conflict("acct_42", "domains", state="taking"),
        conflict("acct_42", "", kind="two_accounts"),
        conflict("acct_7", "status"),
    )
    with database.read() as session:
        known = by_account(session, "acct_42")
    assert known is not None
    assert (known.tier, known.status, known.desk_id) == ("enterprise", "active", "d1")
    assert (known.source, known.as_of) == ("billing", START - 6 * HOUR)
    assert known.open_conflicts == ("", "domains", "tier")
    assert known.tier_of(START) == "enterprise"
    assert known.tier_of(START - HOUR) == "pro"
    assert known.tier_of(START - HOUR, "free") == "free"
    assert known.tier_of(START, "free") == "enterprise"


def test_account_comes_before_the_desks_id_and_that_before_the_domain(database: Database) -> None:
    keep(
        database,
        customer("a1", "acme.example", desk_id="d1"),
        customer("a2", "other.example", desk_id="d2"),
        customer("a3", desk_id=None),
    )

    def account(**told: str) -> str | None:
        standing = ask(database, **told).standing
        return standing.account if standing else None

    assert account(account="a1", desk_id="d2", requester="x@other.example") == "a1"
    assert account(account="gone", desk_id="d2", requester="x@acme.example") == "a2"
    assert account(desk_id="gone", requester="x@acme.example") == "a1"
    assert account(desk_id="a3") == "a3", "the desk has the account in the sender's own words"
    assert ask(database, account="gone", desk_id="gone") == NOTHING_TO_SAY


def test_an_id_of_the_desk_wins_over_an_account_of_the_same_name(database: Database) -> None:
    keep(database, customer("7", desk_id="9"), customer("a2", desk_id="7"))
    by_id, by_both = ask(database, desk_id="7").standing, ask(database, account="7", desk_id="7").standing
    assert by_id is not None
    assert by_both is not None
    assert (by_id.account, by_both.account) == ("a2", "7")


@pytest.mark.parametrize(
    ("requester", "clarity"),
    [
        ("eva@acme.example", Clarity.ONE),
        ("Eva Lind <Eva@ACME.example>", Clarity.ONE),
        ("eva@mail.eu.acme.example", Clarity.ONE),
        ("eva@lab.acme.example", Clarity.TWO),
        ("eva@deep.lab.acme.example", Clarity.TWO),
        ("eva@gmail.example", Clarity.NONE),
        ("eva@notacme.example", Clarity.NONE),
        ("eva@example", Clarity.NONE),
        ("Eva Lind", Clarity.OFF),
        ("@acme", Clarity.OFF),
        ("eva@", Clarity.OFF),
        ("", Clarity.OFF),
    ],
)
def test_the_nearest_domain_that_is_somebodys_counts(database: Database, requester: str, clarity: Clarity) -> None:
    keep(database, customer("a1", "acme.example", "lab.acme.example"), customer("a2", "lab.acme.example"))
    found = ask(database, requester=requester)
    assert found.clarity is clarity
    assert (found.standing is not None) == (clarity is Clarity.ONE)
    assert found.several == (("a1", "a2") if clarity is Clarity.TWO else ())


def test_two_customers_linked_to_one_of_the_desk_are_not_clear(database: Database) -> None:
    keep(database, customer("a1", desk_id="d1"), customer("a2", desk_id="d1"))
    assert ask(database, desk_id="d1") == Whose(Clarity.TWO, several=("a1", "a2"))
    assert ask(database, account="a2", desk_id="d1").clarity is Clarity.ONE


def test_many_tickets_cost_a_few_queries(database: Database) -> None:
    keep(database, *(customer(f"a{n}", f"c{n}.example", desk_id=f"d{n}") for n in range(300)), source("crm", START))
    asked = {f"t{n}": Asked(desk_id=f"d{n}") for n in range(200)}
    asked |= {f"u{n}": Asked(requester=f"x@c{n}.example") for n in range(100, 300)}
    with database.read() as session, counted(session) as sent:
        found = whose_each(session, asked)
    assert len(sent) <= 6
    assert all(one.standing is not None for one in found.values())
    with database.read() as session:
        assert set(by_accounts(session, ("a1", "a2", "gone"))) == {"a1", "a2"}


def test_tickets_from_before_a_change_keep_the_tier_of_then(database: Database) -> None:
    keep(database, customer("a1", desk_id="d1", tier_before="pro", tier_since=START))
    tickets = [("old", "d1", START - HOUR), ("new", "d1", START), ("nobody", "d9", START)]
    with database.read() as session:
        assert tier_of_tickets(session, tickets) == {"old": "pro", "new": "enterprise"}


DOMAINS = st.sampled_from(["a.example", "b.example", "x.a.example", "y.x.a.example", "c.example"])
ACCOUNTS = st.sampled_from(["a1", "a2", "a3", "1", "2"])
IDS = st.sampled_from(["", "1", "2", "3", "a1"])
REQUESTERS = st.one_of(st.just(""), st.just("Eva"), DOMAINS.map(lambda domain: f"eva@{domain}"))


def oracle(customers: dict[str, tuple[str | None, set[str]]], asked: Asked) -> tuple[str, ...]:
    """The accounts by the rule as it is written, without a database."""
    if asked.account in customers:
        return (asked.account,)
    if linked := sorted(one for one, (desk_id, _) in customers.items() if asked.desk_id and desk_id == asked.desk_id):
        return tuple(linked)
    if asked.desk_id in customers:
        return (asked.desk_id,)
    name = asked.requester.partition("@")[2]
    while name.count("."):
        if owners := sorted(one for one, (_, domains) in customers.items() if name in domains):
            return tuple(owners)
        name = name.partition(".")[2]
    return ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    customers=st.dictionaries(
        ACCOUNTS, st.tuples(st.sampled_from([None, "1", "2", "3"]), st.sets(DOMAINS)), min_size=1
    ),
    asked=st.lists(st.builds(Asked, account=IDS, desk_id=IDS, requester=REQUESTERS), max_size=8),
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_all_together_come_to_the_same_as_each_by_itself(database: Database, customers: Any, asked: Any) -> None:
    with database.begin() as session:
        for account, (desk_id, domains) in customers.items():
            for row in customer(account, *sorted(domains), desk_id=desk_id):
                session.add(row)
                session.flush()
        together = whose_each(session, {str(n): one for n, one in enumerate(asked)})
        for n, one in enumerate(asked):
            found = together[str(n)]
            wanted = oracle(customers, one)
            told = found.several or ((found.standing.account,) if found.standing else ())
            assert told == wanted
            assert found == whose(session, account=one.account, desk_id=one.desk_id, requester=one.requester)
            assert (found.clarity is Clarity.NONE) == (not wanted and "@" in one.requester)
        session.rollback()
