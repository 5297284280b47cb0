"""Which identity source the settings open, and what they must say for it."""

from pathlib import Path

import pytest

from automations.errors import ConfigError, OverBudget
from bot.identity import open_identity
from bot.settings import Settings
from bot.settings_file import load
from storage.engine import Database
from tests.automations.adapters.people_file.written import as_csv
from tests.desks.served import served
from tests.identity.people import Somebody
from tests.identity.provider import TOKEN, Provider
from tests.support import FakeClock

TEAM = '[failure_tickets]\ndefault_owner = "lead@example.com"\n'
ANNA = Somebody("anna@team.example", "Anna Berg", groups=("Support",))
alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def settings(tmp_path: Path, section: str, **env: str) -> Settings:
    path = tmp_path / "handoff.toml"
    path.write_text(f"{TEAM}\n[identity]\n{section}\n", encoding="utf-8")
    return load(path, {f"HANDOFF_IDENTITY__{key.upper()}": value for key, value in env.items()}).settings


@alone
def test_without_a_kind_there_is_none(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    assert open_identity(settings(tmp_path, ""), database, clock) is None
    assert open_identity(settings(tmp_path, 'kind = "none"\nurl = "https://idp.example"'), database, clock) is None


@alone
def test_a_provider_is_asked_with_the_token_of_a_file(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    provider = Provider()
    provider.people(ANNA)
    with served(provider) as url:
        section = f'kind = "scim"\nurl = "{url}/scim/v2/"\ntoken_file = "{tmp_path / "token"}"\nat_least = 1'
        source = open_identity(settings(tmp_path, section), database, clock)
        assert source is not None
        (found,) = source.people()
    assert (source.system, found.email, found.groups) == ("scim", ANNA.email, ("Support",))


@alone
def test_its_calls_are_counted_for_all_replicas(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    provider = Provider()
    provider.people(ANNA)
    with served(provider) as url:
        section = f'kind = "scim"\nurl = "{url}/scim/v2"\ncalls_per_minute = 10'
        source = open_identity(settings(tmp_path, section, token=TOKEN), database, clock)
        assert source is not None
        for _ in range(5):
            source.people()
        with pytest.raises(OverBudget):
            source.people()
    assert len(provider.exchanges) == 10


@alone
def test_a_file_is_read_with_its_limits(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    path = tmp_path / "people.csv"
    path.write_text(as_csv([ANNA]), encoding="utf-8")
    source = open_identity(settings(tmp_path, f'kind = "file"\npath = "{path}"'), database, clock)
    assert source is not None
    assert [one.email for one in source.people()] == [ANNA.email]


@alone
def test_a_token_that_is_missing_is_named(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    with pytest.raises(ConfigError, match=r"HANDOFF_IDENTITY__TOKEN, or identity\.token_file"):
        open_identity(settings(tmp_path, 'kind = "scim"\nurl = "https://idp.example"'), database, clock)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('kind = "scim"', "identity.url must be the http(s) address of the SCIM server, without a user name"),
        ('kind = "scim"\nurl = "ldap://idp.example"', "identity.url must be"),
        ('kind = "scim"\nurl = "https://me:secret@idp.example"', "identity.url must be"),
        ('kind = "file"', "identity.path must name a file that ends in .csv or .json"),
        ('kind = "file"\npath = "people.xlsx"', "identity.path must name"),
        ('kind = "ldap"', "'none', 'scim' or 'file'"),
        ('kind = "scim"\nurl = "https://idp.example"\ntoken = "precious"', "a secret does not belong in this file"),
        ("at_least = 0", "at_least"),
        ('max_age = "soon"', "max_age"),
    ],
)
def test_a_section_that_is_wrong(tmp_path: Path, section: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings(tmp_path, section)
    assert words in str(refused.value)
    assert "precious" not in str(refused.value)
