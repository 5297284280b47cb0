"""The buttons of a reconciliation's findings, and their forms, through Bolt."""

from collections.abc import Iterator

import pytest

from automations.plan import RunState
from bot.wire_runs import FindingAct, FindingButton, RunAct
from storage.models import Finding
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import Slack, click
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def access(world: World) -> Access:
    made = Access.on(world)
    made.compared("ben@team.example", "cara@team.example", *(f"x{n}@team.example" for n in range(20)))
    return made


@pytest.fixture
def slack(world: World, access: Access) -> Iterator[Slack]:
    made = Slack(world, access.ctx)
    yield made
    made.close()


def finding(world: World, number: int = 1) -> Finding:
    with world.database.read() as session:
        return session.get_one(Finding, number)


def test_confirm_asks_for_a_run_that_mends_it(slack: Slack, access: Access, world: World) -> None:
    slack.press("U_LEAD1", access.finding(1, FindingAct.CONFIRM))
    assert finding(world).state == "confirmed"
    assert access.runs()[-1].kind == "finding"
    assert slack.words().startswith("RUN-2 mends it: ben@team.example.")


def test_keep_asks_why_and_until_when(slack: Slack, access: Access, world: World) -> None:
    button = access.finding(1, FindingAct.KEEP)
    slack.press("U_LEAD1", button)
    _, _, view = slack.told()[-1]
    check(view)
    assert (view["callback_id"], view["private_metadata"]) == (FindingAct.KEEP, button.encode())
    answer = slack.send("U_LEAD1", button, {"reason": "a contractor until May", "until": "90d"})
    assert "kept until" in str(answer.body)
    row = finding(world)
    assert (row.state, row.reason, row.decided_by) == ("kept", "a contractor until May", "lea@team.example")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reason": "x", "until": ""}, "Please say until when"),
        ({"reason": "", "until": "90d"}, "needs a reason"),
        ({"reason": "x", "until": "someday"}, "I cannot read"),
        ({"reason": "x", "until": "900d"}, "at most 365 d"),
        ({"reason": "x", "until": "yesterday"}, "I cannot read"),
    ],
)
def test_keep_without_a_reason_or_a_time_keeps_the_form_open(
    slack: Slack, access: Access, world: World, fields: dict[str, str], why: str
) -> None:
    answer = slack.send("U_LEAD1", access.finding(1, FindingAct.KEEP), fields)
    assert why in str(answer.body)
    assert finding(world).state == "open"


def test_pass_to_gives_it_to_somebody_else(slack: Slack, access: Access, world: World) -> None:
    button = access.finding(1, FindingAct.PASS_TO)
    slack.press("U_LEAD1", button)
    check(slack.told()[-1][2])
    answer = slack.send("U_LEAD1", button, {"to": "U_AGENT1"})
    assert "Anna Berg looks after it now" in str(answer.body)
    assert finding(world).owner == "anna@team.example"


@pytest.mark.parametrize("user", ["", "U_GUEST", "U_UNKNOWN", "U_STRANGER", "U_AGENT2"])
def test_nobody_who_cannot_look_after_it_is_given_one(slack: Slack, access: Access, world: World, user: str) -> None:
    answer = slack.send("U_LEAD1", access.finding(1, FindingAct.PASS_TO), {"to": user})
    assert "errors" in str(answer.body)
    assert finding(world).owner == ""
    assert len(world.audited("click.refused")) == 1


def test_confirm_all_mends_all_of_a_kind(slack: Slack, access: Access, world: World) -> None:
    slack.command("U_LEAD1", "status", "reconcile")
    _, _, shown = slack.told()[-1]
    (value,) = [
        block["accessory"]["value"]
        for block in shown["blocks"]
        if block.get("accessory", {}).get("action_id") == FindingAct.CONFIRM_ALL
    ]
    slack.press("U_LEAD1", FindingButton.decode(value))
    assert "RUN-2 mends 22 findings" in slack.words()
    assert finding(world, 7).state == "confirmed"


def test_an_unknown_kind_is_refused_in_words(slack: Slack, access: Access, world: World) -> None:
    slack.command("U_LEAD1", "status", "reconcile")
    values = [b["accessory"]["value"] for b in slack.told()[-1][2]["blocks"] if "accessory" in b]
    good = FindingButton.decode(values[0])
    edited = FindingButton(0, FindingAct.CONFIRM_ALL, good.digest, good.run_id, "everything")
    assert slack.press("U_LEAD1", edited).status == 200
    assert "does not do" in slack.words()
    assert finding(world).state == "open"


def test_pages_turn_in_private(slack: Slack, access: Access) -> None:
    slack.press("U_LEAD1", FindingButton(2, FindingAct.PAGE, run_id=1))
    kind, _, shown = slack.told()[-1]
    assert kind == "respond"
    check(shown)
    assert "Page 2 of" in str(shown)
    body = click("U_LEAD1", FindingAct.PAGE_BACK, FindingButton(1, FindingAct.PAGE_BACK, run_id=1).encode())
    body["container"]["is_ephemeral"] = True
    slack.dispatch(body)
    kind, _, shown = slack.told()[-1]
    assert kind == "replace", "a private page takes the place of the one before; the channel's message stays"
    assert "Page 1 of" in str(shown)


def test_details_show_one_finding_whole(slack: Slack, access: Access) -> None:
    slack.press("U_LEAD1", access.finding(1, FindingAct.DETAILS))
    kind, _, view = slack.told()[-1]
    assert kind == "open_view"
    check(view)
    assert "ben@team.example" in str(view)


def test_nobody_decides_about_themselves(slack: Slack, access: Access, world: World) -> None:
    access.compared("lea@team.example")
    number = 23
    assert finding(world, number).subject == "lea@team.example"
    slack.press("U_LEAD1", access.finding(number, FindingAct.CONFIRM))
    slack.send("U_LEAD1", access.finding(number, FindingAct.KEEP), {"reason": "me", "until": "90d"})
    slack.send("U_LEAD1", access.finding(number, FindingAct.PASS_TO), {"to": "U_AGENT1"})
    assert (finding(world, number).state, finding(world, number).owner) == ("open", "")
    assert len(world.audited("click.refused")) == 3


def test_two_people_release_what_was_stopped(slack: Slack, access: Access) -> None:
    number = access.proposed("reconcile", "", needed=2)
    slack.press("U_LEAD1", access.button(number, RunAct.CONFIRM))
    assert "a second person has to confirm it" in slack.words()
    slack.press("U_ADMIN", access.button(number, RunAct.CONFIRM))
    assert access.run(number).state == RunState.APPROVED
