"""SCIM keeps the promises of an identity source: over a real server, and over a provider with other habits."""

import pytest

from automations.errors import Rejected
from tests.automations.adapters.identity import ANNA, BEN, PEOPLE, IdentityContract
from tests.identity.provider import Provider
from tests.identity.scim_server import ScimServer


@pytest.mark.servers
@pytest.mark.timeout(300)  # the first one has to install it
class TestWithARealServer(IdentityContract):
    """scim2-server, which fills no `User.groups`."""

    @pytest.fixture
    def upstream(self, scim_server: ScimServer) -> ScimServer:
        return scim_server

    @pytest.mark.parametrize("per_page", [1, 2, 3])
    def test_pages_of_any_length_make_the_same_list(self, upstream: ScimServer, per_page: int) -> None:
        upstream.people(*PEOPLE)
        assert upstream.source(per_page=per_page).people() == upstream.source().people()

    def test_a_group_within_a_group_counts(self, upstream: ScimServer) -> None:
        upstream.people(ANNA, BEN)
        upstream.groups({"Everybody": [upstream.group_id("Leads")]})
        upstream.groups({"Company": [upstream.group_id("Everybody")]})
        found = {one.email: one for one in upstream.source().people()}
        assert found[ANNA.email].groups == ("Company", "Everybody", "Leads", "Support")
        assert found[BEN.email].groups == ("Support",)
        assert upstream.source().person(ANNA.email) == found[ANNA.email]

    def test_a_token_that_is_not_taken(self, upstream: ScimServer) -> None:
        with pytest.raises(Rejected, match=r"identity\.url.*check identity\.token") as refused:
            ScimServer(upstream.url, "another").source().people()
        assert refused.value.code == "unauthorized"


class TestWithAProvider(IdentityContract):
    """One that pages by index."""

    @pytest.fixture
    def upstream(self) -> Provider:
        return Provider()


class TestLikeEntra(IdentityContract):
    """Cursors, no members in lists of groups, few filters."""

    @pytest.fixture
    def upstream(self) -> Provider:
        provider = Provider()
        provider.by_cursor = provider.hides_members = True
        provider.cap = 2
        provider.filters = {"userName", "groups.value", "members.value"}
        return provider


class TestWithoutFilters(IdentityContract):
    """One that refuses every filter."""

    @pytest.fixture
    def upstream(self) -> Provider:
        provider = Provider()
        provider.filters = set()
        return provider


class TestThatIgnoresFilters(IdentityContract):
    """One that answers every question with everything."""

    @pytest.fixture
    def upstream(self) -> Provider:
        provider = Provider()
        provider.filters, provider.ignores = set(), True
        return provider
