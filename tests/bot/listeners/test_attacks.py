"""What comes back from Slack, forged, replayed, by the wrong people, or with texts made to hurt or to leak."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from automations.duty import Rotation
from bot.listeners import VIEWS, findings, runs
from bot.render import render
from bot.wire import CASE_MORE, CaseAct, GroupAct, GroupButton, MessageRef, Shortcut
from bot.wire_customers import CHANGES_FORMS, CONFLICT_FORMS, ChangesAct, ConflictAct, ListAct
from bot.wire_report import ReportAct, ReportForm
from bot.wire_runs import AccessForm, FindingAct, RunAct
from bot.wire_stuck import StuckAct
from storage.engine import Database
from storage.models import Base, Notification
from tests.automations.failure_tickets.groups_world import burst
from tests.automations.failure_tickets.world import BOOK, World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import NO_RIGHTS, PEOPLE, Slack, click, form
from tests.bot.listeners.test_shortcuts import use
from tests.bot.views.checks import check, pings
from tests.bot.views.test_hostile import ATTACKS
from tests.customer_terms import customers_of
from tests.support import FakeClock, RecordingJobs

one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HUGE = "9" * 18
FORGED = (
    "", "x" * 3_000, "undo:0", "undo:-1", "undo:01", "undo:1e5", "undo:\u0661", f"undo:{HUGE}", f"undo:{HUGE}9",
    f"case:{HUGE}:claim", "case:1:undo", "case:1:claim\n", f"group:{HUGE}:show:0", f"group:1:page:{HUGE}",
    "group:1:page:", "group:1:page:-1", "group:0:show:0", f"group:1:undo:{HUGE}", "group:1:undo:0", "group:1:resolve:0",
    f"stuck:{HUGE}:retry", "stuck:1:claim", "stuck:-1:retry", "msg::", "msg:C1:1.0:", "msg:C1:999999999999.0:",
    "{}", "null", "' OR 1=1 --", "%", "_", f"run:{HUGE}:plan.confirm:0123456789abcdef:0", "run:0:plan.confirm::0",
    f"run:{HUGE}9:plan.cancel::", "run:1:plan.confirm:0123456789ABCDEF:0", "run:1:plan.confirm:0123456789abcdef0:0",
    "run:1:plan.teleport::0", "run:1:step.retry::99999", "run:\u0661:run.undo::0", "run:1:plan.confirm::0\n", "run:1",
    f"finding:{HUGE}:confirm:0123456789abcdef:1:orphaned", f"finding:1:confirm::{HUGE}9:", "finding:-1:keep:::",
    "finding:1:confirm::1:Orphaned", "finding:1:teleport:::", "finding::confirm:::", "finding:1:confirm:::\n",
    f"report:{HUGE}:rerun::1", "report:0:rerun::1", "report:1:tickets:spent:1", "report:1:tickets:created:9999999",
    "report:1:teleport::1", f"changes:{HUGE}:approve:0123456789abcdef:1:0", "changes:0:approve::0:0",
    f"changes:1:approve_all::{HUGE}9:0", "changes:1:teleport::1:0", "changes:1:hold:0123456789ABCDEF:1:0",
    "changes:0:approve_all::99:0", f"changes:1:details::1:{HUGE}", f"conflict:{HUGE}:take_source:1",
    "conflict:0:keep_desk:1", "conflict:1:field:1", "conflict:1:ignore:-1", "field:ignore:0123456789ab:",
    "field:merge:0123456789ab:", "field:keep_desk:x:", f"customers:dismiss:rejected:{HUGE}:1",
    "customers:dismiss:sync:1:1", f"customers:page:sync:{HUGE}:99999", "customers:page:teleport:1:1",
)  # fmt: skip
LEAK = "hunter2-Zq81-correct-horse"
SECRETS = (
    "xoxb-123456789012-" + LEAK.replace("-", "") + "abcdef",
    f"https://svc:{LEAK}@ledger.example/path/to/something/that/is/quite/long/indeed",
    f"password={LEAK}",
)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    nights = Rotation(
        "nights", ("anna@team.example", "ben@team.example"), "daily 09:00", "Europe/Oslo", date(2026, 11, 20)
    )
    made.ctx = replace(made.ctx, book=replace(BOOK, rotations=(nights,)))
    burst(made, 7)
    return made


@pytest.fixture
def slack(world: World) -> Iterator[Slack]:
    made = Slack(world, Access.on(world).ctx, customers_of(world.ctx))
    yield made
    made.close()


def rows(world: World, *, asked: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Every row there is, by table; without those of what was only asked and refused unless `asked`."""
    passed = set() if asked else {"inbox", "audit_entry", "audit_head", "person_alias"}
    with world.database.read() as session:
        return {
            name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
            if name not in passed
        }


