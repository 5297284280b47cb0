"""Who is who, and who is away when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automations.errors import ConfigError
from automations.people import Absence, Person, Roster, moment_in_words

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_people_are_found_by_either_name() -> None:
    anna = Person("Anna Berg", "Anna@Example.com", slack="U1")
    roster = Roster((anna,))
    assert roster.by_email("anna@example.com") == roster.by_slack("U1") == anna
    assert roster.by_email(None) is None
    assert roster.by_slack("U2") is None
    assert roster.name("ANNA@example.com") == "Anna Berg"
    assert roster.name("who@example.com") == "who@example.com"
    assert roster.name(None) == "nobody"


@pytest.mark.parametrize(
    ("one", "two", "word"),
    [
        (Person("A", "a@x.io"), Person("B", "A@x.io"), "e-mail address"),
        (Person("A", "a@x.io", slack="U1"), Person("B", "b@x.io", slack="U1"), "Slack user"),
        (Person("A", "a@x.io", desk="b@x.io"), Person("B", "b@x.io"), "desk agent"),
    ],
)
def test_two_people_never_share_an_identity(one: Person, two: Person, word: str) -> None:
    with pytest.raises(ConfigError, match=f"A and B have the same {word}"):
        Roster((one, two))


def test_an_absence_is_half_open() -> None:
    roster = Roster((Person("Ben", "ben@x.io", away=(Absence(NOON, NOON + HOUR),)),))
    assert roster.available("ben@x.io", NOON - timedelta(microseconds=1))
    assert not roster.available("ben@x.io", NOON)
    assert not roster.available("ben@x.io", NOON + HOUR - timedelta(microseconds=1))
    assert roster.available("ben@x.io", NOON + HOUR)


def test_absences_that_follow_each_other_are_one() -> None:
    away = (
        Absence(NOON + HOUR, NOON + 3 * HOUR),
        Absence(NOON, NOON + HOUR),
        Absence(NOON + 5 * HOUR, NOON + 6 * HOUR),
    )
    roster = Roster((Person("Ben", "ben@x.io", away=away),))
    assert roster.away("BEN@x.io", NOON) == Absence(NOON, NOON + 3 * HOUR)
    assert roster.away("ben@x.io", NOON + 4 * HOUR) is None


def test_somebody_unknown_is_never_available() -> None:
    assert not Roster().available("who@x.io", NOON)


@pytest.mark.parametrize("end", [NOON, NOON - HOUR, NOON.replace(tzinfo=None)])
def test_an_impossible_absence_is_refused(end: datetime) -> None:
    with pytest.raises(ValueError, match="an absence"):
        Absence(NOON, end)


def test_moments_are_said_in_the_teams_zone() -> None:
    oslo = ZoneInfo("Europe/Oslo")
    assert moment_in_words(NOON, oslo) == "21 Nov 13:00"
    assert moment_in_words(datetime(2026, 11, 23, 23, tzinfo=UTC), oslo) == "24 Nov"
