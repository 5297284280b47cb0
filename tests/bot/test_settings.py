"""Settings: the example is complete and right, and whatever is wrong is said in one clear message."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from automations.domain import Mode
from automations.errors import ConfigError
from bot.settings import Settings
from bot.settings_file import SECRETS, Loaded, load, secret
from bot.team import book, roster

EXAMPLE = Path(__file__).parents[2] / "handoff.example.toml"
MINIMAL = """
[channels]
failures = "C1"
escalations = "C2"
[failure_tickets]
default_owner = "lead@example.com"
[[people]]
name = "Lead"
email = "Lead@example.com"
slack = "U1"
"""


def loaded(tmp_path: Path, text: str = MINIMAL, env: dict[str, str] | None = None) -> Loaded:
    path = tmp_path / "handoff.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, env or {})


def problem(tmp_path: Path, text: str = MINIMAL, env: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as error:
        book(loaded(tmp_path, text, env).settings)
    return str(error.value)


def test_the_example_is_valid_for_nine_people() -> None:
    settings = load(EXAMPLE, {}).settings
    rules = book(settings)
    assert len(roster(settings).people) == 9
    assert rules.rules[0].channel == "C0BILLING"
    assert rules.escalate_after == timedelta(hours=4)


def test_the_example_shows_every_key() -> None:
    shown = EXAMPLE.read_text(encoding="utf-8")
    given = tomllib.loads(shown)
    for section, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            secrets = {key for name, key in SECRETS if name == section} | {
                f"{k}_file" for s, k in SECRETS if s == section
            }
            missing = set(model.model_fields) - set(given[section]) - secrets - {"base_url"}
            assert not missing, f"[{section}] {missing}"


def test_a_minimal_file_is_enough(tmp_path: Path) -> None:
    settings = loaded(tmp_path).settings
    assert book(settings).lead == "lead@example.com"
    assert settings.failure_tickets.mode is Mode.AUTO


def test_the_environment_wins_and_is_named_as_the_origin(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        MINIMAL + '[http]\nport = 1\nhost = "::1"',
        {"HANDOFF_HTTP__PORT": "9000", "HANDOFF_ROLES__LEAD": "U1, S2", "HANDOFF_CHANNELS__FAILURES": "C9"},
    )
    assert found.settings.http.port == 9000
    assert found.settings.roles.lead == ("U1", "S2")
    assert found.settings.channels == {"failures": "C9", "escalations": "C2"}
    assert found.origin("http", "port") == "HANDOFF_HTTP__PORT"
    assert found.origin("http", "host") == str(found.path)
    assert found.origin("http", "public_url") == "default"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("[htp]\nport = 1", ["htp", "no such key", "http"]),
        ("[http]\nprot = 1", ["http.prot", "no such key", "port"]),
        ("[http]\nport = 99999", ["http.port", "99999", "65535"]),
        ('[team]\nzone = "Oslo"', ["team.zone", "'Oslo'", "IANA"]),
        ('[slack]\ntransport = "carrier pigeon"', ["slack.transport", "carrier pigeon", "'socket'", "'http'"]),
        ('[desk]\nkind = "paper"', ["desk.kind", "'paper'", "builtin"]),
        ("[ingest]\nevents_per_minute = 0", ["ingest.events_per_minute", "given 0"]),
        (
            '[[groups]]\nname = "g"\npeople = ["nobody@example.com"]',
            ["groups.g.people", "nobody@example.com", "lead@example.com"],
        ),
        ('[[failure_tickets.rules]]\nname = "r"\nowner = "rotation:x"', ["rules[0]", "'x'", "Known"]),
        ('[[failure_tickets.rules]]\nname = "r"\nchannel = "x"', ["channel", "'x'", "failures"]),
        ('[[failure_tickets.rules]]\nname = "r"\nescalate_after = "soon"', ["escalate_after", "'soon'", "15m"]),
        ('[[failure_tickets.rules]]\nname = "r"\nowners = "x"', ["owners", "no such key", "owner"]),
        ("[team\n", ["not valid TOML"]),
    ],
)
def test_a_wrong_file_says_which_key_what_was_given_and_what_is_allowed(
    tmp_path: Path, change: str, words: list[str]
) -> None:
    message = problem(tmp_path, MINIMAL + change)
    for word in words:
        assert word in message


def test_without_a_default_owner_nothing_starts(tmp_path: Path) -> None:
    message = problem(tmp_path, MINIMAL.replace('default_owner = "lead@example.com"', ""))
    assert "failure_tickets.default_owner" in message
    assert "missing" in message


@pytest.mark.parametrize(
    "variable", ["HANDOFF_SLAK__BOT_TOKEN", "HANDOFF_SLACK__BOT_TOKN", "HANDOFF_PORT", "HANDOFF_PEOPLE"]
)
def test_a_mistyped_variable_is_an_error_and_its_value_is_not_shown(tmp_path: Path, variable: str) -> None:
    message = problem(tmp_path, env={variable: "precious"})
    assert variable in message
    assert "precious" not in message


@pytest.mark.parametrize(("section", "key"), sorted(SECRETS))
def test_a_secret_in_the_file_is_refused_without_showing_it(tmp_path: Path, section: str, key: str) -> None:
    message = problem(tmp_path, f'{MINIMAL}\n[{section}]\n{key} = "precious-value"')
    assert f"{section}.{key}" in message
    assert f"HANDOFF_{section}__{key}".upper() in message
    assert "precious-value" not in message


@pytest.mark.parametrize("url", ["", "https://rt.example:abc", "https://[rt.example", "https://us:hunter2@rt.example"])
def test_a_desks_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    text = f'{MINIMAL}\n[desk]\nkind = "request_tracker"\nrequester = "us@example.com"\nurl = "{url}"'
    message = problem(tmp_path, text)
    assert "desk.url must be the http(s) address of your request_tracker, without a user name" in message
    assert "hunter2" not in message


def test_a_section_that_does_not_fit_together_is_told_without_its_secrets(tmp_path: Path) -> None:
    message = problem(tmp_path, env={"HANDOFF_DESK__KIND": "zendesk", "HANDOFF_DESK__TOKEN": "precious"})
    assert "desk: desk.url must be" in message
    assert "precious" not in message


def test_a_secret_that_ends_with_a_line_is_taken_without_it(tmp_path: Path) -> None:
    settings = loaded(tmp_path, env={"HANDOFF_DESK__TOKEN": "1-7-abc\n"}).settings
    assert secret(settings.desk, "token") == "1-7-abc"


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n", encoding="utf-8")
    text = f'{MINIMAL}\n[slack]\nbot_token_file = "{tmp_path / "token"}"'
    assert secret(loaded(tmp_path, text).settings.slack, "bot_token") == "from-a-file"
    env = {"HANDOFF_SLACK__BOT_TOKEN": "from-the-environment"}
    settings = loaded(tmp_path, text, env).settings
    assert secret(settings.slack, "bot_token") == "from-the-environment"
    assert "from-the-environment" not in repr(settings)
    assert secret(settings.slack, "app_token") is None


@pytest.mark.parametrize("content", [None, "", b"\xff"])
def test_a_secret_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | bytes | None) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content.encode() if isinstance(content, str) else content)
    settings = loaded(tmp_path, f'{MINIMAL}\n[slack]\nbot_token_file = "{tmp_path / "token"}"').settings
    with pytest.raises(ConfigError, match="bot_token_file"):
        secret(settings.slack, "bot_token")


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="handoff init"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="no such file"):
        load(None, {"HANDOFF_CONFIG": str(tmp_path / "none.toml")})


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = loaded(tmp_path).settings
    with pytest.raises(ValueError, match="frozen"):
        settings.http.port = 1  # type: ignore[misc]  # that it is refused is the test
