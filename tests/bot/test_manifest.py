"""manifest.yml holds exactly what the code uses, within Slack's limits."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import gateway, listeners, manifest, slack_channels, slack_files
from bot.cli import slack_look
from bot.grammar import SupportVerb
from bot.workspace import sample_app

FILE = Path(__file__).parents[2] / "manifest.yml"


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def test_the_file_is_what_the_code_registers(written: dict[str, Any]) -> None:
    assert written == manifest.manifest()
    assert FILE.read_text(encoding="utf-8") == manifest.as_yaml(manifest.manifest())


def test_every_method_that_is_called_has_its_row_and_no_other() -> None:
    source = "".join(inspect.getsource(module) for module in (gateway, slack_channels, slack_files, slack_look))
    source = re.sub(r'log\.\w+\("[^"]+"', "", source)  # names of what is logged
    called = set(re.findall(r'"((?:[a-z]+\.)+[a-zA-Z]+)"', source))
    called -= {name for name in called if name.endswith(".com")}
    assert called == set(manifest.METHODS) | set(manifest.ON_REQUEST)


def test_every_event_has_its_row_and_no_other(written: dict[str, Any]) -> None:
    assert set(manifest.EVENT_SCOPES) == set(listeners.EVENTS)
    assert written["settings"]["event_subscriptions"]["bot_events"] == sorted(listeners.EVENTS)


def test_every_scope_is_needed_by_something_and_has_its_reason(written: dict[str, Any]) -> None:
    tables = (*manifest.METHODS.values(), *manifest.EVENT_SCOPES.values())
    needed = {"commands"} | {scope for table in tables for scope in table}
    assert set(written["oauth_config"]["scopes"]["bot"]) == needed
    assert all(reason for reason in manifest.scopes().values())
    for scope, reason in manifest.scopes().items():
        assert f"- {scope}  # {reason}\n" in FILE.read_text(encoding="utf-8")


def test_writing_user_groups_is_asked_for_only_where_the_settings_say_so(written: dict[str, Any]) -> None:
    assert "usergroups:write" not in written["oauth_config"]["scopes"]["bot"]
    asked = manifest.manifest(usergroups_write=True)
    more = set(asked["oauth_config"]["scopes"]["bot"]) - set(written["oauth_config"]["scopes"]["bot"])
    assert more == {"usergroups:write"}
    assert "- usergroups:write  # put people into user groups" in manifest.as_yaml(asked)


def test_commands_are_those_registered(written: dict[str, Any]) -> None:
    commands = written["features"]["slash_commands"]
    assert [command["command"] for command in commands] == [f"/support{suffix}" for suffix in listeners.COMMANDS]
    assert all(command["should_escape"] is True for command in commands)
    assert all(verb in commands[0]["usage_hint"] for verb in SupportVerb)


def test_shortcuts_are_those_registered_and_those_of_the_local_workspace(written: dict[str, Any]) -> None:
    shortcuts = written["features"]["shortcuts"]
    assert [one["callback_id"] for one in shortcuts] == list(listeners.SHORTCUTS)
    assert {one["type"] for one in shortcuts} == {"message"}
    assert len(shortcuts) <= 10
    assert all(len(one["name"]) <= 24 and 0 < len(one["description"]) <= 150 for one in shortcuts)
    here = [(one["name"], one["callback_id"], one["description"]) for one in shortcuts]
    assert here == [tuple(one) for one in sample_app().shortcuts]


def test_no_message_is_subscribed_to_so_what_people_type_stays_in_slack(written: dict[str, Any]) -> None:
    assert [name for name in written["settings"]["event_subscriptions"]["bot_events"] if "message" in name] == []


def test_slacks_limits_hold(written: dict[str, Any]) -> None:
    """Limits of the manifest reference: name 35, description 140, bot name 80, 50 commands of 32, hint 1000."""
    shown = written["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(written["features"]["bot_user"]["display_name"]) <= 80
    commands = written["features"]["slash_commands"]
    assert len(commands) <= 50
    assert all(len(c["command"]) <= 32 and len(c["usage_hint"]) <= 1000 and c["description"] for c in commands)


def test_socket_mode_and_interactivity_are_on(written: dict[str, Any]) -> None:
    settings = written["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["token_rotation_enabled"] is False
    assert settings["org_deploy_enabled"] is False


def test_over_http_every_door_has_the_address() -> None:
    made = manifest.manifest(prefix="helpdesk", request_url="https://bot.example/slack/events")
    url = "https://bot.example/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    suffixes = ("", "-provision", "-offboard", "-reconcile", "-customers", "-report", "-stuck", "-undo")
    assert [(c["command"], c["url"]) for c in made["features"]["slash_commands"]] == [
        (f"/helpdesk{suffix}", url) for suffix in suffixes
    ]
    assert yaml.safe_load(manifest.as_yaml(made)) == made
