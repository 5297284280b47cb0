"""Which keys differ between two readings of the settings, and what only a restart takes."""

from pathlib import Path

import pytest

from bot.live import Terms
from bot.settings import Settings
from bot.settings_changes import changed, changed_secrets, digest, needs_restart, with_restart_only
from bot.settings_customers import CustomersSection
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


def customers(settings: Settings, **changes: object) -> Settings:
    """The settings with customers from one file."""
    source = {"name": "crm", "kind": "file", "path": "customers.csv"}
    name = {"name": "name", "source": "crm", "decision": "Who is meant when a ticket names a customer."}
    section = CustomersSection.model_validate({"sources": [source], "fields": [name], **changes})
    return settings.model_copy(update={"customers": section})


def test_customers_come_and_go_with_a_restart_and_their_sources_and_fields_with_them(tmp_path: Path) -> None:
    without = read(tmp_path).model_copy(update={"customers": None})
    before = customers(without)
    for old, new in ((without, before), (before, without)):
        assert needs_restart(changed(old, new)) == ["customers"]
        assert with_restart_only(old, new).customers == old.customers
    other = {"name": "erp", "kind": "file", "path": "erp.csv"}
    tier = {"name": "tier", "source": "erp", "decision": "How soon their tickets are due."}
    after = customers(without, sources=[other], fields=[tier], sync_at="02:30", brake_most=7, channel="access")
    left = needs_restart(keys := changed(before, after))
    assert sorted(set(keys) - set(left)) == ["customers.brake_most", "customers.channel"]
    assert {key.split(".")[1] for key in left} == {"sources", "fields", "sync_at"}
    merged = with_restart_only(before, after).customers
    assert merged is not None
    assert before.customers is not None
    assert (merged.sources, merged.fields, merged.sync_at) == (before.customers.sources, before.customers.fields, None)
    assert (merged.brake_most, merged.channel) == (7, "access")


def test_fields_in_another_order_wait_for_a_restart_too(tmp_path: Path) -> None:
    fields = [
        {"name": name, "source": "crm", "decision": "What a person decides by it."}
        for name in ("name", "tier", "region")
    ]
    before, after = customers(read(tmp_path), fields=fields), customers(read(tmp_path), fields=fields[::-1])
    assert needs_restart(changed(before, after)) == ["customers.fields (order)"]


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
