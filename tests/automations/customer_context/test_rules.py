"""The field set: a decision for each field, one source of truth, and nothing that contradicts itself."""

from typing import Any

import pytest
from pydantic import ValidationError

from automations.customer_context.rules import CustomerField, CustomerRules, Direction, ValueType

TIER: dict[str, Any] = {"name": "tier", "source": "crm", "decision": "How soon a first reply is due"}


def test_a_field_without_a_decision_is_refused() -> None:
    with pytest.raises(ValidationError, match="decision"):
        CustomerField.model_validate({name: value for name, value in TIER.items() if name != "decision"})
    with pytest.raises(ValidationError, match="decision"):
        CustomerField.model_validate({**TIER, "decision": "   why   "})
    assert CustomerField.model_validate(TIER).direction is Direction.TO_DESK


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "domains"}, "belongs to the field domains"),
        ({"name": "domains"}, "belongs to the field domains"),
        ({"source": "desk"}, "not written to it"),
        ({"name": "status", "values": {"Churned": "gone"}}, "active and suspended alone, not gone"),
    ],
)
def test_a_field_that_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CustomerField.model_validate({**TIER, **changes})


def test_a_status_kept_here_alone_may_be_any_word() -> None:
    kept = CustomerField.model_validate(
        {**TIER, "name": "status", "direction": "to_handoff", "values": {"Churned": "gone"}}
    )
    assert kept.grouped_by_value


def test_a_field_has_one_source_of_truth() -> None:
    with pytest.raises(ValidationError, match="stands here once: tier"):
        CustomerRules.model_validate({"fields": [TIER, {**TIER, "source": "billing"}]})


def test_fields_of_few_values_are_decided_by_transition() -> None:
    plain = {**TIER, "name": "region"}
    assert CustomerField.model_validate(TIER).grouped_by_value
    assert not CustomerField.model_validate(plain).grouped_by_value
    assert CustomerField.model_validate({**plain, "values": {"E": "Europe"}}).grouped_by_value
    assert CustomerField.model_validate({**plain, "type": ValueType.YES_NO}).grouped_by_value


def test_the_brake_is_made_of_the_three_numbers() -> None:
    rules = CustomerRules.model_validate({"brake_least": 2, "brake_share": 10, "brake_most": 50})
    assert [rules.brake.limit(population) for population in (5, 100, 10_000)] == [2, 10, 50]
    assert rules.brake.stops(11, 100) == "11 of 100 people at once"
