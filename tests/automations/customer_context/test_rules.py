"""What the settings may say of a field, and what they may not."""

import pytest
from pydantic import ValidationError

from automations.customer_context.rules import CustomerRules
from tests.automations.customer_context.two_lists import field_of, rules_of


def test_a_field_without_a_decision_is_not_synchronized() -> None:
    with pytest.raises(ValidationError, match="decision"):
        CustomerRules.model_validate({"fields": [{"name": "name", "source": "crm"}]})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"name": "domains", "type": "text"}, "belongs to the field domains"),
        ({"name": "sites", "type": "domains"}, "belongs to the field domains"),
        ({"name": "tier", "source": "desk"}, 'direction = "to_handoff"'),
        ({"name": "status", "values": {"closed": "churned"}}, "active and suspended alone, not churned"),
        ({"name": "tier", "blank": "delete"}, "blank"),
        ({"name": "tier", "colum": "typo"}, "colum"),
    ],
)
def test_what_does_not_fit_together_is_an_error(said: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        field_of(**said)  # type: ignore[arg-type]  # wrong on purpose


def test_a_field_has_one_source_of_truth() -> None:
    with pytest.raises(ValidationError, match="one source of truth, so it stands here once: tier"):
        rules_of(field_of("tier"), field_of("tier", "billing"))


def test_fields_of_few_values_are_decided_by_their_transition() -> None:
    few = field_of("tier"), field_of("status"), field_of("vip", type="yes_no"), field_of("region", values={"E": "eu"})
    assert all(one.grouped_by_value for one in few)
    assert not any(one.grouped_by_value for one in (field_of("name"), field_of("domains"), field_of("region")))


def test_the_brake_is_a_share_a_least_and_a_most() -> None:
    assert rules_of().field("tier") is None
    brake = rules_of(brake_least=3, brake_share=20.0, brake_most=50).brake
    assert [brake.limit(population) for population in (0, 10, 100, 10_000)] == [3, 3, 20, 50]
