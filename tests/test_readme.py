"""README.md agrees with the code: its tables, commands, flags, paths, variables, files and examples."""

import re
import shlex
import shutil
import struct
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer.main
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import CheckConstraint

import bot.cli
from bot.cli.demo import TOKEN
from bot.cli.groups import app
from bot.cli.reference import command_table
from bot.desk import limits_of
from bot.grammar import SupportVerb
from bot.ingest import MAX_BODY_BYTES, MAX_EVENTS
from bot.metrics import LEVELS, Metrics
from bot.settings import Http
from bot.settings_file import DEFAULT_FILE, _unknown_variables
from bot.wire import ACT_NAMES
from bot.wire_customers import CHANGES_NAMES, CONFLICT_NAMES, LIST_NAMES
from bot.wire_report import REPORT_ACT_NAMES
from bot.wire_runs import FINDING_ACT_NAMES, RUN_ACT_NAMES
from storage.engine import Database
from storage.models import Base
from tests.automations.failure_tickets.world import World
from tests.bot.http_world import HttpWorld
from tests.browser.picture import ESCALATION, HEIGHT, PICTURE, WIDTH
from tests.reference import command_rows, desk_rows, figure_rows, replaced, retention_rows, settings_rows
from tests.support import FakeClock, RecordingJobs

GAUGES = ("cases", "tickets", "notifications", "stuck")
STATES = frozenset(
    word
    for table in ("cases", "case_ticket", "notification", "stuck_item")
    for check in Base.metadata.tables[table].constraints
    if isinstance(check, CheckConstraint)
    for word in re.findall(r"'(\w+)'", str(check.sqltext))
)
"""Every state that a figure can have as its label."""
ROOT = Path(__file__).parents[1]
FILE = ROOT / "README.md"
TEXT = FILE.read_text(encoding="utf-8")
PROSE = re.sub(r"<!-- (settings|commands|desks|figures|retention) -->.*?<!-- /\1 -->", "", TEXT, flags=re.DOTALL)
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PROSE, re.DOTALL | re.MULTILINE)
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", PROSE, flags=re.DOTALL | re.MULTILINE))
CI = ROOT / ".ci" / "run"
TABLES = [
    ("settings", settings_rows),
    ("commands", command_rows),
    ("desks", desk_rows),
    ("figures", figure_rows),
    ("retention", retention_rows),
]
ELSEWHERE = frozenset({"/invite @Handoff"})
"""What stands in code type and belongs to Slack, not to us."""
UNTOLD = frozenset({"Details", "Next page", "Page before", "Show"})
"""Buttons that only show more of the same."""


@pytest.fixture
def port(tmp_path: Path, sqlite_template: Path, clock: FakeClock, jobs: RecordingJobs) -> Iterator[HttpWorld]:
    """The HTTP port of a team without cases."""
    database = Database(f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}")
    yield HttpWorld(World.on(database, clock, jobs))
    database.close()


@pytest.mark.parametrize(("name", "made"), TABLES)
def test_a_table_says_what_the_code_says(name: str, made: Any, pytestconfig: pytest.Config) -> None:
    seen = FILE.read_text(encoding="utf-8")
    wanted = replaced(seen, name, made())
    if pytestconfig.getoption("--accept"):
        FILE.write_text(wanted, encoding="utf-8")
        seen = wanted
    assert seen == wanted, "rerun with --accept and look at the difference"


@pytest.mark.parametrize("kind", limits_of())
def test_every_desk_has_a_part_of_its_own(kind: str) -> None:
    """What is needed for it, which no table can say."""
    section = PROSE.partition("\n## Help desks\n")[2].partition("\n## ")[0]
    parts = dict(re.findall(r"^### (.+)\n\n((?:(?!###).*\n)+)", section, re.MULTILINE))
    title = limits_of()[kind].TITLE
    assert title in parts, f"known: {', '.join(parts)}"
    assert len(parts[title]) > 100
    if kind != "builtin":
        assert f'kind = "{kind}"' in parts[title]


def test_it_begins_with_three_sentences_and_says_what_it_is_not() -> None:
    title, first, *_ = TEXT.split("\n\n")
    assert title == "# Handoff"
    assert len(re.findall(r"[.!?](?=\s|$)", first)) == 3
    assert "**Handoff is not a pager.**" in TEXT


