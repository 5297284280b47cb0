"""The period before beside a report, and why not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from automations.weekly_report.compare import comparison
from automations.weekly_report.definitions import stamps
from automations.weekly_report.period import before, parse_period
from automations.weekly_report.request import Filters, Request
from automations.weekly_report.result import Result
from storage.engine import Database
from tests.automations.weekly_report.made import make
from tests.automations.weekly_report.mirrored import write
from tests.automations.weekly_report.terms import ZONE, report_context
from tests.automations.weekly_report.test_count import LIVES

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
WEEK = Request(parse_period("2026-W46", NOW, ZONE))
EARLIER = replace(WEEK, period=before(WEEK.period))
GOLD = Filters((("tier", ("gold",)),))
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_period_before_was_counted_at_the_same_moment(database: Database) -> None:
    ctx = report_context()
    with database.begin() as session:
        write(session, LIVES, read_at=NOW)
        earlier, report = make(session, EARLIER, ctx), make(session, WEEK, ctx)
        beside = comparison(session, report)
        assert beside.result is not None
        assert beside.why_not == ""
        assert beside.result == Result.of(earlier.result).model_copy(
            update={"days": (), "breakdowns": (), "before": None}
        )


@pytest.mark.parametrize(
    ("theirs", "window", "definitions", "why"),
    [
        (
            EARLIER, "w45", {**stamps("solved"), "response": 0},
            "by other definitions (response/0 instead of response/1)",
        ),
        (replace(EARLIER, filters=GOLD), "w45", None, "with tier=gold instead of no filters"),
        (replace(EARLIER, open_until="closed"), "w45", None, "with tickets open until closed instead of solved"),
        (
            replace(EARLIER, period=parse_period("2026-W45", NOW, "Asia/Kolkata")), "w45", None,
            "in the zone Asia/Kolkata instead of Europe/Berlin",
        ),
        (EARLIER, None, {**stamps("solved"), "created": 2}, None),
        (replace(EARLIER, filters=GOLD), None, None, None),
    ],
)  # fmt: skip
def test_a_scheduled_report_stands_beside_the_scheduled_one_before(
    database: Database, theirs: Request, window: str | None, definitions: dict[str, int] | None, why: str | None
) -> None:
    """What somebody asked for in between under another rule is no reason."""
    ctx = report_context()
    with database.begin() as session:
        write(session, LIVES, read_at=NOW)
        other = make(session, theirs, ctx, window=window, definitions=definitions)
        beside = comparison(session, make(session, WEEK, ctx, window="w46"))
    expected = f"REPORT-{other.id}, on the period before, was counted {why}." if why else ""
    assert (beside.why_not, beside.result is None) == (expected, bool(why))


def test_one_that_was_asked_for_stands_beside_its_like(database: Database) -> None:
    ctx = report_context()
    with database.begin() as session:
        write(session, LIVES, read_at=NOW)
        make(session, EARLIER, ctx, window="w45", definitions={"created": 9})
        old = make(session, replace(EARLIER, filters=GOLD), ctx, definitions={**stamps("solved"), "closed": 9})
        assert comparison(session, make(session, WEEK, ctx)).why_not.startswith("REPORT-1, on the period before")
        beside = comparison(session, make(session, replace(WEEK, filters=GOLD), ctx))
    assert beside.why_not.startswith(f"REPORT-{old.id}, on the period before, was counted by other definitions")


def test_what_is_known_in_part_is_not_compared(database: Database) -> None:
    with database.begin() as session:
        write(session, LIVES, since=datetime(2026, 11, 4, tzinfo=UTC), read_at=NOW)
        report = make(session, WEEK, report_context())
        beside = comparison(session, report)
    assert beside.result is None
    assert beside.why_not.endswith("the desk's past is known since 4 Nov 01:00.")
    assert next(day["date"] for day in report.result["days"] if not day["current"]) == "2026-11-04"
