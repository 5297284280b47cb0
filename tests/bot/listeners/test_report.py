"""`/support-report`, its form and the buttons of a report: who gets it, where it comes to, and what is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from automations.domain import Actor
from automations.errors import Refused
from automations.posting import put_and_deliver
from automations.weekly_report.asking import ask
from automations.weekly_report.definitions import stamps
from automations.weekly_report.members import pack
from automations.weekly_report.period import parse_period
from automations.weekly_report.request import Filters, Request
from automations.weekly_report.result import Counts, Judged, Member, Result, Times
from bot.wire_report import ReportAct, ReportButton
from storage import notifications
from storage.models import InboxRow, MirrorName, MirrorTicket, Report
from tests.automations.failure_tickets.world import ANNA, LEA, World
from tests.bot.listeners.people import CHANNEL, NO_RIGHTS, Slack, click, form
from tests.bot.views.checks import check
from tests.report_terms import CHANNEL as REPORTS
from tests.report_terms import report_of
from tests.support import START

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HIGH = Filters((("priority", ("high",)),))
JUDGED = Judged("open", "Support", "high", "", "", "", "", "")
OPEN = tuple(Member(str(number), START, JUDGED) for number in range(25))
LEAK = "hunter2-Zq81-correct-horse"


@pytest.fixture
def slack(world: World) -> Iterator[Slack]:
    made = Slack(world)
    world.jobs.clear()
    yield made
    made.close()


def reports(world: World) -> list[Report]:
    with world.database.read() as session:
        return list(session.scalars(select(Report).order_by(Report.id)))


def known(world: World, *groups: str) -> None:
    """A mirror with a ticket in each of these groups."""
    now = world.clock.now()
    with world.begin() as session:
        for number, group in enumerate(groups):
            row = MirrorTicket(
                system="builtin", ticket_id=f"{number}", url="", subject="", opened_by="customer", created_at=now,
                updated_at=now, status="open", priority="high", group_name=group, assignee="b.okoro@desk.example",
                tags=[], customer_id="", customer_name="", tier="", told_by="history", changed_at=now,
            )  # fmt: skip
            session.add(row)
            session.add(MirrorName(system="builtin", key="group", value=group))
        if groups:
            session.add(MirrorName(system="builtin", key="assignee", value="b.okoro@desk.example"))


def made(world: World, actor: Actor = LEA, state: str = "made") -> int:
    """A report of the week before, made (or failed) for the channel or, by an agent, for themselves."""
    ctx = report_of(world.ctx)
    request = Request(parse_period("last-week", world.clock.now(), ctx.zone), HIGH)
    counts = Counts(created=2, backlog_end=2)
    times = Times()
    result = Result(
        counts=counts, by_age=(), by_status=(), by_priority=(), first_reply=times, response=times, resolution=times,
        breakdowns=(), days=(),
    )  # fmt: skip
    with world.begin() as session:
        row = ask(session, request, actor, ctx, channel=REPORTS if actor is LEA else actor.id, kind="asked")
        now = world.clock.now()
        values: dict[str, Any] = {"state": state, "error": "the desk is away"}
        if state == "made":
            values = {
                "state": state, "made_at": now, "data_at": now, "hash": result.hash, "result": result.stored(),
                "definitions": stamps("solved"), "members": pack({"backlog_end": OPEN}),
            }  # fmt: skip
        session.execute(update(Report).where(Report.id == row.id).values(values))
        number = row.id
    world.jobs.clear()
    return number


def press(slack: Slack, user: str, report: int, act: ReportAct, **more: Any) -> None:
    view = more.pop("view", None)
    slack.dispatch(click(user, act, ReportButton(report, act, **more).encode(), view=view))


class TestCommand:
    def test_an_agent_gets_it_alone(self, slack: Slack, world: World) -> None:
        slack.command("U_AGENT1", "last-week priority=high", "report")
        (row,) = reports(world)
        assert (row.state, row.channel, row.asked_by, row.kind) == ("asked", "U_AGENT1", "anna@team.example", "asked")
        assert Request.of(row.request).filters == HIGH
        assert [(job.job, job.args) for job in world.jobs.calls] == [("report.make", {"report_id": row.id})]
        assert slack.words() == "REPORT-1, week 46, 9–15 Nov 2026, is being made; it comes to you alone."

    @pytest.mark.parametrize(
        ("text", "channel", "words"),
        [
            ("last-week", REPORTS, "to #reports"), ("last-week here", CHANNEL, "comes here"),
            ("me last-week", "U_LEAD1", "to you alone"), ("priority=high", REPORTS, "week 46"),
        ],
    )  # fmt: skip
    def test_a_lead_says_where(self, slack: Slack, world: World, text: str, channel: str, words: str) -> None:
        slack.command("U_LEAD1", text, "report")
        (row,) = reports(world)
        assert row.channel == channel
        assert words in slack.words()

    @pytest.mark.parametrize("place", ["here", "channel"])
    def test_an_agent_posts_nothing_for_others(self, slack: Slack, world: World, place: str) -> None:
        slack.command("U_AGENT1", f"last-week {place}", "report")
        assert reports(world) == []
        assert world.jobs.calls == []
        assert "lead" in slack.words()
        (row,) = world.audited("click.refused")
        assert (row.actor, row.target, row.outcome) == ("anna@team.example", "report", "refused")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("help", "What /support-report knows"),
            ("lastweek", "“lastweek”"),
            ("2026-11-08..2026-11-02", "ends before it begins"),
            ("colour=red", "group, priority, tier, tag, customer, assignee"),
            ("priority=enormous", "low, normal, high, urgent"),
            ("group=Suport", "I know: billing, first–line, support."),
            ("tier=gold", "None has any."),
        ],
    )
    def test_what_is_not_known_is_told_with_what_is(self, slack: Slack, world: World, text: str, words: str) -> None:
        known(world, "Support", "Billing", "First–line")
        slack.command("U_LEAD1", text, "report")
        assert words in slack.words()
        assert reports(world) == []
        check(slack.told()[-1][2])

    def test_a_filter_is_found_as_the_desk_spells_it(self, slack: Slack, world: World) -> None:
        known(world, "First–line")
        slack.deps = replace(slack.deps, report=replace(slack.deps.report, per_person=True))
        slack.command("U_AGENT1", "group=first-line assignee=<@U_AGENT2|ben>", "report")
        (row,) = reports(world)
        chosen = {"group": ("first–line",), "assignee": ("b.okoro@desk.example",)}
        assert dict(Request.of(row.request).filters.chosen) == chosen

    def test_nobody_is_counted_by_name_while_figures_per_person_are_off(self, slack: Slack, world: World) -> None:
        known(world, "Support")
        slack.command("U_LEAD1", "assignee=b.okoro@desk.example", "report")
        assert "Figures per person are off" in slack.words()
        ctx = report_of(world.ctx)
        request = Request(
            parse_period("last-week", world.clock.now(), ctx.zone), Filters((("assignee", ("b.okoro@desk.example",)),))
        )
        with world.begin() as session, pytest.raises(Refused, match="Figures per person are off"):
            ask(session, request, LEA, ctx, channel=LEA.id, kind="rerun")
        assert reports(world) == []

    def test_what_is_typed_is_redacted_before_it_is_kept_or_repeated(self, slack: Slack, world: World) -> None:
        slack.command("U_AGENT1", f"last-week customer=acme password={LEAK}", "report")
        slack.command("U_AGENT1", f"last-week tag=xoxb-123456789012-{LEAK.replace('-', '')}abcdef", "report")
        with world.database.read() as session:
            kept = [entry.body for entry in session.scalars(select(InboxRow))]
        everything = f"{kept} {slack.told()} {[row.request for row in reports(world)]}"
        assert len(reports(world)) == 1
        assert LEAK not in everything
        assert LEAK.replace("-", "") not in everything


class TestForm:
    def test_alone_it_opens_with_the_places_that_the_reader_has(self, slack: Slack) -> None:
        slack.command("U_LEAD1", "", "report")
        slack.command("U_AGENT1", " ", "report")
        (_, _, for_lead), (kind, _, for_agent) = slack.told()[-2:]
        assert (kind, for_agent["callback_id"]) == ("open_view", "report.ask")
        assert "Everybody in #reports" in str(for_lead)
        assert "Everybody in" not in str(for_agent)
        check(for_lead)

    def test_sent_it_asks_for_the_report(self, slack: Slack, world: World) -> None:
        fields = {"span": "days", "from": "2026-11-02", "to_day": "2026-11-08", "filters": "priority=high"}
        sent = slack.dispatch(form("U_LEAD1", "report.ask", "", {**fields, "place": "channel"}))
        (row,) = reports(world)
        assert row.channel == REPORTS
        assert Request.of(row.request) == Request(
            parse_period("2026-11-02..2026-11-08", world.clock.now(), "Europe/Oslo"), HIGH
        )
        assert "REPORT-1, 2–8 Nov 2026, is being made" in json.dumps(json.loads(sent.body), ensure_ascii=False)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"from": "2026-11-09"}, "to_day"), ({"from": ""}, "from"), ({"to_day": ""}, "to_day"),
            ({"to_day": "3026-11-02"}, "to_day"), ({"span": "nonsense"}, "span"), ({"filters": "x=red"}, "filters"),
            ({"filters": "high"}, "filters"), ({"filters": "group=nobody"}, "filters"), ({"place": "channel"}, "place"),
            ({"place": "here"}, "place"),
        ],
    )  # fmt: skip
    def test_an_error_stands_at_its_field(
        self, slack: Slack, world: World, changed: dict[str, str], field: str
    ) -> None:
        known(world, "Support")
        fields = {"span": "days", "from": "2026-11-02", "to_day": "2026-11-08", "filters": "", "place": "me"}
        sent = slack.dispatch(form("U_AGENT1", "report.ask", "", {**fields, **changed}))
        assert f'"errors": {{"{field}"' in str(sent.body)
        assert reports(world) == []


def test_the_status_leads_to_the_newest_report_of_the_channel(slack: Slack, world: World) -> None:
    number = made(world)
    made(world, ANNA)
    slack.command("U_AGENT1", "status")
    assert "Newest queue report" not in str(slack.told()[-1][2]), "it is not in the channel yet"
    with world.begin() as session:
        put_and_deliver(
            session, world.ctx, key=f"report/{number}", kind="report.card", channel=REPORTS,
            data={"report_id": number}, at=world.clock.now(),
        )  # fmt: skip
        version = notifications.take(session, f"report/{number}", world.clock.now()).version
        link = "https://chat.example/p/7"
        notifications.delivered(session, f"report/{number}", version, REPORTS, "1.1", link, world.clock.now())
    slack.command("U_AGENT1", "status")
    assert {"type": "link", "url": "https://chat.example/p/7", "text": "REPORT-1"}.items() <= _link(slack).items()


def _link(slack: Slack) -> dict[str, Any]:
    parts = slack.told()[-1][2]["blocks"][1]["elements"][-1]["elements"]
    return dict(parts[-1])


class TestButtons:
    def test_rerun_counts_the_same_again_for_who_pressed(self, slack: Slack, world: World) -> None:
        number = made(world)
        for _ in range(2):
            press(slack, "U_AGENT1", number, ReportAct.RERUN)
        before, again = reports(world)
        assert (again.rerun_of, again.channel, again.kind) == (before.id, "U_AGENT1", "rerun")
        assert again.request == before.request
        assert len(world.jobs.calls) == 1
        assert "counts REPORT-1 again" in slack.words()

    def test_what_is_not_counted_yet_cannot_be_shown_or_run_again(self, slack: Slack, world: World) -> None:
        number = made(world, state="asked")
        for act in (ReportAct.RERUN, ReportAct.DATA_SHEET):
            press(slack, "U_AGENT1", number, act)
            assert "not counted yet" in slack.words()
        assert len(reports(world)) == 1

    def test_other_period_begins_with_its_days_and_filters(self, slack: Slack, world: World) -> None:
        press(slack, "U_AGENT1", made(world), ReportAct.PERIOD)
        kind, _, modal = slack.told()[-1]
        assert kind == "open_view"
        assert all(words in str(modal) for words in ("priority=high", "2026-11-09", "2026-11-15"))

    def test_the_data_sheet_is_turned_in_place(self, slack: Slack, world: World) -> None:
        number = made(world)
        press(slack, "U_AGENT1", number, ReportAct.DATA_SHEET)
        kind, _, modal = slack.told()[-1]
        assert (kind, modal["callback_id"]) == ("open_view", "report.sheet")
        assert "Europe/Oslo" in str(modal)
        view = {"id": "V9", "type": "modal", "private_metadata": modal["private_metadata"]}
        press(slack, "U_AGENT1", number, ReportAct.DATA_SHEET, page=2, view=view)
        assert slack.told()[-1][:2] == ("update_view", "V9")

    def test_the_tickets_behind_a_number_are_listed(self, slack: Slack, world: World) -> None:
        number = made(world)
        press(slack, "U_AGENT1", number, ReportAct.TICKETS, number="backlog_end")
        kind, _, modal = slack.told()[-1]
        assert (kind, modal["callback_id"]) == ("open_view", "report.list")
        assert all(words in str(modal) for words in ("Open: 25, oldest first", "page 1 of 2"))
        view = {"id": "V9", "type": "modal", "private_metadata": modal["private_metadata"]}
        press(slack, "U_AGENT1", number, ReportAct.TICKETS, number="backlog_end", page=2, view=view)
        assert slack.told()[-1][:2] == ("update_view", "V9")
        assert "page 2 of 2" in str(slack.told()[-1][2])
        press(slack, "U_AGENT1", number, ReportAct.TICKETS)
        assert "names no number" in slack.words()

    def test_a_failed_one_is_tried_again_by_its_owner_or_a_lead(self, slack: Slack, world: World) -> None:
        number = made(world, ANNA, state="failed")
        press(slack, "U_AGENT2", number, ReportAct.RETRY)
        assert "or a lead" in slack.words()
        assert reports(world)[0].state == "failed"
        assert len(world.audited("click.refused")) == 1
        press(slack, "U_AGENT1", number, ReportAct.RETRY)
        assert slack.words() == "REPORT-1 is tried again."
        assert [job.job for job in world.jobs.calls] == ["report.make"]
        press(slack, "U_LEAD1", number, ReportAct.RETRY)
        assert "being made" in slack.words()
        assert len(world.audited("report.retry")) == 1

    @pytest.mark.parametrize("user", NO_RIGHTS)
    def test_whoever_has_no_right_gets_nothing(self, slack: Slack, world: World, user: str) -> None:
        number = made(world)
        for act in ReportAct:
            press(slack, user, number, act)
        slack.dispatch(form(user, "report.ask", "", {"span": "last-week", "place": "me"}))
        slack.command(user, "last-week", "report")
        slack.command(user, "group=nobody", "report")
        assert [row.id for row in reports(world)] == [number]
        assert all(kind == "respond" for kind, *_ in slack.told())
        assert len(world.audited("click.refused")) == len(ReportAct) + 3

    @pytest.mark.parametrize("value", ["", "report:0:rerun::1", "report:1:period::1", "report:9:rerun::1", "case:1:x"])
    def test_a_button_that_says_something_else_does_nothing(self, slack: Slack, world: World, value: str) -> None:
        made(world)
        world.clock.move(timedelta(seconds=1))
        slack.dispatch(click("U_LEAD1", ReportAct.RERUN, value))
        assert len(reports(world)) == 1
        assert "Nothing was changed" in slack.words() or "There is no REPORT-9" in slack.words()
