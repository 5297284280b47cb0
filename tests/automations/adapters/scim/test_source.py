"""One person by address: checked again on our side, quoted, never guessed."""

import pytest

from automations.errors import Rejected
from tests.identity.provider import Provider


@pytest.fixture
def provider() -> Provider:
    provider = Provider()
    provider.user(
        "u1", userName="aberg", emails=[{"value": "Anna@Team.example", "primary": True}, {"value": "a@home.example"}]
    )
    provider.user("u2", userName="ben@team.example")
    return provider


def test_by_address_or_by_user_name(provider: Provider) -> None:
    source = provider.source()
    for email, key in (("anna@team.example", "u1"), ("BEN@team.example", "u2")):
        found = source.person(email)
        assert found is not None
        assert found.id == key


def test_a_second_address_is_not_theirs(provider: Provider) -> None:
    """The list knows everybody by one address, and so must this."""
    assert provider.source().person("a@home.example") is None
    assert provider.source().person("aberg") is None


def test_where_addresses_cannot_be_asked_for_everybody_is_looked_at(provider: Provider) -> None:
    provider.filters = {"userName"}
    found = provider.source().person("anna@team.example")
    assert found is not None
    assert found.id == "u1"
    provider.exchanges.clear()
    assert provider.source().person("ben@team.example") is not None
    users = [one.request.url.params for one in provider.exchanges if one.request.url.path.endswith("/Users")]
    assert all("filter" in params for params in users), "the user name was enough"


@pytest.mark.parametrize("filters", [None, set[str]()])
def test_an_address_of_several_people_is_nobodys(provider: Provider, filters: set[str] | None) -> None:
    provider.user("u3", userName="ANNA@team.example")
    provider.filters = filters
    with pytest.raises(Rejected, match=r"several people \(ids u1, u3\)") as refused:
        provider.source().person("anna@team.example")
    assert refused.value.code == "ambiguous"


def test_an_address_is_quoted(provider: Provider) -> None:
    odd = 'o"neil\\ or userName pr@team.example'.replace(" ", "")
    provider.user("u3", userName=odd)
    found = provider.source().person(odd)
    assert found is not None
    assert found.id == "u3"


def test_the_token_is_sent_and_told_to_nobody(provider: Provider) -> None:
    provider.source().person("ben@team.example")
    assert {one.request.headers["Authorization"] for one in provider.exchanges} == {"Bearer read-only-token"}
    assert all("scim+json" in one.request.headers["Accept"] for one in provider.exchanges)
