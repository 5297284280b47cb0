"""`handoff doctor` about access: who may confirm, what the roles name, what is missing."""

from pathlib import Path

import pytest

from automations.adapters.builtin.access import BuiltinAccess
from automations.failure_tickets.context import Context
from bot.builtin_desk import furnish, open_builtin
from bot.settings_file import load
from storage import modes
from storage.engine import Database
from tests.bot.cli.conftest import Terminal
from tests.bot.cli.desks import Sign, sqlite_alone
from tests.bot.cli.test_access import PEOPLE, SETTINGS
from tests.bot.workspace.room import Room
from tests.desks.small import ME
from tests.support import START

database_url = sqlite_alone
TWO = SETTINGS.replace('lead = ["U_LEAD1"]', 'lead = ["U_LEAD1", "U_LEAD2"]')


def told(handoff: Terminal, settings: str) -> dict[str, str]:
    """What doctor says about access with these settings, with how bad it is."""
    handoff.file("team.toml", settings)
    findings = handoff("doctor", "--json").json["findings"]
    return {one["found"]: one["state"] for one in findings if one["area"] == "access"}


@pytest.fixture
def desk(handoff: Terminal, database: Database, context: Context) -> BuiltinAccess:
    """The built-in desk with the team in it, and a list of the company's people."""
    handoff.file("team.toml", SETTINGS)
    handoff.file("people.csv", PEOPLE)
    furnish(open_builtin(load().settings, database, context.clock), load().settings)
    return BuiltinAccess(database)


def test_switched_off_it_only_warns_of_what_it_will_need(handoff: Terminal, desk: BuiltinAccess) -> None:
    for off in (SETTINGS.replace('mode = "ask"', 'mode = "off"'), SETTINGS.partition("[access]")[0]):
        assert told(handoff, off) == {
            "It is off: nobody's access is planned or changed.": "ok",
            "Only Mara Lind can confirm; it needs two people before it is switched on.": "warning",
        }


def test_one_who_can_confirm_is_a_problem_and_is_named(handoff: Terminal, desk: BuiltinAccess, room: Room) -> None:
    found = told(handoff, SETTINGS)
    assert found["Only Mara Lind can confirm; offboarding, administrators and many at once need two."] == "problem"
    assert handoff("doctor").code == 1
    found = told(handoff, TWO)
    assert set(found.values()) == {"ok"}
    assert any(words.startswith("2 people can confirm: Mara Lind") for words in found)


def test_people_of_a_group_count_and_whoever_may_do_nothing_does_not(
    handoff: Terminal, desk: BuiltinAccess, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = SETTINGS.replace('lead = ["U_LEAD1"]', 'lead = ["S_LEADS"]')
    assert any(words.startswith("2 people can confirm: Mara Lind") for words in told(handoff, group))
    guest = TWO.replace("U_LEAD2", "U_GUEST")
    assert any(words.startswith("Only Mara Lind can confirm") for words in told(handoff, guest))
    nobody = SETTINGS.replace("U_LEAD1", "U_GUEST")
    assert any(words.startswith("Nobody can confirm") for words in told(handoff, nobody))
    monkeypatch.delenv("HANDOFF_SLACK__BOT_TOKEN")
    found = told(handoff, group)
    assert found["Who is in S_LEADS only Slack knows; beside them nobody can confirm."] == "warning"


def test_roles_and_groups_that_the_desk_does_not_have(handoff: Terminal, desk: BuiltinAccess, room: Room) -> None:
    wrong = TWO.replace('desk_role = "agent"', 'desk_role = "wizard"').replace('["Support"]', '["Supprot"]')
    found = told(handoff, wrong.replace('from_groups = ["support"]', 'slack_groups = ["S_NOBODY"]'))
    assert sum("which has only these roles: agent" in words for words in found) == 1
    assert sum("'Supprot', which the desk does not have" in words for words in found) == 1
    assert sum(words.startswith("User group S_NOBODY") for words in found) == 1
    nothing = TWO.partition("[[access.roles]]")[0]
    assert told(handoff, nothing)["No role is named, so nobody can be provisioned."] == "problem"


def test_people_and_channels_that_nobody_knows(handoff: Terminal, desk: BuiltinAccess, room: Room) -> None:
    for key in ("successor", "by_hand_owner", "owner"):
        found = told(handoff, TWO.replace('channel = "access"', f'channel = "access"\n{key} = "x@example.com"'))
        words = f"access.{key}: nobody under [[people]] has the address x@example.com."
        assert any(one.startswith(words) for one in found), found
    found = told(handoff, TWO.replace('channel = "access"', 'channel = "acess"'))
    assert any("access.channel: there is no channel 'acess'" in words for words in found)
    protected = TWO.replace('channel = "access"', 'channel = "access"\nprotected = ["root@example.com"]')
    words = "access.protected: the desk has nobody by the address root@example.com, so it protects nobody."
    assert told(handoff, protected)[words] == "warning"


def test_a_successor_who_cannot_get_tickets(handoff: Terminal, desk: BuiltinAccess, room: Room) -> None:
    settings = TWO.replace('channel = "access"', 'channel = "access"\nsuccessor = "ines.holt@example.com"')
    assert set(told(handoff, settings).values()) == {"ok"}
    desk.suspend("ines.holt@example.com")
    words = "access.successor: Ines Holt is suspended in the desk, so cannot get a leaver's tickets."
    assert told(handoff, settings)[words] == "problem"


def test_a_right_that_slack_did_not_give(
    handoff: Terminal, desk: BuiltinAccess, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = TWO.replace('channel = "access"', 'channel = "access"\nslack_usergroups_write = true')
    words = "access.slack_usergroups_write is set, and usergroups:write is not granted."
    assert told(handoff, writes)[words] == "problem"


def test_without_an_identity_source_it_is_said(handoff: Terminal, desk: BuiltinAccess, room: Room) -> None:
    found = told(handoff, TWO.partition("[identity]")[0])
    assert [state for words, state in found.items() if words.startswith("No identity source")] == ["warning"]


def test_without_the_administrative_credential_it_is_a_problem(handoff: Terminal, small: Sign, room: Room) -> None:
    small().people.append(ME)
    handoff.file("people.csv", PEOPLE)
    section = (Path(handoff.folder) / "team.toml").read_text(encoding="utf-8").partition("[desk]")[2]
    found = told(handoff, f"{TWO}\n[desk]{section}")
    words = "desk.admin_token is not set, so Smalldesk is changed by people alone, step by step."
    assert found[words] == "problem"


def test_a_mode_above_ask_is_off_and_is_told(handoff: Terminal, desk: BuiltinAccess, database: Database) -> None:
    with database.begin() as session:
        modes.set_mode(session, "access", "auto", by="handoff", at=START)
    (only,) = told(handoff, TWO).items()
    assert only == ("The mode auto was set by command; access never goes above ask, so it is off.", "problem")
    refused = handoff("automations", "mode", "access", "auto")
    assert refused.code == 64
    assert "off, shadow, ask, not auto: whoever may work in the desk is decided by people" in refused.err
