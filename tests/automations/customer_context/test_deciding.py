"""Who may decide about conflicts, as they saw them, and once, however many press at the same moment."""

from collections.abc import Callable

import pytest

from automations.customer_context import ledger
from automations.customer_context.values import ConflictKind
from automations.errors import NotFound
from storage.engine import Database
from tests.automations.customer_context.ledgered import (
    ANNA,
    BEN,
    EVERY,
    FIELD,
    ONE,
    Act,
    Ledgered,
    conflict,
    keeping,
    ledgered,
)
from tests.automations.customer_context.synced import LEA, LEO
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    return ledgered(database, clock, jobs)


@pytest.mark.parametrize("act", EVERY)
def test_agents_and_people_whose_access_ended_decide_nothing(here: Ledgered, act: Callable[..., Act]) -> None:
    here.saw(conflict())
    here.block("ben@team.example")
    before = here.snapshot()
    assert here.refused(act(here, ANNA)) == "Only a lead decides this. Nothing was changed."
    assert here.refused(act(here, BEN)) == "Your access to Handoff was taken away. Nothing was changed."
    assert here.snapshot() == before


@pytest.mark.parametrize("act", ONE)
def test_a_button_made_for_other_values_does_nothing(here: Ledgered, act: Callable[..., Act]) -> None:
    here.saw(conflict())
    stale = act(here)
    here.saw(conflict(desk="gold"))
    assert here.refused(stale) == (
        "Customer A-1, tier: this has changed since the message was made. Please look again."
    )
    here.act(act(here, version=2))


@pytest.mark.parametrize("act", FIELD)
def test_a_list_that_has_changed_is_looked_at_again(here: Ledgered, act: Callable[..., Act]) -> None:
    here.saw(conflict(), conflict("A-2"))
    stale = act(here)
    here.saw(conflict(), conflict("A-2", desk="gold"))
    assert here.refused(stale) == (
        "The list has changed since this message was made, so nothing was changed. Please look again."
    )
    stale = act(here)
    here.saw(conflict(), conflict("A-2", desk="gold"), conflict("A-3"))
    assert "has changed since" in here.refused(stale)
    here.act(act(here))


@pytest.mark.parametrize("act", FIELD)
@pytest.mark.parametrize("field", ["", "domains"])
def test_there_is_nothing_to_decide_about_a_field_without_conflicts(
    here: Ledgered, act: Callable[..., Act], field: str
) -> None:
    here.saw(conflict(), conflict("A-2", field="", source="", desk="", kind=ConflictKind.TWO_ACCOUNTS))
    named = f" about {field}" if field else ""
    assert here.refused(act(here, field=field)) == (
        f"No open conflict{named} can be settled with others. Nothing was changed."
    )


def test_nobody_decides_about_what_is_not_there(here: Ledgered) -> None:
    with pytest.raises(NotFound, match="There is no CONFLICT-7"), here.database.begin() as session:
        ledger.ignore(session, 7, 1, LEA, here.ctx)


@pytest.mark.parametrize("act", ONE)
def test_whoever_comes_second_is_told_who_was_first(here: Ledgered, act: Callable[..., Act]) -> None:
    here.saw(conflict())
    here.act(keeping(here))
    assert here.refused(act(here, LEO)) == (
        "Customer A-1, tier: this conflict is kept as the desk has it by Lea Lind at 03:14. Nothing was changed by you."
    )


@pytest.mark.parametrize("act", ONE)
def test_clicks_at_the_same_moment_decide_once(here: Ledgered, act: Callable[..., Act]) -> None:
    here.saw(conflict())
    said, refused = here.at_once([act(here, LEA), act(here, LEO), act(here, LEA), act(here, LEO)])
    assert (len(said), len(refused)) == (1, 3)
    assert all("Nothing was changed by you." in words for words in refused)
    assert len([row for row in here.rows_of_audit() if row.action.startswith("conflict.")]) == 1


@pytest.mark.parametrize("act", FIELD)
def test_clicks_for_a_whole_field_at_the_same_moment_decide_once(here: Ledgered, act: Callable[..., Act]) -> None:
    here.saw(*[conflict(f"A-{number}") for number in range(1, 9)])
    said, refused = here.at_once([act(here, LEA), act(here, LEO), act(here, LEO)])
    assert (len(said), len(refused)) == (1, 2)
    assert here.conflicts("open") == []
    assert len([row for row in here.rows_of_audit() if row.action.startswith("conflict.")]) == 1


@pytest.mark.parametrize("act", EVERY)
def test_an_act_that_is_rolled_back_leaves_nothing(here: Ledgered, act: Callable[..., Act]) -> None:
    here.saw(conflict())
    before, jobs = here.snapshot(), len(here.jobs.calls)
    click = act(here)

    def comes_to_nothing() -> None:
        with here.database.begin() as session:
            click(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        comes_to_nothing()
    assert (here.snapshot(), len(here.jobs.calls)) == (before, jobs)
