"""`/support-provision`, `/support-offboard`, `/support-reconcile` and their forms, through Bolt."""

from collections.abc import Iterator
from typing import Any

import pytest

from automations.plan import RunState
from bot.wire_runs import AccessForm
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.access_world import SAM, Access
from tests.bot.listeners.people import PEOPLE, Slack, form
from tests.bot.views.checks import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def access(world: World) -> Access:
    return Access.on(world)


@pytest.fixture
def slack(world: World, access: Access) -> Iterator[Slack]:
    made = Slack(world, access.ctx)
    yield made
    made.close()


def fill(slack: Slack, user: str, which: AccessForm, **fields: str) -> Any:
    """Send a form of a bare command; what Slack is answered."""
    return slack.dispatch(form(user, which, "msg:C_HELP::", fields))


def test_provision_asks_for_a_run_and_says_where_the_card_comes(slack: Slack, access: Access, world: World) -> None:
    slack.command("U_LEAD1", "<@U_AGENT2|ben> agent Support, Tier 2", "provision")
    (run,) = access.runs()
    assert (run.kind, run.subject, run.state, run.requested_by) == (
        "provision", "ben@team.example", "asked", "lea@team.example",
    )  # fmt: skip
    assert run.asked == {
        "role": "agent", "groups": ["Support", "Tier 2"], "name": "Ben Okoro", "slack": "U_AGENT2", "reason": "",
    }  # fmt: skip
    assert slack.words() == ("RUN-1: looking at the built-in desk for Ben Okoro. The card comes to #access.")
    check(slack.told()[-1][2])
    assert [one.target for one in world.audited("run.asked")] == ["RUN-1"]
    assert [job.args for job in world.jobs.of("run.plan")] == [{"run_id": 1}]


def test_who_is_not_known_to_handoff_is_named_by_what_slack_says(slack: Slack, access: Access) -> None:
    slack.command("U_LEAD1", "agent <@U_MEMBER>", "provision")
    (run,) = access.runs()
    assert (run.subject, run.asked["name"], run.asked["slack"]) == ("mo@team.example", "mo", "U_MEMBER")


def test_who_is_not_in_slack_yet_is_named_by_address(slack: Slack, access: Access) -> None:
    text = "<mailto:Kim@New.example|kim@new.example> agent name \u201cKim Vogt\u201d"
    slack.command("U_LEAD1", text, "provision")
    (run,) = access.runs()
    assert (run.subject, run.asked["name"], run.asked["slack"]) == ("kim@new.example", "Kim Vogt", "")
    assert "for Kim Vogt" in slack.words()


@pytest.mark.parametrize("user", ["U_GUEST", "U_SINGLE", "U_BOT", "U_GONE", "U_STRANGER", "U_OUTSIDE", "U_UNKNOWN"])
def test_nobody_from_outside_is_given_access(slack: Slack, access: Access, world: World, user: str) -> None:
    slack.command("U_LEAD1", f"<@{user}> agent", "provision")
    assert access.runs() == []
    assert "cannot be given access" in slack.words()
    assert len(world.audited("click.refused")) == 1


def test_a_person_without_an_address_in_slack_is_asked_for_by_address(slack: Slack, access: Access) -> None:
    slack.command("U_LEAD1", "<@U_STRANGER>", "offboard")
    assert access.runs() == []
    assert "Name them by e-mail instead" in slack.words()


@pytest.mark.parametrize(
    ("word", "text", "why"),
    [
        ("provision", "<@U_AGENT2> boss", "I do not know the role \u201cboss\u201d. I know: agent, team lead."),
        ("provision", "agent", "Whom?"),
        ("offboard", "to <@U_AGENT1>", "Who leaves?"),
        ("offboard", "<@U_AGENT2> now", "To suspend somebody now, say why"),
        ("reconcile", "backwards", "After \u201creconcile\u201d I do not know"),
    ],
)
def test_what_is_not_understood_is_answered_with_what_can_be_typed(
    slack: Slack, access: Access, word: str, text: str, why: str
) -> None:
    slack.command("U_LEAD1", text, word)
    assert access.runs() == []
    assert slack.words().startswith(why)
    assert f"/support-{word}" in str(slack.told()[-1][2]["blocks"])
    check(slack.told()[-1][2])


@pytest.mark.parametrize("word", ["provision", "offboard", "reconcile"])
def test_help_shows_what_can_be_typed(slack: Slack, access: Access, word: str) -> None:
    slack.command("U_LEAD1", "help", word)
    assert access.runs() == []
    assert f"/support-{word}" in slack.words()


@pytest.mark.parametrize(
    ("word", "text"), [("provision", "<@U_AGENT2> agent"), ("offboard", "<@U_AGENT2>"), ("reconcile", "")]
)
def test_where_access_is_not_set_up_it_says_how_that_is_done(world: World, word: str, text: str) -> None:
    slack = Slack(world)
    slack.command("U_LEAD1", text, word)
    assert slack.words().startswith("Access is not set up. Nothing was changed.")
    slack.command("U_LEAD1", "", word)
    assert slack.words().startswith("Access is not set up.")
    assert len(world.audited("click.refused")) == 2
    slack.close()


