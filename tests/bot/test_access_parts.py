"""From [access] to the context and the words of access; what it names has to be there."""

from pathlib import Path

import pytest

from automations.access.steps import Kind
from automations.adapters.builtin.access import BuiltinAccess
from automations.adapters.builtin.desk import BuiltinDesk
from automations.desks import ACCESS
from automations.domain import Mode
from automations.errors import ConfigError
from bot.access_parts import AccessDoors, make_access_context, open_doors, run_actions, run_kinds
from bot.parts import make_context, make_terms
from bot.settings import Settings
from bot.settings_file import load
from storage.engine import Database
from tests.automations.access.access_world import Workspace
from tests.support import FakeClock, RecordingJobs

EXAMPLE = Path(__file__).parents[2] / "handoff.example.toml"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def settings(tmp_path: Path, old: str = "", new: str = "") -> Settings:
    text = EXAMPLE.read_text(encoding="utf-8").replace('url_file = "/etc/handoff/crm-url"', 'url = "sqlite:///crm.db"')
    assert old in text
    path = tmp_path / "handoff.toml"
    secrets = [line for line in text.splitlines() if "_file = " in line or line.startswith("token")]
    for line in secrets:
        text = text.replace(line + "\n", "")
    path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return load(path, {}).settings


def test_the_example_comes_to_a_context(
    tmp_path: Path, database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    read = settings(tmp_path)
    context = make_context(read, database, "builtin", clock=clock, jobs=jobs)
    desk = BuiltinDesk(database, clock, "https://bot.example")
    terms = make_terms(read, context, doors=AccessDoors(desk, BuiltinAccess(database), None))
    made = terms.access
    assert made is not None
    assert (made.automation, made.mode, made.channel, made.owner) == (
        "access", Mode.ASK, "C0ACCESS0", "marco@northwind.example",
    )  # fmt: skip
    assert [role.name for role in made.rules.roles] == ["agent", "billing agent", "admin"]
    assert (made.desk_title, made.desk_can) == ("The built-in desk", BuiltinAccess.capabilities & ACCESS)
    assert made.rules.brake.limit(100) == 10
    workspace = Workspace()
    doors = open_doors(AccessDoors(desk, None, None), database, lambda: terms, lambda: made, workspace, workspace)
    assert set(run_kinds(doors)) == {"provision", "offboard", "suspend"}
    assert set(run_actions(doors)) == {str(kind) for kind in Kind}


def test_without_the_section_there_is_no_access(
    tmp_path: Path, database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    read = settings(tmp_path).model_copy(update={"access": None})
    assert make_access_context(read, make_context(read, database, "builtin", clock=clock, jobs=jobs)) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('channel = "access"', 'channel = "nowhere"', "access.channel: there is no channel 'nowhere'"),
        ('owner = "marco@', 'owner = "gone@', "access.owner: nobody under .*gone@northwind.example"),
        ('successor = "marco@', 'successor = "gone@', "access.successor: nobody under"),
        ('by_hand_owner = "ingrid@', 'by_hand_owner = "gone@', "access.by_hand_owner: nobody under"),
    ],
)
def test_what_it_names_has_to_be_there(
    tmp_path: Path, database: Database, clock: FakeClock, jobs: RecordingJobs, old: str, new: str, words: str
) -> None:
    read = settings(tmp_path, old, new)
    with pytest.raises(ConfigError, match=words):
        make_access_context(read, make_context(read, database, "builtin", clock=clock, jobs=jobs))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('mode = "ask" ', 'mode = "auto" ', "access.mode"),
        ('from_groups = ["support-billing"]', 'from_groups = ["Support-Agents"]', "stands for agent and billing agent"),
        ('name = "billing agent"', 'name = "Agent"', "'agent' is used twice"),
        ("offboard_approvals = 2", "offboard_approvals = 3", "access.offboard_approvals"),
        ("privileged = true", "priviledged = true", "access.roles.2.priviledged"),
        ('reconcile_at = "06:00"', 'reconcile_at = "six"', "access.reconcile_at"),
    ],
)
def test_what_is_wrong_is_an_error_that_names_the_key(
    tmp_path: Path, database: Database, old: str, new: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        settings(tmp_path, old, new)