def commands_named() -> list[list[str]]:
    """Every `handoff …` in a shell block or in code type, word by word."""
    lines = [part.split("#")[0] for block in BLOCKS for part in re.split(r"\n|&&", block)]
    found = [re.search(r"(?:^|run (?:--no-dev )?)handoff (.+)$", line.strip()) for line in (*lines, *SPANS)]
    return [shlex.split(match.group(1)) for match in found if match]


@pytest.mark.parametrize("words", commands_named(), ids=" ".join)
def test_a_command_and_its_flags_exist(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    flags = {"--help", *_flags(command)}
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in flags
        elif inner := getattr(command, "commands", None):
            assert word in inner, f"{command.name} knows {', '.join(inner)}"
            command = inner[word]
            flags |= _flags(command)
        else:
            assert any(param.param_type_name == "argument" or not param.is_flag for param in command.params)


def _flags(command: Any) -> set[str]:
    return {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)}


def test_commands_were_found() -> None:
    assert len(commands_named()) > 10


def test_the_groups_verbs_named_alone_exist() -> None:
    """Such as `handoff stuck list`, `retry`, `discard`."""
    root: Any = typer.main.get_command(app)
    for group, verbs in re.findall(r"`handoff (\w+) \w+`((?:, `\w+`)+)", PROSE):
        assert set(re.findall(r"\w+", verbs)) <= set(root.commands[group].commands)