def said(world: World, slack: Slack) -> list[Any]:
    """All that anybody can be shown: private answers, and every notification as it would be posted now."""
    with world.database.read() as session:
        deps = slack.deps
        posted = [
            render(session, row, world.ctx, access=deps.access, customers=deps.customers)
            for row in session.scalars(select(Notification))
        ]
    return [*(what for _, _, what in slack.told()), *posted]


@one_kind
@pytest.mark.parametrize("value", FORGED, ids=range(len(FORGED)))
def test_a_forged_value_is_refused_in_words_and_changes_nothing(slack: Slack, world: World, value: str) -> None:
    before = rows(world, asked=False)
    ours = (*CaseAct, *GroupAct, *StuckAct, *RunAct, *FindingAct, *ReportAct, *ChangesAct, *ConflictAct, *ListAct)
    for act in (*ours, CASE_MORE, "handoff.unknown"):
        assert slack.dispatch(click("U_LEAD1", act, value)).status == 200, act
        if act in VIEWS:
            assert slack.dispatch(form("U_LEAD1", act, value, {"note": "done", "end": value})).status == 200, act
    of_customers = (*CHANGES_FORMS, *CONFLICT_FORMS)
    for name in (*Shortcut, *runs.FORMS, *findings.FORMS, *AccessForm, ReportForm.ASK, *of_customers):
        filled = {"case": value, "note": value, "reason": value, "until": value, "email": value, "role": value}
        filled |= {"span": value, "from": value, "to_day": value, "filters": value, "place": value}
        assert slack.dispatch(form("U_LEAD1", name, value, filled)).status == 200, name
    assert rows(world, asked=False) == before
    for what in slack.told():
        check(what[2])


def deeds(slack: Slack, user: str, text: str) -> None:
    """Do with this text all that takes one."""
    here = MessageRef("C_HELP", "1795227300.000200").encode()
    for words in (
        f"pause invoicer until 23:00 because {text}", f"pause {text} until 23:00 because of noise",
        f"pause invoicer until {text} because of noise", f"resume {text}", f"away {text} until Fri 09:00",
        f"away until {text}", f"away from {text} until {text}", f"back {text}", f"on-duty cover {text} until 23:00",
        f"on-duty swap {text}", f"on-duty end-cover {text}", f"on-duty {text}", f"new {text}", text, f"cases {text}",
    ):  # fmt: skip
        assert slack.command(user, words).status == 200, words
    for name in Shortcut:
        assert use(slack, user, name, text=text).status == 200
    fields = {"summary": text, "details": text, "customer": text, "reason": text, "priority": text, "origin": text}
    for name in (Shortcut.CREATE_CASE, Shortcut.ESCALATE):
        assert slack.dispatch(form(user, name, here, fields)).status == 200
    assert slack.dispatch(form(user, Shortcut.ADD_NOTE, here, {"case": "CASE-1", "note": text})).status == 200
    for act in (CaseAct.SNOOZE, CaseAct.ESCALATE, CaseAct.RESOLVE, CaseAct.NOT_NEEDED):
        filled = {"until": text, "end": text, "reason": text, "note": text, "desk:cause": text}
        assert slack.submit(user, act, filled, case_id=2).status == 200
    slack.command(user, f"<@U_AGENT2> because {text}", "offboard")
    for words in (text, f"last-week {text}", f"last-week group={text}", f"{text}=x"):
        assert slack.command(user, words, "report").status == 200, words
    counted = {"span": "last-week", "filters": text, "place": "me"}
    assert slack.dispatch(form(user, ReportForm.ASK, text, counted)).status == 200
    slack.command(user, f"{text} to {text} now because {text}", "offboard")
    for words in (text, f"kim@new.example agent {text}", f"{text} agent", f"kim@new.example agent name {text}"):
        slack.command(user, words, "provision")
    slack.command(user, text, "reconcile")
    for words in (text, f"list {text}", f"show {text}", f"rollback {text}", f"conflicts {text}", f"sync {text}"):
        slack.command(user, words, "customers")
    asked = {"reason": text, "email": "kim@newer.example", "role": text, "groups": text, "name": text}
    slack.dispatch(form(user, AccessForm.PROVISION, here, asked))
    slack.dispatch(form(user, AccessForm.OFFBOARD, here, {"person": "U_AGENT3", "reason": text, "successor": text}))
    resolve = GroupButton(1, GroupAct.RESOLVE_ALL).encode()
    assert slack.dispatch(form(user, GroupAct.RESOLVE_ALL, resolve, {"note": text})).status == 200
    assert slack.dispatch(click(user, GroupAct.SHOW, GroupButton(1, GroupAct.SHOW).encode())).status == 200