def test_switched_off_it_says_how_it_is_switched_on(world: World, access: Access) -> None:
    slack = Slack(world, access.off().ctx)
    slack.command("U_LEAD1", "", "reconcile")
    assert "handoff automations mode access ask" in slack.words()
    assert access.runs() == []
    slack.close()


def test_offboard_names_a_successor_by_a_second_mention(slack: Slack, access: Access) -> None:
    slack.command("U_LEAD1", "<@U_AGENT2|ben> to <@U_AGENT1|anna> because he moves to sales", "offboard")
    (run,) = access.runs()
    assert (run.kind, run.subject) == ("offboard", "ben@team.example")
    assert run.asked["successor"] == "anna@team.example"
    assert run.asked["reason"] == "he moves to sales"
    assert "who does not get to see it" in slack.words()
    assert sorted(slack.directory.asked) == ["U_AGENT1", "U_AGENT2", "U_LEAD1"], "each asked about once, beforehand"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("<@U_GONE>", "gone@team.example"),
        ("<@U_GUEST>", "gus@elsewhere.example"),
        ("Ben Okoro", "ben@team.example"),
        ("@ben", "ben@team.example"),
        ("<mailto:who@left.example|who@left.example>", "who@left.example"),
    ],
)
def test_whoever_it_is_can_be_offboarded(slack: Slack, access: Access, text: str, subject: str) -> None:
    slack.command("U_LEAD1", text, "offboard")
    assert [run.subject for run in access.runs()] == [subject]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<@U_AGENT2> to ben@team.example", "somebody else has to take over"),
        ("<@U_AGENT2> to <@U_GUEST>", "cannot take over. Guests"),
        ("<@U_AGENT2> to Nobody Atall", "I know nobody called"),
        ("Nobody Atall", "I know nobody called"),
    ],
)
def test_who_cannot_take_over_is_refused(slack: Slack, access: Access, world: World, text: str, why: str) -> None:
    slack.command("U_LEAD1", text, "offboard")
    assert access.runs() == []
    assert why in slack.words()
    assert len(world.audited("click.refused")) == 1


def test_now_asks_for_the_urgent_steps_too_approved_by_the_one_who_asks(slack: Slack, access: Access) -> None:
    slack.command("U_LEAD1", "<@U_AGENT2> now because the laptop is stolen", "offboard")
    offboard, suspend = access.runs()
    assert (offboard.kind, suspend.kind, suspend.subject) == ("offboard", "suspend", "ben@team.example")
    assert suspend.asked["approved_by"] == "lea@team.example"
    assert suspend.asked["reason"] == "the laptop is stolen"
    assert suspend.asked["offboard"] == offboard.id
    assert "RUN-2: their sign-in is being cut, on your word" in slack.words()


def test_nobody_suspends_themselves_and_nothing_is_left_of_the_attempt(
    slack: Slack, access: Access, world: World
) -> None:
    slack.command("U_LEAD1", "<@U_LEAD1> now because I leave", "offboard")
    assert "This is about you" in slack.words()
    assert access.runs() == []
    assert world.jobs.of("run.plan") == []


def test_the_same_is_not_asked_for_twice(slack: Slack, access: Access, world: World) -> None:
    slack.command("U_LEAD1", "<@U_AGENT2>", "offboard")
    slack.command("U_ADMIN", "ben@team.example", "offboard")
    assert len(access.runs()) == 1
    assert "RUN-1 is open for the same: asked for by Lea Lind" in slack.words()
    assert len(world.audited("click.refused")) == 1


def test_asking_about_oneself_does_not_tell_whether_others_have(slack: Slack, access: Access, world: World) -> None:
    slack.command("U_LEAD1", "<@U_LEAD1>", "offboard")
    before = slack.words()
    slack.command("U_ADMIN", "lea@team.example", "offboard")
    slack.command("U_LEAD1", "lea@team.example", "offboard")
    assert slack.words() == before == "This is about you, so others decide it. Nothing was asked for."
    assert [run.requested_by for run in access.runs()] == ["sam@team.example"]


@pytest.mark.parametrize(("word", "which"), [("provision", AccessForm.PROVISION), ("offboard", AccessForm.OFFBOARD)])
def test_a_bare_command_opens_its_form(slack: Slack, access: Access, word: str, which: AccessForm) -> None:
    slack.command("U_LEAD1", "", word)
    ((kind, _, view),) = slack.told()
    assert (kind, view["callback_id"]) == ("open_view", which)
    check(view)
    assert access.runs() == []


def test_the_form_of_provision_asks_for_the_run(slack: Slack, access: Access) -> None:
    answer = fill(
        slack, "U_LEAD1", AccessForm.PROVISION,
        email="Kim@New.example", name="Kim Vogt", role="agent", groups="Support, Tier 2", reason="joins in May",
    )  # fmt: skip
    (run,) = access.runs()
    assert (run.subject, run.asked["groups"], run.asked["reason"]) == (
        "kim@new.example", ["Support", "Tier 2"], "joins in May",
    )  # fmt: skip
    assert "RUN-1: looking at" in str(answer.body)
    assert "update" in str(answer.body), "the answer takes the form's place"


