"""The parts a bot is made of: where things are kept, how it is reached, which secrets it holds."""

from pathlib import Path

import pytest

from automations.domain import Mode
from automations.errors import ConfigError
from bot.parts import (
    SystemClock,
    counts,
    data_dir,
    database_url,
    database_words,
    held_secrets,
    make_context,
    make_look,
    make_senders,
    open_database,
    public_url,
    slack_keys,
)
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.bot_room import settings_for
from tests.support import FakeClock, RecordingJobs

BASE = "http://127.0.0.1:1/api/"


def test_files_are_kept_in_the_data_folder_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert data_dir({"XDG_DATA_HOME": "/data"}) == Path("/data/handoff")
    assert data_dir({}) == data_dir({"XDG_DATA_HOME": ""}) == Path.home() / ".local" / "share" / "handoff"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = settings_for(tmp_path, BASE, env={"HANDOFF_DATABASE__URL": ""})
    assert database_url(settings) == f"sqlite:///{tmp_path}/handoff/handoff.db"


def test_the_database_is_made_and_brought_up_to_date(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, BASE)
    for _ in range(2):
        database = open_database(settings)
        assert database_words(database) == "ok"
        assert counts(database) == {"cases": {}, "tickets": {}, "notifications": {}, "stuck": {}}
        database.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_database_we_do_not_know_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url"):
        open_database(settings_for(tmp_path, BASE, env={"HANDOFF_DATABASE__URL": url}))


def test_rows_are_counted_by_state(database: Database) -> None:
    world = World.on(database, FakeClock(), RecordingJobs())
    world.open()
    world.open(dedup_key="other")
    found = counts(database)
    assert (found["cases"], sum(found["tickets"].values())) == ({"open": 2}, 2)


def test_a_database_that_is_away_is_said_in_words(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def away(_self: Database) -> None:
        raise OperationalError("select 1 with a password", {}, Exception("gone"))

    monkeypatch.setattr(Database, "read", away)
    assert database_words(database) == "not available (OperationalError)"


def test_every_secret_is_held_whole_and_in_its_parts(tmp_path: Path) -> None:
    file = tmp_path / "signing"
    file.write_text("signing-secret-of-the-file\n", encoding="utf-8")
    env = {
        "HANDOFF_INGEST__TOKENS": "billing=token-of-billing, shop=token-of-shop",
        "HANDOFF_HTTP__READ_TOKEN": "the-read-token",
        "HANDOFF_SLACK__SIGNING_SECRET_FILE": str(file),
    }
    settings = settings_for(tmp_path, BASE, env=env)
    held = held_secrets(settings)
    assert {"token-of-billing", "token-of-shop", "the-read-token", "signing-secret-of-the-file", "xoxb-demo-handoff",
            "xapp-demo-handoff"} <= set(held)  # fmt: skip
    assert "" not in held
    database = open_database(settings)
    redactor = make_context(settings, database, "builtin").redactor
    database.close()
    assert not any(secret in redactor.text(" ".join(held)) for secret in held)


def test_how_people_reach_the_port(tmp_path: Path) -> None:
    def url(port: int | None = None, **env: str) -> str:
        names = {f"HANDOFF_HTTP__{name.upper()}": value for name, value in env.items()}
        return public_url(settings_for(tmp_path, BASE, env=names), port)

    assert url(port=None) == "http://127.0.0.1:0"
    assert url(4711) == "http://127.0.0.1:4711"
    assert url(4711, host="::1") == "http://[::1]:4711"
    assert url(4711, public_url="https://bot.example/handoff/") == "https://bot.example/handoff"


@pytest.mark.parametrize(
    ("transport", "missing"),
    [("socket", "APP_TOKEN"), ("socket", "BOT_TOKEN"), ("http", "SIGNING_SECRET"), ("http", "BOT_TOKEN")],
)
def test_a_missing_key_to_slack_is_named(tmp_path: Path, transport: str, missing: str) -> None:
    all_keys = {f"HANDOFF_SLACK__{name}": "a-value" for name in ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET")}
    env = {**all_keys, "HANDOFF_SLACK__TRANSPORT": transport}
    keys = slack_keys(settings_for(tmp_path, BASE, env=env))
    assert (keys.app_token is None, keys.signing_secret is None) == (transport == "http", transport == "socket")
    with pytest.raises(ConfigError, match=f"HANDOFF_SLACK__{missing}"):
        slack_keys(settings_for(tmp_path, BASE, env={**env, f"HANDOFF_SLACK__{missing}": ""}))


def test_somebody_has_to_be_allowed_to_report(tmp_path: Path) -> None:
    assert make_senders(settings_for(tmp_path, BASE))
    only_sentry = {"HANDOFF_INGEST__TOKENS": "", "HANDOFF_INGEST__SENTRY_SECRETS": "shop=client-secret"}
    assert make_senders(settings_for(tmp_path, BASE, env=only_sentry))
    with pytest.raises(ConfigError, match="HANDOFF_INGEST__TOKENS"):
        make_senders(settings_for(tmp_path, BASE, env={"HANDOFF_INGEST__TOKENS": ""}))


def test_the_context_and_the_look_follow_the_settings(tmp_path: Path) -> None:
    env = {"HANDOFF_FAILURE_TICKETS__MODE": "shadow", "HANDOFF_SLACK__COMMAND_PREFIX": "help-desk"}
    settings = settings_for(tmp_path, BASE, env=env)
    database = open_database(settings)
    context = make_context(settings, database, "builtin", base="http://127.0.0.1:4711")
    assert context.case_url(7) == "http://127.0.0.1:4711/v1/cases/CASE-7"
    assert context.mode is Mode.SHADOW
    assert SystemClock().now().utcoffset() is not None
    assert (make_look(settings).zone, make_look(settings).prefix) == ("Europe/Oslo", "help-desk")
    database.close()
