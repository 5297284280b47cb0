"""The contract of `IdentitySource`: the whole list or an error, and one person as the list has them.

An adapter's test module makes a class of it with the fixture `upstream`, through which people come and go.
"""

import pytest

from automations.errors import Rejected
from tests.identity.people import Somebody, Upstream

ANNA = Somebody("anna@team.example", "Anna Berg", groups=("Support", "Leads"), title="Team lead")
BEN = Somebody("ben@team.example", "Ben Okafor", groups=("Support",))
CORA = Somebody("cora@team.example", "Cora Diaz", active=False)
PEOPLE = (ANNA, BEN, CORA)


class IdentityContract:
    """What every source promises."""

    def test_everybody_is_told_once_with_all_they_have(self, upstream: Upstream) -> None:
        upstream.people(*PEOPLE)
        found = upstream.source().people()
        told = {(one.email, one.name, one.active, one.groups, dict(one.attributes)["title"]) for one in found}
        assert len(found) == len(PEOPLE)
        assert told == {(one.email, one.name, one.active, tuple(sorted(one.groups)), one.title) for one in PEOPLE}
        assert len({one.id for one in found} - {""}) == len(PEOPLE)

    def test_one_person_is_told_as_the_list_has_them(self, upstream: Upstream) -> None:
        upstream.people(*PEOPLE)
        source = upstream.source()
        for one in source.people():
            assert source.person(one.email) == one
            assert source.person(f" {one.email.upper()} ") == one

    @pytest.mark.parametrize("email", ["nobody@team.example", "", 'a"b\\c@team.example', "%", "anna", "*@team.example"])
    def test_nobody_is_found_by_another_address(self, upstream: Upstream, email: str) -> None:
        upstream.people(*PEOPLE)
        assert upstream.source().person(email) is None

    def test_who_left_is_inactive_or_gone(self, upstream: Upstream) -> None:
        upstream.people(*PEOPLE)
        before = {one.email: one for one in upstream.source().people()}
        upstream.deactivate(ANNA.email)
        upstream.delete(BEN.email)
        after = {one.email: one for one in upstream.source().people()}
        assert after.keys() == {ANNA.email, CORA.email}
        assert not after[ANNA.email].active
        assert after[ANNA.email].id == before[ANNA.email].id
        assert upstream.source().person(ANNA.email) == after[ANNA.email]
        assert upstream.source().person(BEN.email) is None

    def test_an_empty_list_is_never_that_everybody_left(self, upstream: Upstream) -> None:
        upstream.people()
        with pytest.raises(Rejected, match="Nothing was changed") as refused:
            upstream.source().people()
        assert refused.value.code == "incomplete"

    def test_fewer_than_can_be_believed_are_an_error_that_says_what_to_do(self, upstream: Upstream) -> None:
        upstream.people(*PEOPLE)
        assert len(upstream.source(at_least=3).people()) == 3
        upstream.delete(BEN.email)
        with pytest.raises(
            Rejected, match=r"2 people; identity\.at_least says 3\..*lower identity\.at_least"
        ) as refused:
            upstream.source(at_least=3).people()
        assert refused.value.code == "incomplete"

    def test_progress_ends_with_everybody(self, upstream: Upstream) -> None:
        upstream.people(*PEOPLE)
        seen: list[tuple[int, int | None]] = []
        upstream.source().people(progress=lambda count, total: seen.append((count, total)))
        assert seen[-1] == (3, 3)

    def test_it_has_a_name_for_rows_and_one_for_people(self, upstream: Upstream) -> None:
        source = upstream.source()
        assert source.system.isidentifier()
        assert source.title
