"""What the terms in force say of themselves."""

from dataclasses import replace

import pytest

from bot.views.texts import Look
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.live_terms import terms_of
from tests.support import FakeClock, RecordingJobs


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("U_AGENT2", "This is for Ben Okoro, to whom Slack takes no private messages from Handoff."),
        ("U_GONE", "This is for U_GONE, to whom Slack takes no private messages from Handoff."),
        ("C_BILLING", "This belongs in channel billing (C_BILLING), which does not take messages from Handoff."),
        ("C_OLD", "This belongs in channel C_OLD, which does not take messages from Handoff."),
    ],
)
def test_a_message_in_the_fallback_channel_says_whose_it_is(
    database: Database, clock: FakeClock, jobs: RecordingJobs, channel: str, said: str
) -> None:
    terms = terms_of(World.on(database, clock, jobs).ctx, Look())
    settings = terms.settings.model_copy(update={"channels": {"billing": "C_BILLING"}})
    assert replace(terms, settings=settings).belongs(channel) == said
