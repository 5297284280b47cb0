"""Every kind of desk says what it can, what a person does instead, and which calls it makes; contracts that lie near
agree with the certain ones.
"""

import pytest

from automations.desks import Capability
from bot.desk import KINDS, limits_of
from bot.desk_calls import calls_of, compared
from bot.views.texts import SYSTEMS
from tests.desks.contract import raw_contract
from tests.support import shared


@pytest.mark.parametrize("kind", limits_of())
def test_what_a_desk_lacks_is_told_with_what_to_do_instead(kind: str) -> None:
    limits = limits_of()[kind]
    assert limits.TITLE
    assert limits.CAPABILITIES | limits.BY_HAND.keys() == set(Capability)
    assert not limits.CAPABILITIES & limits.BY_HAND.keys()
    assert all(words.endswith(".") and len(words) > 15 for words in limits.BY_HAND.values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_calls_that_are_certain_are_those_of_the_contract(kind: str) -> None:
    assert calls_of(kind)
    folder = shared("contracts")
    if folder is None or not (file := folder / f"{kind}.openapi.yaml").is_file():
        pytest.skip(f"no contract of {kind} lies near")
    came = compared(kind, None, raw_contract(file))
    assert [f"{one.call.method} {one.call.path} {one.field}: {one.words}" for one in came.found if one.counts] == []


def test_the_builtin_desk_is_asked_by_no_calls() -> None:
    assert calls_of("builtin") == ()


def test_messages_name_each_desk_as_its_adapter_does() -> None:
    titles = {kind: limits.TITLE for kind, limits in limits_of().items()}
    assert {**SYSTEMS, "builtin": titles["builtin"]} == titles
