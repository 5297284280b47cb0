"""Every key that names somebody is found, whatever it names them by, and no other."""

from pathlib import Path

import pytest

from bot.settings_file import load
from bot.settings_names import naming

EXAMPLE = Path(__file__).parents[2] / "handoff.example.toml"


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (
            ["ingrid@northwind.example", "U0INGRID"],
            (
                "roles.lead", "roles.admin", "failure_tickets.default_owner", "access.by_hand_owner", "report.owner",
                "triage.owner", "escalation.owner", "escalation.manager",
                "people.ingrid@northwind.example",
            ),
        ),
        (["MARCO@northwind.example"], (
            "failure_tickets.escalation_lead", "escalation.lead", "access.successor", "access.owner", "customers.owner",
            "people.marco@northwind.example", "groups.seniors.people",
        )),
        (["ola@northwind.example", "o.nilsen@northwind.example"], (
            "failure_tickets.rules.ledger alerts.owner", "people.ola@northwind.example", "groups.seniors.people",
        )),
        (["anna@northwind.example"], ("people.anna@northwind.example", "rotations.billing-duty.people")),
        (["nobody@northwind.example", ""], ()),
    ],
)  # fmt: skip
def test_the_keys_that_name_somebody(names: list[str], keys: tuple[str, ...]) -> None:
    assert set(naming(load(EXAMPLE, {}).settings, names)) == set(keys)


def test_a_key_is_named_once_and_in_order() -> None:
    found = naming(load(EXAMPLE, {}).settings, ["U0INGRID", "ingrid@northwind.example", "U0MARCO"])
    assert len(found) == len(set(found))
    assert found[:2] == ("roles.lead", "roles.admin")