def test_flags_named_alone_exist() -> None:
    ours = {flag for command in _all(typer.main.get_command(app)) for flag in _flags(command)}
    pytests_own = set(re.findall(r'addoption\("(--\w+)"', (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")))
    named = {word for span in SPANS for word in span.split() if word.startswith("--")}
    assert named
    assert named <= ours | pytests_own | {"--help"}


def _all(command: Any) -> list[Any]:
    inner = getattr(command, "commands", {}).values()
    return [command, *(found for child in inner for found in _all(child))]


def test_http_paths_exist(port: HttpWorld) -> None:
    known = {*port.app().openapi()["paths"], "/openapi.json"}
    over_http = (ROOT / "bot" / "slack_side.py").read_text(encoding="utf-8")
    named = {span for span in SPANS if span.startswith("/") and span not in ELSEWHERE} - set(slash_commands())
    assert {"/v1/failures/sentry", "/v1/failures/alertmanager", "/healthz"} <= named <= known
    assert "https://your.host/slack/events" in PROSE
    assert '"/slack/events"' in over_http


def slash_commands() -> list[str]:
    return [span for span in SPANS if span.startswith("/support")]


def test_slash_commands_and_acts_exist() -> None:
    named = slash_commands()
    assert {span.split()[1] for span in named if span.startswith("/support ")} == set(SupportVerb)
    others = {span.split()[0].removeprefix("/support-") for span in named if span.startswith("/support-")}
    assert others == {"provision", "offboard", "reconcile", "customers", "report", "stuck", "undo"}
    shown = {*ACT_NAMES.values(), *RUN_ACT_NAMES.values(), *FINDING_ACT_NAMES.values(), *REPORT_ACT_NAMES.values()}
    shown |= {*CHANGES_NAMES.values(), *CONFLICT_NAMES.values(), *LIST_NAMES.values()}
    assert shown - UNTOLD <= set(re.findall(r"\*\*([A-Z][a-z ]+…?)\*\*", PROSE))


def test_environment_variables_exist() -> None:
    named = dict.fromkeys(re.findall(r"HANDOFF_[A-Z]\w*", PROSE), "")
    assert len(named) > 5
    assert list(_unknown_variables(named)) == []


def test_files_exist() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]
    endings = (".py", ".toml", ".yml", ".md")
    named = [span for span in SPANS if span.endswith((*endings, "/")) and " " not in span and "<" not in span]
    named = [span for span in named if span not in {DEFAULT_FILE, "plan.py"}]
    assert links
    assert named
    for name in (*links, *named):
        assert (ROOT / name).exists(), name
    assert list(ROOT.glob("automations/*/plan.py"))


def test_the_developers_commands_exist() -> None:
    block = next(block for block in BLOCKS if "bash .ci/run" in block)
    modules = re.findall(r"python -m (\S+)", block)
    assert modules
    assert all(find_spec(module) for module in modules)
    markers = set(re.findall(r"not (\w+)", block))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert markers <= {line.partition(":")[0] for line in project["tool"]["pytest"]["ini_options"]["markers"]}


def test_the_try_it_commands_are_what_ci_runs() -> None:
    """The script may shorten the program by a variable, watch the coverage, and add options at the end."""
    script = CI.read_text(encoding="utf-8")
    for name, value in re.findall(r"^(\w+)=(\S+)$", script, re.MULTILINE):
        script = script.replace(f"${name} ", f"{value} ")
    lines = [line.strip().replace("coverage run -m ", "") for line in script.splitlines()]
    demo, tests = (block.strip() for block in BLOCKS[:2])
    assert demo == "python3 -m pip install -q --target .uv uv && .uv/bin/uv run --no-dev handoff demo"
    assert tests == "python3 -m pip install -q --target .uv uv && .uv/bin/uv run pytest"
    for part in (*demo.split(" && "), *tests.split(" && ")):
        assert any(line == part or line.startswith(f"{part} -") for line in lines), f"CI does not run {part!r}"


def test_every_list_has_json_and_every_exit_code_is_told() -> None:
    assert "Every list has `--json`." in PROSE
    lists = {usage for usage, _ in command_table() if re.search(r" (list|show)\b", usage)}
    assert len(lists) > 4
    assert all("[--json]" in usage for usage in lists)
    told = str(bot.cli.__doc__).partition("Exit codes: ")[2].strip()
    assert f"Exit codes: {told}" in PROSE


def the_curl() -> list[str]:
    return next(shlex.split(block) for block in BLOCKS if block.startswith("curl"))


def test_the_example_is_a_valid_request() -> None:
    program, *words = the_curl()
    address = f"http://127.0.0.1:{Http().port}/v1/failures"
    headers = [f"Authorization: Bearer {TOKEN}", "Content-Type: application/json"]
    assert program == "curl"
    assert words[:-1] == ["-X", "POST", address, "-H", headers[0], "-H", headers[1], "-d"]


def test_the_example_opens_a_case(port: HttpWorld) -> None:
    words = the_curl()
    answer = port.post(words[words.index("-d") + 1].encode())
    assert answer.status_code == 202
    assert [result["status"] for result in answer.json()["results"]] == ["opened"]


def test_figures_are_the_codes() -> None:
    assert f"up to {MAX_EVENTS} events" in PROSE
    assert f"up to {MAX_BODY_BYTES // 1024} KB" in PROSE


def test_the_pictures_are_those_that_tests_take() -> None:
    """The page's by the browser test, the report's by that of the picture itself."""
    shown = re.findall(r"!\[[^\]]{20,}\]\(([^)]+)\)", TEXT)
    assert [ROOT / path for path in shown] == [PICTURE, ROOT / "tests" / "golden" / "report.png", ESCALATION]
    png = PICTURE.read_bytes()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (WIDTH, HEIGHT)
    assert len(png) < 200_000


def test_every_alert_names_a_figure_that_there_is() -> None:
    """Of the labels as well: an alert that can never fire is worse than none."""
    metrics = Metrics(lambda: {name: dict.fromkeys(STATES, 1) for name in GAUGES})
    metrics.refused.labels(why="x").inc()
    metrics.events.labels(status="opened").inc()
    metrics.note_dropped({"inbox": 1})
    families = list(text_string_to_metric_families(metrics.render().decode()))
    there = {sample.name: set(sample.labels) for family in families for sample in family.samples}
    table = PROSE.partition("\n### Alerts\n")[2].partition("\n### ")[0]
    asked = re.findall(r"\b(handoff_\w+)(?:\{(\w+)=\"(\w+)\"\})?", table)
    assert len(asked) > 10
    for name, label, value in asked:
        assert name in there, name
        assert not label or label in there[name], f"{name} has no label {label}"
        assert not value or value in STATES, f"{value} is no state"
    levels = {f"handoff_{name}" for name in LEVELS}
    assert levels <= {name for name, *_ in asked}, "each of these is there to be watched"
