"""The sources of customers that the settings name: which adapter, which columns, and that no password is ever shown."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from automations.customer_context.rules import CustomerField
from automations.errors import ConfigError
from bot.customer_sources import columns_in_use, open_sources, passwords, source_secrets
from bot.parts import held_secrets, make_context
from bot.settings import Settings
from bot.settings_customers import CustomerSourceSection, CustomersSection
from bot.settings_file import load
from storage.engine import Database
from tests.bot.test_settings import EXAMPLE, MINIMAL
from tests.support import FakeClock

README = EXAMPLE.with_name("README.md")
CUSTOMERS = """
[customers]
channel = "failures"

[[customers.fields]]
name = "tier"
source = "crm"
column = "plan"
decision = "Which SLA a ticket gets"

[[customers.fields]]
name = "name"
source = "crm"
decision = "What messages call the customer"

[[customers.fields]]
name = "status"
source = "billing"
decision = "Whether anybody answers"

[[customers.sources]]
name = "billing"
kind = "file"
path = "accounts.csv"
account = "Account"
"""
SQL = """
[[customers.sources]]
name = "crm"
kind = "sql"
url = "sqlite:////tmp/crm.db"
query = "select id, name, plan from accounts"
"""
URL = "postgresql://me:hunter2-hunter2@db.example/crm?sslpassword=secret-of-the-key"


def settings(tmp_path: Path, crm: str = SQL) -> Settings:
    path = tmp_path / "handoff.toml"
    path.write_text(MINIMAL + CUSTOMERS + crm, encoding="utf-8")
    return load(path, {}).settings


def in_a_file(tmp_path: Path, text: str | None = URL) -> Settings:
    file = tmp_path / "crm-url"
    if text is not None:
        file.write_text(f"{text}\n", encoding="utf-8")
    return settings(tmp_path, SQL.replace('url = "sqlite:////tmp/crm.db"', f'url_file = "{file}"'))


def test_each_source_is_opened_by_its_kind(tmp_path: Path) -> None:
    opened = open_sources(settings(tmp_path), FakeClock())
    assert {name: one.title for name, one in opened.items()} == {
        "billing": "billing (accounts.csv)",
        "crm": "crm (SQLite)",
    }
    assert [one.name for one in opened.values()] == list(opened)


def test_only_the_columns_in_use_are_asked_for(tmp_path: Path) -> None:
    section = settings(tmp_path).customers
    assert section is not None
    assert {one.name: columns_in_use(section, one) for one in section.sources} == {
        "crm": ("id", "plan", "name"),
        "billing": ("Account", "status"),
    }


def test_without_customers_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "handoff.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    given = load(path, {}).settings
    assert open_sources(given, FakeClock()) == {}
    assert source_secrets(given) == {}
    assert list(passwords(given)) == []


def test_what_opens_a_database_is_held_and_never_shown(tmp_path: Path) -> None:
    given = in_a_file(tmp_path)
    assert source_secrets(given) == {"customers.sources.crm.url": URL}
    assert {URL, "hunter2-hunter2", "secret-of-the-key"} <= set(held_secrets(given))
    assert open_sources(given, FakeClock())["crm"].title == "crm (PostgreSQL)"
    assert "hunter2" not in repr(given)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_password_in_words_is_redacted(tmp_path: Path, database: Database) -> None:
    redactor = make_context(in_a_file(tmp_path), database, "builtin").redactor
    said = redactor.text("it said hunter2-hunter2 and secret-of-the-key")
    assert "hunter2" not in said
    assert "of-the-key" not in said


@pytest.mark.parametrize(("text", "words"), [(None, "cannot be read (FileNotFoundError)"), ("", "is empty")])
def test_a_file_of_a_url_that_cannot_be_used_is_named(tmp_path: Path, text: str | None, words: str) -> None:
    given = in_a_file(tmp_path, text)
    for read in (lambda: open_sources(given, FakeClock()), lambda: held_secrets(given)):
        with pytest.raises(ConfigError) as raised:
            read()
        assert "customers.sources.crm.url_file" in str(raised.value)
        assert words in str(raised.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("hunter2 of mine", "customers.sources.crm: this is not a database URL"),
        ("papyrus://me:hunter2@db.example/crm", "no database is called 'papyrus' here"),
    ],
)
def test_a_url_that_is_none_is_told_without_it(tmp_path: Path, given: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        open_sources(in_a_file(tmp_path, given), FakeClock())
    assert words in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert given in held_secrets(in_a_file(tmp_path, given))


def test_a_query_that_writes_is_refused_at_once(tmp_path: Path) -> None:
    given = settings(tmp_path, SQL.replace("select id, name, plan from accounts", "delete from accounts"))
    with pytest.raises(ConfigError, match=r"customers\.sources\.crm: the query is not taken: it has to be one SELECT"):
        open_sources(given, FakeClock())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('url = "sqlite:////tmp/crm.db"', f'url = "{URL}"', "a URL with a password does not belong in this file"),
        (
            'url = "sqlite:////tmp/crm.db"',
            'url = "postgresql://me@db.example/crm?password=hunter2"',
            "a URL with a password does not belong in this file",
        ),
        ('url = "sqlite:////tmp/crm.db"', "", "a database needs its query, and either url or url_file"),
        ('url = "sqlite:////tmp/crm.db"', 'url = "sqlite:///x"\nurl_file = "y"', "either url or url_file"),
        ('query = "select id, name, plan from accounts"', "", "a database needs its query"),
        ('path = "accounts.csv"', "", "a file needs its path"),
        ('path = "accounts.csv"', 'path = "accounts.xlsx"', "path must name a file that ends in .csv or .json"),
        ('name = "crm"\nkind', 'name = "desk"\nkind', '"desk" is the desk itself'),
        ('name = "crm"\nkind', 'name = "billing"\nkind', "two sources have one name"),
        ('source = "billing"', 'source = "bills"', "there is no source bills under [[customers.sources]]"),
        ('source = "billing"', 'source = "crm"', "no field has its truth in billing, so it need not be read"),
        ('name = "name"', 'name = "tier"', "a field has one source of truth, so it stands here once: tier"),
        ('decision = "Whether anybody answers"', "", "customers.fields.2.decision: this value is missing"),
        ('decision = "Whether anybody answers"', 'decision = "so"', "decision"),
        ('kind = "sql"', 'kind = "sql"\ncursor = "changed"', "compares it with :since"),
        ('name = "status"', 'name = "status"\ntype = "domains"', 'type = "domains" belongs to the field domains'),
        ('name = "status"', 'name = "status"\nvalues = { a = "paused" }', "a desk knows active and suspended alone"),
        ('source = "billing"\ndec', 'source = "desk"\ndec', 'direction = "to_handoff"'),
        ('channel = "failures"', 'mode = "auto"', "customers.mode"),
        ('channel = "failures"', "brake_share = 0", "customers.brake_share"),
    ],
)
def test_a_section_that_does_not_fit_says_why(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = MINIMAL + CUSTOMERS + SQL
    assert old in text
    path = tmp_path / "handoff.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(path, {})
    assert words in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_the_example_shows_every_key() -> None:
    given = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["customers"]
    shown: dict[type[BaseModel], Any] = {
        CustomersSection: given.keys(),
        CustomerField: {key for one in given["fields"] for key in one},
        CustomerSourceSection: {key for one in given["sources"] for key in one} | {"url"},
    }
    for model, keys in shown.items():
        assert set(model.model_fields) == set(keys), model


def test_what_readme_shows_is_taken_as_it_stands(tmp_path: Path) -> None:
    part = README.read_text(encoding="utf-8").partition("\n## Customers\n")[2].partition("\n## ")[0]
    example = part.partition("```toml\n")[2].partition("```")[0]
    path, url = tmp_path / "handoff.toml", tmp_path / "crm-url"
    url.write_text(URL, encoding="utf-8")
    team = "[failure_tickets]" + MINIMAL.partition("[failure_tickets]")[2]
    channels = MINIMAL.partition("[channels]\n")[2].partition("[failure_tickets]")[0]
    text = example.replace("[channels]\n", f"[channels]\n{channels}").replace("/etc/handoff/crm-url", str(url))
    path.write_text(f"{text}\n{team}", encoding="utf-8")
    settings = load(path, {}).settings
    assert open_sources(settings, FakeClock())["crm"].by_cursor


@pytest.mark.parametrize("kept", ["mode", "gone", "blank", "whole_every"])
def test_nothing_is_destroyed_by_default(tmp_path: Path, kept: str) -> None:
    section = settings(tmp_path).customers
    assert section is not None
    expected: dict[str, Any] = {"mode": "off", "gone": "suspended", "blank": "keep", "whole_every": 7}
    found = {
        "mode": section.mode,
        "gone": section.gone,
        "blank": {one.blank for one in section.fields}.pop(),
        "whole_every": section.whole_every.days,
    }
    assert found[kept] == expected[kept]
