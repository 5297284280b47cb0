"""Who is whom: by link, by reference, by a domain of one alone, and by nothing where two could be meant."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.customer_context.accounts import SHOWN
from automations.customer_context.canonical import joined
from automations.customer_context.matching import Claim, Matched, match
from automations.customer_context.values import ConflictKind, DeskSide

TWO_ACCOUNTS, TWO_CUSTOMERS = ConflictKind.TWO_ACCOUNTS, ConflictKind.TWO_CUSTOMERS


def side(number: str, reference: str = "", *domains: str) -> DeskSide:
    return DeskSide(number, reference, {"name": f"Customer {number}", "domains": joined(domains)})


def claim(*domains: str, link: str | None = None, absent: bool = False) -> Claim:
    return Claim(link, joined(domains), absent)


def matched(claims: dict[str, Claim], *desk: DeskSide) -> Matched:
    return match(claims, {one.id: one for one in desk})


def pairs(found: Matched) -> dict[str, str]:
    return {account: one.id for account, one in found.pairs.items()}


def doubts(found: Matched) -> dict[tuple[str, ConflictKind], tuple[list[str], list[str]]]:
    return {who: (sorted(one.accounts), sorted(one.customers)) for who, one in found.doubts.items()}


def test_a_link_goes_before_a_reference_and_a_reference_before_a_domain() -> None:
    found = matched(
        {"a": claim("c.example", link="1"), "b": claim("c.example"), "c": claim("c.example"), "d": claim("d.example")},
        side("1", "", "x.example"),
        side("2", "b", "x.example"),
        side("3", "", "d.example"),
        side("4", "nobody we know", "y.example"),
    )
    assert pairs(found) == {"a": "1", "b": "2", "d": "3"}
    assert doubts(found) == {}, "the domain of three accounts is nobody's in the desk"


def test_two_accounts_that_claim_the_domain_of_one_customer_are_asked_about() -> None:
    found = matched({"a": claim("a.example"), "b": claim("a.example"), "c": claim()}, side("1", "", "a.example"))
    assert pairs(found) == {}
    assert doubts(found) == {(one, TWO_ACCOUNTS): (["a", "b"], ["1"]) for one in "ab"}


def test_two_customers_with_the_domain_of_one_account_are_asked_about() -> None:
    found = matched({"a": claim("a.example")}, side("1", "", "a.example"), side("2", "", "a.example"))
    assert doubts(found) == {("a", TWO_CUSTOMERS): (["a"], ["1", "2"])}
    found = matched({"a": claim("a.example", "b.example")}, side("1", "", "a.example"), side("2", "", "b.example"))
    assert doubts(found) == {("a", TWO_CUSTOMERS): (["a"], ["1", "2"])}


def test_two_accounts_by_a_domain_each_are_asked_about() -> None:
    found = matched({"a": claim("a.example"), "b": claim("b.example")}, side("1", "", "a.example", "b.example"))
    assert doubts(found) == {(one, TWO_ACCOUNTS): (["a", "b"], ["1"]) for one in "ab"}


def test_who_is_known_otherwise_takes_no_part_in_a_domain() -> None:
    desk = side("1", "a", "a.example"), side("2", "", "a.example")
    assert pairs(matched({"a": claim(), "b": claim("a.example")}, *desk)) == {"a": "1", "b": "2"}
    both = matched({"a": claim("a.example"), "b": claim("a.example")}, *desk)
    assert pairs(both) == {"a": "1"}
    assert doubts(both) == {("b", TWO_ACCOUNTS): (["a", "b"], ["2"])}, "a claims it as well, so b is not sure"


def test_two_customers_bearing_one_reference_are_asked_about() -> None:
    found = matched({"a": claim()}, side("1", "a"), side("2", "a"))
    assert doubts(found) == {("a", TWO_CUSTOMERS): (["a"], ["1", "2"])}
    found = matched({"a": claim(link="1")}, side("1"), side("2", "a"))
    assert doubts(found) == {("a", TWO_CUSTOMERS): (["a"], ["1", "2"])}


def test_a_link_to_what_bears_another_accounts_reference_is_asked_about() -> None:
    found = matched({"a": claim(link="1"), "b": claim()}, side("1", "b"))
    assert doubts(found) == {(one, TWO_ACCOUNTS): (["a", "b"], ["1"]) for one in "ab"}
    found = matched({"a": claim(link="1"), "b": claim(link="1")}, side("1"))
    assert doubts(found) == {(one, TWO_ACCOUNTS): (["a", "b"], ["1"]) for one in "ab"}


def test_a_link_gives_way_to_references_that_people_moved() -> None:
    moved = matched({"a": claim(link="1"), "b": claim(link="2")}, side("1", "b"), side("2", "a"))
    assert (pairs(moved), doubts(moved)) == ({"a": "2", "b": "1"}, {})
    renamed = matched({"old": claim(link="1", absent=True), "new": claim()}, side("1", "new"))
    assert (pairs(renamed), doubts(renamed)) == ({"new": "1"}, {})


def test_a_link_to_nobody_falls_back() -> None:
    assert pairs(matched({"a": claim("a.example", link="9")}, side("1", "a"))) == {"a": "1"}
    assert pairs(matched({"a": claim("a.example", link="9")}, side("1", "", "a.example"))) == {"a": "1"}


def test_who_is_gone_keeps_link_and_reference_and_claims_no_domain() -> None:
    gone = claim("a.example", absent=True)
    assert pairs(matched({"a": gone}, side("1", "a"))) == {"a": "1"}
    assert pairs(matched({"a": replace(gone, link="1")}, side("1"))) == {"a": "1"}
    assert pairs(matched({"a": gone, "b": claim("a.example")}, side("1", "", "a.example"))) == {"b": "1"}


def test_a_pair_may_leave_a_domain_to_one_alone() -> None:
    found = matched(
        {"a": claim("a.example"), "b": claim("b.example")},
        side("1", "", "a.example", "b.example"),
        side("2", "", "b.example", "c.example"),
        side("3", "", "c.example"),
    )
    assert pairs(found) == {"a": "1", "b": "2"}, "once 1 is a's, b.example is that of 2 alone"


def test_a_domain_of_ever_so_many_names_a_few() -> None:
    claims = {f"a{number:05}": claim("mail.example") for number in range(3_000)}
    found = matched(claims, *(side(f"{number:05}", "", "mail.example") for number in range(50)))
    assert len(found.doubts) == 3_000
    for one in found.doubts.values():
        assert len(one.accounts) == len(one.customers) == SHOWN


DOMAIN = st.sampled_from(["a.example", "b.example", "c.example"])
SOME = st.lists(DOMAIN, max_size=2, unique=True)
CLAIMS = st.dictionaries(
    st.sampled_from("abcd"),
    st.builds(Claim, link=st.sampled_from([None, "1", "2"]), domains=SOME.map(joined), absent=st.booleans()),
)
REFERENCES = st.sampled_from(["", "", "a", "b", "x"])
DESK = st.lists(
    st.tuples(st.sampled_from("1234"), REFERENCES, SOME).map(lambda one: side(one[0], one[1], *one[2])),
    unique_by=lambda one: one.id,
)


@settings(max_examples=300)
@given(CLAIMS, DESK, st.randoms(use_true_random=False))
def test_nobody_is_two_and_a_second_look_finds_the_same(
    claims: dict[str, Claim], desk: list[DeskSide], chance: Random
) -> None:
    found = matched(claims, *desk)
    assert len(set(pairs(found).values())) == len(found.pairs), "nobody of the desk is two accounts"
    assert not found.pairs.keys() & {account for account, _ in found.doubts}
    mixed = list(claims.items())
    chance.shuffle(mixed)
    other = matched(dict(mixed), *reversed(desk))
    assert (pairs(other), doubts(other)) == (pairs(found), doubts(found))
    linked = {account: replace(one, link=pairs(found).get(account, one.link)) for account, one in claims.items()}
    again = matched(linked, *desk)
    assert (pairs(again), doubts(again)) == (pairs(found), doubts(found))
