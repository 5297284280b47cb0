"""Which keys differ between two readings of the settings, and what only a restart takes."""

from pathlib import Path

import pytest

from bot.live import Terms
from bot.settings import Settings
from bot.settings_changes import changed, changed_secrets, digest, needs_restart, with_restart_only
from bot.settings_file import load
from bot.views.texts import Look
from tests.automations.failure_tickets.samples import context
from tests.report_terms import report_of
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import escalation_of, triage_of

EXAMPLE = Path(__file__).parents[2] / "handoff.example.toml"


def read(tmp_path: Path, old: str = "", new: str = "") -> Settings:
    """The example with one text in place of another."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "handoff.toml"
    path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return load(path, {}).settings


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ('name = "Northwind Support"', 'name = "Support"', ["team.name"]),
        ('escalate_after = "30m"', 'escalate_after = "45m"', ["failure_tickets.rules.billing.escalate_after"]),
        ('queue = "Billing"\nowner', "owner", ["failure_tickets.rules.billing.queue"]),
        ('lead = ["U0INGRID", "U0MARCO"]', 'lead = ["U0INGRID"]', ["roles.lead"]),
        ('name = "Tariq Aziz"', 'name = "Tariq A."', ["people.tariq@northwind.example.name"]),
        ('expect_every = "24h"', 'expect_every = "12h"', ["sources.nightly-export.expect_every"]),
        ('billing = "C0BILLING"', 'billing = "C0OTHER"', ["channels.billing"]),
        ('end = "17:00"', 'end = "18:00"', ["hours.end"]),
        ("port = 8080", "port = 8081", ["http.port"]),
    ],
)
def test_a_changed_value_is_named_by_its_key(tmp_path: Path, old: str, new: str, keys: list[str]) -> None:
    before, after = read(tmp_path), read(tmp_path, old, new)
    assert changed(before, after) == keys
    assert changed(before, before) == []
    assert digest(before) != digest(after)
    assert digest(before) == digest(read(tmp_path))


def test_rules_in_another_order_are_another_set_of_rules(tmp_path: Path) -> None:
    before = read(tmp_path)
    section = before.failure_tickets.model_copy(update={"rules": before.failure_tickets.rules[::-1]})
    assert changed(before, before.model_copy(update={"failure_tickets": section})) == ["failure_tickets.rules (order)"]


def test_what_only_a_restart_takes_is_named_and_left(tmp_path: Path) -> None:
    before = read(tmp_path)
    after = before.model_copy(
        update={
            "http": before.http.model_copy(update={"port": 1}),
            "slack": before.slack.model_copy(update={"command_prefix": "desk", "fallback_channel": "C0NEW"}),
        }
    )
    keys = changed(before, after)
    assert needs_restart(keys) == ["http.port", "slack.command_prefix"]
    merged = with_restart_only(before, after)
    assert (merged.http.port, merged.slack.command_prefix, merged.slack.fallback_channel) == (8080, "support", "C0NEW")
    assert changed(before, merged) == ["slack.fallback_channel"]


def test_a_changed_secret_is_named_and_never_shown(tmp_path: Path) -> None:
    ctx = context(FakeClock(), RecordingJobs())
    settings = read(tmp_path)
    contexts = report_of(ctx), triage_of(ctx), escalation_of(ctx)
    before = Terms(
        settings, ctx, *contexts, Look("UTC"), {}, {"ingest.tokens": "a=precious", "slack.bot_token": "xoxb"}
    )
    after = Terms(settings, ctx, *contexts, Look("UTC"), {}, {"ingest.tokens": "a=other", "slack.bot_token": "xoxb"})
    assert changed_secrets(before, after) == ["ingest.tokens"]
    assert "precious" not in repr(before)
