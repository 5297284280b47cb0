"""What was promised to whom: the first target that fits, and targets that no ticket can come to."""

import pytest

from automations.sla.policy import SlaPolicy, SlaTarget


@pytest.mark.parametrize(
    ("earlier", "later", "covers"),
    [
        ({}, {"tier": "gold"}, True),
        ({"tier": "gold"}, {}, False),
        ({"tier": ("gold", "silver")}, {"tier": "gold"}, True),
        ({"tier": "g*"}, {"tier": "gold"}, True),
        ({"tier": "g*"}, {"tier": "go*"}, False),
        ({"tier": "g*"}, {"tier": ("gold", "silver")}, False),
        ({"priority": "high"}, {"priority": ("high", "urgent")}, False),
        ({"priority": ("high", "urgent")}, {"priority": "high", "group": "Billing"}, True),
        ({"priority": "high"}, {"group": "Billing"}, False),
    ],
)
def test_a_target_is_shadowed_only_where_that_is_sure(
    earlier: dict[str, object], later: dict[str, object], covers: bool
) -> None:
    targets = [
        SlaTarget.model_validate({"name": name, "first_reply": "1h", **given})
        for name, given in (("one", earlier), ("two", later))
    ]
    assert SlaPolicy(targets=tuple(targets)).shadowed() == ((("two", "one"),) if covers else ())
