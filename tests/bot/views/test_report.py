"""What the views of a report promise: every number right and in sight, within Slack's limits, nobody called."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from automations.escalation.card_types import RuleFigures
from automations.weekly_report.card_types import Comparison, ReportCard
from automations.weekly_report.request import FILTER_KEYS, Filters
from automations.weekly_report.result import Spread
from bot.cli.view_examples.escalations import FIGURES
from bot.cli.view_examples.reports import (
    AGAIN,
    CARD,
    CHANGES,
    EMPTY,
    FAILED,
    FILTERED,
    HOUR,
    LIST,
    MONDAY,
    REPORT_EXAMPLES,
    RESULT,
)
from bot.cli.view_examples.runs import LOOK
from bot.views.blocks import menu
from bot.views.report import report_message
from bot.views.report_csv import COLUMNS, data_sheet
from bot.views.report_form import report_form, report_usage
from bot.views.report_list import MOST_LINES, ticket_list_modal
from bot.views.report_notices import preflight_message, report_failed_message
from bot.views.report_sheet import sheet_modal
from bot.views.report_text import report_text
from bot.views.report_words import definition_words, filter_words, length, spread_words
from bot.wire_report import ReportAct, ReportButton
from tests.bot.views.checks import check, pings
from tests.bot.views.report_examples import CLOSED, HUGE, TICKETS, hostile
from tests.bot.views.test_hostile import ATTACKS, texts
from tests.bot.views.test_runs import elements as all_elements
from tests.bot.views.test_runs import seen

JUDGING = (
    "good", "bad", "better", "worse", "best", "worst", "improved", "only", "high load", "because of", "due to",
    "unfortunately", "great", "slow", "fast",
)  # fmt: skip
"""Words that judge or explain; the report has none of its own."""


def everything(card: ReportCard) -> list[Any]:
    """All views that show text of a card."""
    return [report_message(card, LOOK), report_failed_message(replace(card, state="failed", error=card.by)),
            sheet_modal(card, LOOK), sheet_modal(card, LOOK, page=2), sheet_modal(card, LOOK, page=99),
            preflight_message([card.by] * 30, MONDAY, card.by, LOOK),
            report_form(card.by, may_post=True, filters=card.by), report_usage(LOOK, problem=card.by)]  # fmt: skip


def elements(made: Any) -> list[dict[str, Any]]:
    return list(all_elements(made))


def sheet_rows(card: ReportCard, rules: Sequence[RuleFigures] = ()) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data_sheet(card, rules).decode(), newline=""), strict=True))


@settings(deadline=None, max_examples=8)
@given(texts)
def test_no_text_from_outside_pings_breaks_or_grows_over_the_limits(text: str) -> None:
    card = hostile(text, rows=20)
    for made in everything(card):
        check(made)
        assert pings(made) == []
    assert not any("left out here" in str(block) for block in report_message(card, LOOK)["blocks"])


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_known_attack_pings_or_becomes_a_formula(attack: str) -> None:
    card = hostile(f"={attack}", rows=4)
    made = report_message(card, LOOK)
    check(made)
    assert pings(made) == []
    assert not any(value.startswith("=") for row in sheet_rows(card) for value in row.values())
    assert all(line == line.strip("\x1b\x07") for line in report_text(card).splitlines())


def test_the_headline_numbers_stand_on_top_each_median_beside_its_average() -> None:
    head, numbers = report_message(CARD, LOOK)["blocks"][:2]
    assert head["text"]["text"] == "Weekly queue report, week 45, 2–8 Nov 2026"
    lines = [seen(line).replace("\n", "") for line in numbers["elements"][0]["elements"]]
    assert [line.split(":")[0] for line in lines] == [
        "Open", "Created", "Solved", "Reopened", "First reply", "Response", "Resolution",
    ]  # fmt: skip
    assert all("median" in line and "average" in line and ", n " in line for line in lines[4:])


def test_what_the_numbers_rest_on_is_in_the_message_and_in_its_text() -> None:
    card = replace(FILTERED, since=MONDAY)
    made = report_message(card, LOOK)
    for read in (seen(made["blocks"]), made["text"], report_text(card)):
        assert "2 Nov 2026 00:00 CET to 9 Nov 2026 00:00 CET, the end not included (Europe/Oslo)" in read
        assert "group: billing or refunds; priority: high" in read
        assert "version 1" in read
        assert "Zendesk, as of 9 Nov 2026 09:00 CET" in read
        assert "Partial history since 9 Nov 2026 09:00 CET" in read
        assert f"REPORT-7 · hash {card.hash[:8]}" in read
        assert "Not compared with the period before: REPORT-6 counted other tickets" in read
        assert "(−3)" not in read


def test_changes_are_plain_figures_and_only_where_they_compare() -> None:
    read = seen(report_message(CARD, LOOK)["blocks"])
    for said in ("37 (−3)", "112 (+7)", "7 (0)", "median 1 h 12 min (+5 min)", "median 1 h 25 min (0)"):
        assert said in read
    alone = seen(report_message(replace(CARD, before=Comparison(None)), LOOK)["blocks"])
    assert "(+" not in alone
    assert "ompared" not in alone


def test_the_report_judges_nothing() -> None:
    made = [REPORT_EXAMPLES[name]() for name in REPORT_EXAMPLES if name.startswith("report")]
    read = " ".join([*(seen(one["blocks"]) for one in made), report_text(CARD)]).lower()
    read = read.replace("solved for good", "")  # the name of a number
    assert [word for word in JUDGING if f" {word} " in read] == []


def test_every_number_that_has_tickets_opens_them() -> None:
    *buttons, tickets = elements(report_message(CARD, LOOK))
    assert [ReportButton.decode(one["value"]).act for one in buttons] == [one["action_id"] for one in buttons]
    assert [one["action_id"] for one in buttons] == [ReportAct.RERUN, ReportAct.PERIOD, ReportAct.DATA_SHEET]
    targets = [ReportButton.decode(one["value"]) for one in tickets["options"]]
    assert {target.number for target in targets} == {one.name for one in CARD.definitions}
    assert {(target.report_id, target.act) for target in targets} == {(7, ReportAct.TICKETS)}
    assert "Open: 37" in seen(tickets["options"])
    assert len(elements(report_message(EMPTY, LOOK))) == 3, "no tickets, no menu"


def test_the_table_has_a_row_for_each_group_and_the_sums() -> None:
    (table,) = (block for block in report_message(CARD, LOOK)["blocks"] if block["type"] == "table")
    rows = [[cell["text"] for cell in row] for row in table["rows"]]
    assert rows[1] == ["Support", "25", "71", "76", "5", "1 h 5 min", "22 h"]
    assert [row[0] for row in rows] == ["Group", "Support", "Billing", "none", "All"]
    for place in range(1, 5):
        assert sum(int(row[place]) for row in rows[1:-1]) == int(rows[-1][place])
    assert "By" not in [row[0] for row in rows]


def test_a_table_that_is_too_long_says_how_many_rows_it_leaves_out() -> None:
    made = report_message(HUGE, LOOK)
    (table,) = (block for block in made["blocks"] if block["type"] == "table")
    shown = len(table["rows"]) - 2
    assert 0 < shown < 60
    assert f"{60 - shown} more in the breakdown by group: the data sheet has them" in seen(made["blocks"])


def test_the_picture_is_one_block_and_the_numbers_stand_without_it() -> None:
    kinds = [block["type"] for block in report_message(CARD, LOOK)["blocks"]]
    assert kinds.count("image") == kinds.count("table") == 1
    assert kinds.index("image") < kinds.index("table")
    refused = report_message(replace(CARD, picture=None, refused=True), LOOK)
    assert "Slack took no picture." in seen(refused["blocks"])
    assert [kind for kind in kinds if kind != "image"] == [
        block["type"] for block in refused["blocks"] if "took no picture" not in seen(block)
    ]
    without = report_message(replace(CARD, picture=None), LOOK)["blocks"]
    assert [block["type"] for block in without] == [kind for kind in kinds if kind != "image"]


def test_where_only_closing_ends_a_ticket_closed_stands_for_solved() -> None:
    read = seen(report_message(CLOSED, LOOK)["blocks"])
    assert "Closed: 98 (+7)" in read.replace("\n", " ").replace("  ", " ")
    assert "Solved:" not in read
    assert not [row for row in sheet_rows(CLOSED) if row["number"] == "solved"]


def test_a_report_that_counts_another_again_names_what_changed() -> None:
    assert "REPORT-9 counts REPORT-7 again: same numbers." in seen(report_message(AGAIN, LOOK)["blocks"])
    read = seen(report_message(replace(AGAIN, changes=CHANGES, change_count=12), LOOK)["blocks"])
    assert "REPORT-9 counts REPORT-7 again: 12 changes since." in read
    assert [one.title in read for one in CHANGES] == [True] * 10 + [False] * 2
    assert "and 2 more: the data sheet names them" in read
    again = replace(AGAIN, changes=CHANGES, change_count=12)
    assert all(one.title in seen(sheet_modal(again, LOOK)["blocks"]) for one in CHANGES)
    assert [row["value"] for row in sheet_rows(again) if row["measure"] == "how"] == [one.words for one in CHANGES]


def test_a_failed_report_says_why_and_offers_retry_until_it_is_made() -> None:
    made = report_failed_message(FAILED)
    assert "Zendesk answered 503 for two hours" in seen(made["blocks"])
    (retry,) = elements(made)
    assert ReportButton.decode(retry["value"]) == ReportButton(7, ReportAct.RETRY)
    assert elements(report_failed_message(CARD)) == []
    assert elements(report_failed_message(replace(FAILED, state="asked"))) == []
    assert elements(report_message(FAILED, LOOK)) == []


def test_the_data_sheet_has_every_number_every_definition_and_the_desks_own_figures() -> None:
    read = " ".join(seen(sheet_modal(CARD, LOOK, page=page)["blocks"]) for page in (1, 2))
    for one in CARD.definitions:
        assert one.words in read
        assert one.stamp in read
    for said in (
        "n 104, average 3 h 12 min, median 1 h 12 min, p90 9 h 6 min", "8 not replied to yet", "working hours",
        "ours 3 h 12 min, the desk's 3 h 6 min: ours is more by 6 min; 96 of 104 tickets", CARD.hash,
        "opened 9, resolved 8, open at the end 2",
    ):  # fmt: skip
        assert said in read
    assert "https://desk.example/tickets/812" in str(sheet_modal(CARD, LOOK)), "a signal opens a ticket"


def test_a_long_data_sheet_goes_on_from_page_to_page_and_loses_nothing() -> None:
    card = hostile("x" * 60)
    first = sheet_modal(card, LOOK)
    read, view, page = "", first, 1
    while following := [one for one in elements(view) if seen(one["text"]).startswith("Next")]:
        read += seen(view["blocks"])
        page += 1
        target = ReportButton.decode(following[0]["value"])
        assert (target.act, target.page) == (ReportAct.DATA_SHEET, page)
        view = sheet_modal(card, LOOK, page=target.page)
        check(view)
    read += seen(view["blocks"])
    assert page > 2
    assert read.count("1 created + 0 reopened − 1 solved = 0 open") == 120
    assert all(one.words in read for one in card.definitions)


def test_the_csv_says_how_each_rule_of_escalation_did_and_nothing_where_none_fired() -> None:
    bad = replace(FIGURES[1], rule="=cmd()\n")
    rows = [row for row in sheet_rows(CARD, (FIGURES[0], bad)) if row["part"] == "escalation rule"]
    told = {(row["number"], row["measure"]): row["value"] for row in rows}
    assert len(told) == len(rows) == 14
    assert (told["sla_breach", "right"], told["sla_breach", "median to acknowledge"]) == ("33", "540.0")
    assert (told["keyword", "missed"], told["keyword", "median to acknowledge"]) == ("3", "")
    assert not any(row["name"].startswith("=") for row in rows)
    assert [row for row in sheet_rows(CARD) if row["part"] == "escalation rule"] == []


def test_the_csv_has_every_figure_as_a_number() -> None:
    text = data_sheet(CARD).decode()
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    rows = sheet_rows(CARD)

    def value(**wanted: str) -> str:
        (found,) = (row["value"] for row in rows if all(row[key] == word for key, word in wanted.items()))
        return found

    counts = RESULT.counts
    for name in ("created", "reopened", "solved", "resolved", "closed", "backlog_start", "backlog_end"):
        assert int(value(part="number", number=name, measure="n")) == getattr(counts, name)
    for name in ("first_reply", "response", "resolution"):
        for hours, spread in (
            ("calendar", getattr(RESULT, name).calendar),
            ("business", getattr(RESULT, name).business),
        ):
            for measure in Spread.model_fields:
                written = value(part="number", number=name, hours=hours, measure=measure)
                assert float(written) == getattr(spread, measure)
    assert value(part="by group, breakdown", name="Billing", number="backlog_end") == "10"
    assert value(part="by age", name="over 7 days") == "8"
    assert value(part="day", name="2026-11-02", number="backlog") == "45"
    assert value(part="day of the period before", name="2026-10-26", number="created") == "19"
    assert float(value(part="desk's own figure", number="first_reply", measure="difference")) == pytest.approx(360)
    assert value(part="definition", number="created", measure="version") == "1"
    assert value(part="about", measure="from") == "2026-11-02T00:00:00+01:00"
    assert value(part="about", measure="hash of the result") == CARD.hash


def test_a_page_of_tickets_links_each_and_turns_both_ways() -> None:
    view = ticket_list_modal(LIST, LOOK)
    assert [line.url in str(view) for line in LIST.lines] == [True] * 20
    assert "First reply: 104, longest first, as at the period's end · page 2 of 6" in seen(view["blocks"])
    assert [ReportButton.decode(one["value"]) for one in elements(view)] == [
        ReportButton(7, ReportAct.TICKETS, "first_reply", 1), ReportButton(7, ReportAct.TICKETS, "first_reply", 3),
    ]  # fmt: skip
    assert ReportButton.decode(view["private_metadata"]) == ReportButton(7, ReportAct.TICKETS, "first_reply", 2)
    assert elements(ticket_list_modal(replace(LIST, page=1, pages=1), LOOK)) == []


def test_the_longest_page_of_tickets_loses_none() -> None:
    assert len(TICKETS.lines) == MOST_LINES
    view = ticket_list_modal(TICKETS, LOOK)
    check(view)
    (listed,) = (block for block in view["blocks"] if block["type"] == "rich_text")
    assert len(listed["elements"][0]["elements"]) == MOST_LINES


def test_only_who_may_post_is_offered_the_channel() -> None:
    assert "Everybody in #reports" in seen(report_form("#reports", may_post=True)["blocks"])
    assert "Everybody" not in seen(report_form("#reports", may_post=False, chosen="channel")["blocks"])
    assert all(key in seen(report_form("#reports", may_post=False)["blocks"]) for key in FILTER_KEYS)


def test_the_terminal_reads_it_in_columns() -> None:
    lines = report_text(CARD).splitlines()
    table = lines[lines.index("") + 1 :]
    assert table[1].split() == ["Support", "25", "71", "76", "5", "1", "h", "5", "min", "22", "h"]
    assert len({len(line) for line in table[:2]}) == 1
    assert report_text(replace(FAILED, state="asked")).startswith("REPORT-7 is being made")
    assert "  #700 Invoice" in report_text(replace(AGAIN, changes=CHANGES, change_count=12))


@pytest.mark.parametrize(
    ("seconds", "worked", "said"),
    [
        (None, False, "–"), (0, False, "0 s"), (44.6, False, "45 s"), (86_399.7, False, "1 d"),
        (245.4, False, "4 min 5 s"), (50 * 60 + 4, False, "50 min"), (599.8, False, "10 min"),
        (26.25 * HOUR, False, "1 d 2 h"), (26.25 * HOUR, True, "26 h 15 min"), (48 * HOUR, True, "48 h"),
    ],
)  # fmt: skip
def test_a_length_of_time_in_words(seconds: float | None, worked: bool, said: str) -> None:
    assert length(seconds, worked=worked) == said


def test_versions_that_differ_are_all_named() -> None:
    changed = replace(CARD.definitions[0], version=2)
    card = replace(CARD, definitions=(changed, *CARD.definitions[1:]))
    assert definition_words(card).startswith("backlog_end/2, backlog_start/1")
    assert spread_words(Spread()) == "n 0"
    assert filter_words(Filters()) == "none, all tickets count"


@pytest.mark.parametrize(("count", "size"), [(0, 5), (101, 5), (1, 76)])
def test_a_menu_keeps_slacks_limits(count: int, size: int) -> None:
    with pytest.raises(ValueError, match="menu"):
        menu(ReportAct.TICKETS, "Show", [("Open", "v" * size)] * count)