@pytest.mark.parametrize("text", [*ATTACKS, "mon " * 740, "\u202e" * 3_000], ids=range(len(ATTACKS) + 2))
def test_no_text_of_a_person_pings_breaks_or_grows(slack: Slack, world: World, text: str) -> None:
    deeds(slack, "U_LEAD1", text)
    ours = set(PEOPLE) - {"U_LEAD1"} if "U_AGENT1" not in text else set(PEOPLE)
    for made in said(world, slack):
        check(made)
        assert set(pings(made)) <= ours | {"U_LEAD1"}


@one_kind
@pytest.mark.parametrize("lead", [0, 20, 45, 62, 240, 290])
@pytest.mark.parametrize("secret", SECRETS, ids=["token", "address", "password"])
def test_no_secret_of_a_person_is_kept_or_shown(
    slack: Slack, world: World, logs: list[Any], secret: str, lead: int
) -> None:
    deeds(slack, "U_LEAD1", f"{'w ' * (lead // 2)}{secret}")
    kept = {"rows": rows(world), "said": said(world, slack), "logs": logs}
    for name, what in kept.items():
        for piece in (LEAK, LEAK[:12], LEAK.replace("-", "")[:12]):
            assert piece not in str(what), (name, str(what)[max(0, str(what).find(piece) - 300) :][:400])


@one_kind
def test_a_secret_that_a_long_message_is_cut_in_is_not_shown(slack: Slack, world: World) -> None:
    for before in (2_950, 2_960, 2_970):
        text = f"{'w ' * (before // 2)}https://svc:{LEAK}-{'k' * 60}@ledger.example/x"
        for name in Shortcut:
            use(slack, "U_AGENT1", name, text=text, ts=f"1795227300.00{before}")
    shown = str(said(world, slack))
    assert LEAK[:7] not in shown
    assert "w w w" in shown


@one_kind
@pytest.mark.parametrize(
    "until", [f"https://svc:{LEAK}-{'k' * 60}@ledger.example/x", f"{'w ' * 9}postgres://u:{LEAK}{LEAK}@h"]
)
def test_a_secret_typed_for_a_time_is_not_cut_before_it_is_known(slack: Slack, world: World, until: str) -> None:
    slack.submit("U_AGENT1", CaseAct.SNOOZE, {"until": until})
    assert LEAK[:7] not in str(rows(world))


@one_kind
@pytest.mark.parametrize("user", [*NO_RIGHTS, ""])
def test_who_has_no_role_changes_nothing_in_any_new_way(slack: Slack, world: World, user: str) -> None:
    slack.dispatch(click("U_AGENT1", GroupAct.CLAIM_ALL, GroupButton(1, GroupAct.CLAIM_ALL).encode()))
    offered = [what["blocks"][-1]["elements"][0]["value"] for *_, what in slack.told()]
    before = rows(world, asked=False)
    deeds(slack, user, "nothing")
    for act in GroupAct:
        slack.dispatch(click(user, act, GroupButton(1, act, 1).encode()))
    for value in ("undo:1", "undo:7"):
        slack.dispatch(click(user, CaseAct.UNDO, value))
    for value in offered:
        slack.dispatch(click(user, GroupAct.UNDO, value))
    assert rows(world, asked=False) == before


@one_kind
def test_another_agents_undo_is_refused_and_a_replayed_one_does_nothing_more(slack: Slack, world: World) -> None:
    slack.dispatch(click("U_AGENT1", GroupAct.CLAIM_ALL, GroupButton(1, GroupAct.CLAIM_ALL).encode()))
    value = slack.told()[-1][2]["blocks"][-1]["elements"][0]["value"]
    for user in ("U_AGENT2", "U_LEAD1", "U_ADMIN"):
        slack.dispatch(click(user, GroupAct.UNDO, value))
        assert slack.words() == "Only Anna Berg can take that back. Nothing was changed."
        slack.dispatch(click(user, CaseAct.UNDO, "undo:1"))
        assert slack.words().startswith("Only Anna Berg can take that back.")
    body = click("U_AGENT1", GroupAct.UNDO, value)
    slack.dispatch(body)
    told, kept = len(slack.told()), rows(world)
    slack.dispatch(body)
    assert (len(slack.told()), rows(world)) == (told, kept)
    slack.dispatch(click("U_AGENT1", GroupAct.UNDO, value))
    assert "nothing left to take back" in slack.words()


@one_kind
@pytest.mark.parametrize("ts", ["", "x", "-1.0", "1e9", "999999999999.000001", "1" * 400, "nan", "1.0\n"])
def test_a_message_without_a_time_is_refused_in_words(slack: Slack, world: World, ts: str) -> None:
    before = rows(world, asked=False)
    for name in Shortcut:
        assert use(slack, "U_AGENT1", name, ts=ts).status == 200
        assert use(slack, "U_AGENT1", name, thread_ts=ts).status == 200
    assert rows(world, asked=False) == before
    for what in slack.told():
        check(what[2])
