"""From the settings to the roster and the rule book: channels resolved, absences whole days, mistakes in words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from automations.errors import ConfigError
from bot.team import book, roster
from tests.bot.bot_room import settings_for

BASE = "http://127.0.0.1:1/api/"


def test_the_book_names_channels_by_slacks_ids_and_keeps_everything_else(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, BASE)
    made = book(settings)
    section = settings.failure_tickets
    assert (made.default_channel, made.escalation_channel) == ("C_FAILURES", "C_ESCALATIONS")
    assert (made.default_owner, made.default_queue, made.zone) == ("mara.lind@example.com", "Support", "Europe/Oslo")
    assert (made.escalation_lead, made.escalate_after) == (section.escalation_lead, section.escalate_after)
    assert [rule.name for rule in made.rules] == ["billing", "imports"]
    assert [(r.name, r.people, r.zone) for r in made.rotations] == [
        ("billing-duty", ("ines.holt@example.com", "ravi.nair@example.com"), "Europe/Oslo")
    ]
    assert [group.name for group in made.groups] == ["support"]


def test_a_rule_may_name_a_channel(tmp_path: Path) -> None:
    named = settings_for(
        tmp_path, BASE, lambda text: text.replace('queue = "Billing"', 'queue = "Billing"\nchannel = "escalations"')
    )
    assert book(named).rules[0].channel == "C_ESCALATIONS"
    unknown = settings_for(
        tmp_path, BASE, lambda text: text.replace('queue = "Billing"', 'queue = "Billing"\nchannel = "nowhere"')
    )
    with pytest.raises(
        ConfigError,
        match=r"rule billing\.channel: .*'nowhere'.* Known: access, customers, escalations, failures, reports, triage",
    ):
        book(unknown)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('failures = "C_FAILURES"\n', "", r"failure_tickets\.default_channel: .*'failures'"),
        ('escalations = "C_ESCALATIONS"\n', "", r"failure_tickets\.escalation_channel: .*'escalations'"),
        (
            (
                '[channels]\nfailures = "C_FAILURES"\nescalations = "C_ESCALATIONS"\n'
                'access = "C_ACCESS"\nreports = "C_REPORTS"\ntriage = "C_TRIAGE"\ncustomers = "C_CUSTOMERS"\n'
            ),
            "",
            r"Known: none yet\.",
        ),
        ("rotation:billing-duty", "rotation:nights", "nights"),
        ("group:support", "group:nobody", "nobody"),
        ('default_owner = "mara.lind', 'default_owner = "nobody', "nobody@example.com"),
        (
            'people = ["ines.holt@example.com", "ravi.nair',
            'people = ["ghost@example.com", "ravi.nair',
            "ghost@example.com",
        ),
    ],
)
def test_what_is_not_known_is_named(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        book(settings_for(tmp_path, BASE, lambda text: text.replace(was, becomes)))


def test_absences_are_whole_days_in_the_teams_zone(tmp_path: Path) -> None:
    away = 'slack = "U_AGENT1"\naway = [{ from = 2026-12-24, until = 2026-12-27 }]'
    people = roster(settings_for(tmp_path, BASE, lambda text: text.replace('slack = "U_AGENT1"', away)))
    ines = people.by_slack("U_AGENT1")
    assert ines is not None
    (absence,) = ines.away
    assert absence.start == datetime(2026, 12, 23, 23, tzinfo=UTC)
    assert absence.end == datetime(2026, 12, 26, 23, tzinfo=UTC)


def test_an_absence_that_ends_before_it_starts_and_two_of_one_address_are_refused(tmp_path: Path) -> None:
    away = 'slack = "U_AGENT1"\naway = [{ from = 2026-12-27, until = 2026-12-24 }]'
    with pytest.raises(ConfigError, match=r"Ines Holt\.away"):
        roster(settings_for(tmp_path, BASE, lambda text: text.replace('slack = "U_AGENT1"', away)))
    with pytest.raises(ConfigError, match=r"ravi\.nair@example\.com"):
        roster(settings_for(tmp_path, BASE, lambda text: text.replace("june.adler@", "ravi.nair@")))
