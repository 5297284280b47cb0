"""Leaving out, with the reason, what a desk does not declare."""

import pytest

from automations.desks import ABILITY, Capability, Declared


def needs(desk: Declared, *capabilities: Capability) -> None:
    """Go on if the desk can do all of it, else skip this test of the contract."""
    for one in capabilities:
        if one not in desk.capabilities:
            pytest.skip(f"{desk.title} cannot {ABILITY[one]}")