def test_groups_picked_from_a_menu_keep_their_commas(slack: Slack, access: Access) -> None:
    body = form("U_LEAD1", AccessForm.PROVISION, "msg:C_HELP::", {"person": "U_AGENT2", "role": "agent"})
    options = [{"value": "Sales, EU"}, {"value": "Tier 2"}]
    body["view"]["state"]["values"]["groups"] = {"groups": {"type": "multi_static_select", "selected_options": options}}
    slack.dispatch(body)
    assert [run.asked["groups"] for run in access.runs()] == [["Sales, EU", "Tier 2"]]


@pytest.mark.parametrize("fields", [{}, {"person": "U_AGENT2", "email": "kim@new.example"}, {"email": "  "}])
def test_the_form_wants_one_person(slack: Slack, access: Access, fields: dict[str, str]) -> None:
    answer = fill(slack, "U_LEAD1", AccessForm.PROVISION, role="agent", **fields)
    assert "Please give one person" in str(answer.body)
    assert access.runs() == []


@pytest.mark.parametrize("address", ["kim", "<!channel>", "a@b", "x" * 3000])
def test_what_is_no_address_in_the_form_is_nobody(slack: Slack, access: Access, address: str) -> None:
    answer = fill(slack, "U_LEAD1", AccessForm.PROVISION, role="agent", email=address)
    assert answer.status == 200
    assert "errors" in str(answer.body)
    assert access.runs() == []


def test_the_form_of_offboard_asks_for_the_run(slack: Slack, access: Access) -> None:
    fill(slack, "U_LEAD1", AccessForm.OFFBOARD, person="U_AGENT2", successor="U_AGENT1", reason="leaves")
    (run,) = access.runs()
    assert (run.kind, run.subject, run.asked["successor"], run.asked["reason"]) == (
        "offboard", "ben@team.example", "anna@team.example", "leaves",
    )  # fmt: skip


def test_the_form_cuts_at_once_only_with_a_reason(slack: Slack, access: Access) -> None:
    fields = {"person": "U_AGENT2", "now": "now\n"}
    assert "why it cannot wait" in str(fill(slack, "U_LEAD1", AccessForm.OFFBOARD, **fields).body)
    assert access.runs() == []
    fill(slack, "U_LEAD1", AccessForm.OFFBOARD, **fields, reason="The laptop is stolen")
    assert [run.kind for run in access.runs()] == ["offboard", "suspend"]


def test_status_tells_leads_what_waits_and_help_what_they_can_ask(slack: Slack, access: Access) -> None:
    access.proposed()
    access.proposed("offboard", "lea@team.example", actor=SAM)
    for user, seen in (("U_LEAD1", ("RUN-1",)), ("U_ADMIN", ("RUN-1", "RUN-2")), ("U_AGENT1", ())):
        slack.command(user, "status")
        shown = slack.told()[-1][2]
        check(shown)
        assert [ref for ref in ("RUN-1", "RUN-2") if ref in str(shown)] == list(seen), user
        slack.command(user, "help")
        check(slack.told()[-1][2])
        assert ("/support-offboard" in str(slack.told()[-1][2])) == bool(seen)


def test_reconcile_asks_and_status_shows_the_newest(slack: Slack, access: Access) -> None:
    slack.command("U_LEAD1", "status", "reconcile")
    assert slack.words().startswith("Nothing was compared yet.")
    access.compared("ben@team.example")
    assert slack.command("U_LEAD1", "show", "reconcile").status == 200
    assert "1 difference" in slack.words()
    check(slack.told()[-1][2])
    slack.command("U_LEAD1", "", "reconcile")
    assert [run.kind for run in access.runs()] == ["reconcile", "reconcile"]
    assert access.runs()[-1].state == RunState.ASKED


def test_a_secret_typed_for_a_reason_is_neither_kept_nor_shown(slack: Slack, access: Access) -> None:
    secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    slack.command("U_LEAD1", f"<@U_AGENT2> because {secret}", "offboard")
    fill(slack, "U_LEAD1", AccessForm.OFFBOARD, person="U_AGENT1", reason=secret)
    kept = str([run.asked for run in access.runs()]) + str(slack.told())
    assert len(access.runs()) == 2
    assert secret[:20] not in kept


@pytest.mark.parametrize("user", [user for user in PEOPLE if user not in ("U_LEAD1", "U_ADMIN")])
def test_only_leads_ask(slack: Slack, access: Access, user: str) -> None:
    slack.command(user, "<@U_AGENT2> agent", "provision")
    slack.command(user, "<@U_AGENT2>", "offboard")
    slack.command(user, "", "reconcile")
    fill(slack, user, AccessForm.OFFBOARD, person="U_AGENT2")
    assert access.runs() == []
