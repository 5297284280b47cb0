"""Mail domains of addresses, and the domains above them."""

import pytest

from automations.customers.domains import domain_of, portions, with_parents


@pytest.mark.parametrize(
    ("requester", "domain"),
    [
        ("eva@acme.example", "acme.example"),
        ("Eva <eva@Acme.Example>", "acme.example"),
        (" eva@acme.example. ", "acme.example"),
        ("a@b@acme.example", "acme.example"),
        ("Eva at acme.example", ""),
        ("eva@two words", ""),
        ("eva@Bücher.example", "xn--bcher-kva.example"),
        ("eva@a..ü", "a..ü"),
        ("@acme", ""),
        ("", ""),
    ],
)
def test_an_address_tells_its_domain_and_a_name_none(requester: str, domain: str) -> None:
    assert domain_of(requester) == domain


def test_domains_above_end_before_the_top() -> None:
    assert list(with_parents("a.b.c.example")) == ["a.b.c.example", "b.c.example", "c.example"]
    assert list(with_parents("example")) == ["example"]


def test_names_come_in_order_and_in_portions() -> None:
    assert [len(some) for some in portions(str(n) for n in range(1_201))] == [500, 500, 201]
