"""The house keeps its own rules: small modules, told purposes, plain names, imports and tests where one looks."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "automations", "storage")
LINES = 250

OURS = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
MODULES = [path for path in OURS if "versions" not in path.parts]
EVERYTHING = [*OURS, *sorted((ROOT / "tests").rglob("*.py"))]

FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)

TOP = {
    "pyproject.toml", "README.md", "bot", "automations", "storage", "tests", "manifest.yml",
    "LICENSE", "requirements.lock", "handoff.example.toml",
}  # fmt: skip

VAGUE = {"manager", "managers", "helper", "helpers", "util", "utils", "utility", "misc", "stuff"}
"""Words that say nothing of what a thing is."""
VAGUE_ALONE = VAGUE | {"handle", "handler", "handlers", "data", "info", "service", "services"}
"""What is vague as the whole name of a module or class, though not as part of one."""

ONLY_IN = {
    "dbos": ("bot/engine/",),
    "httpx": ("automations/adapters/", "bot/cli/", "bot/workspace/"),
    "automations.adapters": (
        "automations/adapters/",
        "bot/builtin_desk.py",
        "bot/desk.py",
        "bot/desks/",
        "bot/desk_calls.py",
        "bot/identity.py",
        "bot/customer_sources.py",
    ),
    "slack_sdk": ("bot/",),
    "slack_bolt": ("bot/",),
    "typer": ("bot/cli/",),
    "rich": ("bot/cli/",),
    "alembic": ("storage/",),
    "matplotlib": ("bot/views/",),
}
"""What may be imported where, beside the contracts in pyproject.toml: those name who may not, this names who may."""

WAITS = {
    "bot/cli/sender.py": "it waits as long as the receiver asked, while a person looks on",
    "bot/cli/desk_waiting.py": "it waits as long as the desk asked, while a person looks on",
}
"""Where the program itself may sleep."""

THROUGH_THE_DOOR = {
    "automations/adapters/builtin": "tests/automations/adapters/test_conformance.py",
    "automations/adapters/zendesk": "tests/automations/adapters/zendesk/test_conformance.py",
    "automations/adapters/freshdesk": "tests/automations/adapters/freshdesk/test_conformance.py",
    "automations/adapters/intercom": "tests/automations/adapters/intercom/test_conformance.py",
    "automations/adapters/request_tracker": "tests/automations/adapters/request_tracker/test_conformance.py",
    "automations/adapters/muninx": "tests/automations/adapters/muninx/test_conformance.py",
    "automations/adapters/scim": "tests/automations/adapters/scim/test_conformance.py",
    "automations/adapters/people_file": "tests/automations/adapters/people_file/test_conformance.py",
    "automations/adapters/customers_file": "tests/automations/adapters/test_customer_sources.py",
    "automations/adapters/customers_sql": "tests/automations/adapters/test_customer_sources.py",
    "bot/cli": "tests/bot/cli",
    "bot/cli/view_examples": "tests/bot/cli/test_doctor_live.py",
    "bot/cli/demo_story": "tests/bot/cli/test_demo.py",
    "bot/desks": "tests/bot/desks/test_freshdesk.py",
    "bot/engine": "tests/bot/engine/test_engine.py",
    "bot/listeners": "tests/bot/listeners/test_frame.py",
    "bot/views": "tests/bot/views/test_golden.py",
    "bot/workspace": "tests/bot/workspace/test_control.py",
    "bot/workspace/api": "tests/bot/workspace/api/test_chat.py",
    "bot/workspace/shapes": "tests/bot/workspace/test_blocks.py",
    "storage/models": "tests/storage/models/test_cases.py",
    "storage/retention": "tests/storage/retention/test_sweep.py",
}
"""Rooms whose modules are tested together, as those who use the room see it: by command, event, picture or call."""

ELSEWHERE = {
    "automations/access/given.py": "tests/automations/access/test_findings.py",
    "automations/failure_tickets/context.py": "tests/bot/test_parts.py",
    "automations/customer_context/keeping.py": "tests/automations/customer_context/test_syncing.py",
    "automations/customer_context/reading.py": "tests/automations/customer_context/test_syncing.py",
    "automations/customer_context/sync_groups.py": "tests/automations/customer_context/test_syncing.py",
    "automations/customer_context/context.py": "tests/bot/test_customers_parts.py",
    "automations/customer_context/card_types.py": "tests/bot/views/test_customers.py",
    "automations/customer_context/full_list.py": "tests/bot/test_customer_files.py",
    "automations/customer_context/apply_plan.py": "tests/automations/customer_context/test_applying.py",
    "automations/customer_context/carrying.py": "tests/automations/customer_context/test_applying.py",
    "automations/customer_context/desk_values.py": "tests/automations/customer_context/test_desk_faults.py",
    "automations/customer_context/group_end.py": "tests/automations/customer_context/test_applying.py",
    "automations/customer_context/group_rows.py": "tests/automations/customer_context/test_groups.py",
    "automations/failure_tickets/withdrawal.py": "tests/automations/failure_tickets/test_withdrawing.py",
    "automations/texts/columns.py": "tests/automations/texts/test_similar.py",
    "automations/texts/noise.py": "tests/automations/texts/test_terms.py",
    "automations/texts/stop_words.py": "tests/automations/texts/test_terms.py",
    "automations/texts/weights.py": "tests/automations/texts/test_similar.py",
    "bot/access.py": "tests/bot/test_http.py",
    "bot/builtin_desk.py": "tests/bot/test_desk_forms.py",
    "bot/app.py": "tests/faults/test_restart.py",
    "bot/demo_bot.py": "tests/bot/cli/test_demo.py",
    "bot/jobs.py": "tests/faults/test_kill.py",
    "bot/limits.py": "tests/bot/test_http.py",
    "bot/sides.py": "tests/bot/test_app.py",
    "automations/triage/measuring.py": "tests/automations/triage/test_asking.py",
    "automations/triage/observing.py": "tests/automations/triage/test_deciding.py",
    "automations/triage/put_back.py": "tests/automations/triage/test_restoring.py",
    "automations/triage/other_tier.py": "tests/bot/test_customer_effects.py",
    "automations/escalation/other_tier.py": "tests/bot/test_customer_effects.py",
    "bot/triage_files.py": "tests/bot/test_watch_side.py",
    "bot/watch_acts.py": "tests/bot/test_watch_side.py",
    "bot/delivery_task.py": "tests/bot/delivery/test_places.py",
    "bot/late.py": "tests/bot/delivery/test_late.py",
    "bot/slack_marks.py": "tests/bot/test_gateway.py",
    "bot/stuck_acts.py": "tests/bot/listeners/test_stuck.py",
    "bot/stuck_shown.py": "tests/bot/listeners/test_stuck.py",
    "bot/stuck_edits.py": "tests/bot/listeners/test_stuck.py",
    "bot/stuck_many.py": "tests/bot/listeners/test_stuck.py",
    "bot/stuck_told.py": "tests/bot/test_stuck_reminders.py",
    "bot/logs.py": "tests/bot/test_slack_http.py",
    "bot/pages.py": "tests/browser/test_main_job.py",
    "bot/parts.py": "tests/bot/test_http.py",
    "bot/posted.py": "tests/bot/delivery/test_delivery.py",
    "bot/problems.py": "tests/bot/test_http.py",
    "bot/replies.py": "tests/bot/test_openapi.py",
    "bot/server.py": "tests/bot/test_openapi.py",
    "bot/run_jobs.py": "tests/automations/runs/test_clockwork.py",
    "bot/socket_mode.py": "tests/bot/listeners/test_socket.py",
    "bot/team.py": "tests/bot/test_settings.py",
    "automations/access/doors.py": "tests/automations/access/test_provision.py",
    "automations/access/rules.py": "tests/automations/access/test_mapping.py",
    "automations/access/steps.py": "tests/automations/access/test_offboard_plan.py",
    "bot/access_side.py": "tests/bot/test_app_runs.py",
    "bot/looking_back.py": "tests/bot/test_uploading.py",
    "bot/picture_shown.py": "tests/bot/test_uploading.py",
    "bot/report_parts.py": "tests/bot/test_settings.py",
    "bot/render_report.py": "tests/bot/test_report_side.py",
    "bot/escalation_parts.py": "tests/bot/cli/test_escalations.py",
    "automations/escalation/past.py": "tests/bot/cli/test_escalations_evaluate.py",
    "automations/escalation/in_thread.py": "tests/bot/listeners/test_escalations.py",
    "automations/weekly_report/card.py": "tests/automations/weekly_report/test_making.py",
    "automations/weekly_report/posting.py": "tests/automations/weekly_report/test_failing.py",
    "automations/weekly_report/known.py": "tests/bot/listeners/test_report.py",
    "automations/weekly_report/definitions.py": "tests/automations/weekly_report/test_making.py",
    "automations/weekly_report/request.py": "tests/automations/weekly_report/test_asking.py",
    "automations/weekly_report/result.py": "tests/automations/weekly_report/test_counting.py",
    "automations/weekly_report/card_types.py": "tests/bot/views/test_report.py",
    "automations/weekly_report/context.py": "tests/bot/test_settings.py",
    "automations/weekly_report/breakdown.py": "tests/automations/weekly_report/test_count.py",
    "automations/weekly_report/facts.py": "tests/automations/weekly_report/test_count.py",
    "automations/weekly_report/observe.py": "tests/automations/weekly_report/test_count.py",
    "automations/weekly_report/own_cases.py": "tests/automations/weekly_report/test_counting.py",
    "automations/weekly_report/signals.py": "tests/automations/weekly_report/test_counting.py",
    "automations/weekly_report/tally.py": "tests/automations/weekly_report/test_count.py",
    "automations/runs/begin.py": "tests/automations/runs/test_advance.py",
    "automations/runs/card.py": "tests/automations/runs/test_propose.py",
    "automations/runs/doing.py": "tests/automations/runs/test_advance.py",
    "automations/runs/failures.py": "tests/automations/runs/test_retry.py",
    "automations/runs/invite.py": "tests/automations/runs/test_retry.py",
    "automations/runs/journal.py": "tests/automations/runs/test_retry.py",
    "automations/runs/kinds.py": "tests/automations/runs/test_machine.py",
    "automations/runs/rest.py": "tests/automations/runs/test_each_step.py",
    "automations/runs/rows.py": "tests/automations/runs/test_races.py",
    "automations/ticket_texts/keeping.py": "tests/automations/ticket_texts/test_reading.py",
    "automations/texts/abstaining.py": "tests/automations/texts/test_training.py",
    "automations/texts/lines.py": "tests/automations/texts/test_training.py",
    "automations/texts/scores.py": "tests/automations/texts/test_training.py",
    "automations/texts/unseen.py": "tests/automations/texts/test_training.py",
    "automations/texts/vectors.py": "tests/automations/texts/test_features.py",
    "automations/words.py": "tests/automations/failure_tickets/test_card.py",
    "automations/errors.py": "tests/bot/cli/test_run.py",
    "automations/adapters/customer_rows.py": "tests/automations/adapters/test_customer_sources.py",
    "automations/adapters/table_rows.py": "tests/automations/adapters/people_file/test_source.py",
    "automations/adapters/whole_file.py": "tests/automations/adapters/people_file/test_source.py",
    "automations/adapters/whole_list.py": "tests/automations/adapters/people_file/test_conformance.py",
    "automations/access_ports.py": "tests/automations/adapters/test_conformance.py",
    "automations/ports.py": "tests/automations/adapters/test_conformance.py",
    "automations/access/card_types.py": "tests/bot/views/test_findings.py",
    "automations/runs/card_types.py": "tests/bot/views/test_runs.py",
    "automations/domain.py": "tests/automations/failure_tickets/test_life.py",
    "automations/failure_tickets/desk_facts.py": "tests/bot/test_desk_round.py",
    "automations/failure_tickets/desk_feed.py": "tests/automations/failure_tickets/test_mirror.py",
    "automations/failure_tickets/mirror_acts.py": "tests/automations/failure_tickets/test_mirror.py",
    "automations/failure_tickets/mirror_words.py": "tests/automations/failure_tickets/test_mirror.py",
    "automations/mirror/customers.py": "tests/automations/mirror/test_reading.py",
    "automations/mirror/fitting.py": "tests/automations/mirror/test_reading.py",
    "automations/mirror/keeping.py": "tests/automations/mirror/test_reading.py",
    "automations/mirror/looking.py": "tests/automations/mirror/test_reading.py",
    "automations/mirror/places.py": "tests/automations/mirror/test_reading.py",
    "automations/mirror/rows.py": "tests/automations/mirror/test_reading.py",
    "automations/mirror/taking.py": "tests/automations/mirror/test_reading.py",
    "automations/mirror/walking.py": "tests/automations/mirror/test_reading.py",
    "automations/failure_tickets/ticket_row.py": "tests/automations/failure_tickets/test_tickets.py",
    "automations/failure_tickets/compare.py": "tests/automations/failure_tickets/test_tickets.py",
    "automations/failure_tickets/admission.py": "tests/automations/failure_tickets/test_flapping.py",
    "automations/failure_tickets/detail.py": "tests/automations/failure_tickets/test_card.py",
    "automations/failure_tickets/draft.py": "tests/automations/failure_tickets/test_tickets.py",
    "automations/failure_tickets/endings.py": "tests/automations/failure_tickets/test_intake.py",
    "automations/failure_tickets/reminders.py": "tests/automations/failure_tickets/test_stale.py",
    "automations/failure_tickets/told.py": "tests/automations/failure_tickets/test_owners.py",
    "automations/failure_tickets/hearing.py": "tests/automations/failure_tickets/test_silence.py",
    "automations/failure_tickets/lists.py": "tests/automations/failure_tickets/test_card.py",
    "automations/failure_tickets/moves.py": "tests/automations/failure_tickets/test_life.py",
    "automations/failure_tickets/occurrences.py": "tests/automations/failure_tickets/test_intake.py",
    "automations/failure_tickets/present.py": "tests/automations/failure_tickets/test_covers.py",
    "automations/failure_tickets/settled.py": "tests/automations/failure_tickets/test_covers.py",
    "automations/failure_tickets/team_types.py": "tests/automations/failure_tickets/test_hand_over.py",
    "automations/failure_tickets/asked.py": "tests/bot/listeners/test_undo.py",
    "automations/failure_tickets/offers.py": "tests/automations/failure_tickets/test_undo.py",
    "automations/failure_tickets/wanted.py": "tests/automations/failure_tickets/test_tickets.py",
    "automations/failure_tickets/opening.py": "tests/automations/failure_tickets/test_journal.py",
    "automations/failure_tickets/placing.py": "tests/automations/failure_tickets/test_groups.py",
    "automations/access/finding_rows.py": "tests/automations/access/test_reconcile.py",
    "automations/access/fixes.py": "tests/automations/access/test_findings.py",
    "automations/access/found.py": "tests/automations/access/test_reconcile_plan.py",
    "automations/access/joining.py": "tests/automations/access/test_reconcile_plan.py",
    "automations/access/listing.py": "tests/automations/access/test_reconcile.py",
    "automations/access/mending.py": "tests/automations/access/test_findings.py",
    "automations/access/review.py": "tests/automations/access/test_export.py",
    "automations/triage/card.py": "tests/automations/triage/test_telling.py",
    "automations/triage/card_types.py": "tests/bot/views/test_triage.py",
    "automations/triage/decisions.py": "tests/automations/triage/test_acts.py",
    "automations/triage/figures.py": "tests/automations/triage/test_evaluating.py",
    "automations/triage/inputs.py": "tests/automations/triage/test_judging.py",
    "automations/triage/place.py": "tests/automations/triage/test_applying.py",
    "automations/triage/rules.py": "tests/automations/triage/test_judging.py",
    "automations/triage/scoring.py": "tests/automations/triage/test_judging.py",
    "automations/triage/standing.py": "tests/automations/triage/test_deciding.py",
    "bot/permission_matrix.py": "tests/bot/listeners/test_matrix.py",
    "bot/render_triage.py": "tests/bot/test_app_triage.py",
    "automations/customer_context/found.py": "tests/automations/customer_context/test_sync_plan.py",
    "automations/customer_context/judging.py": "tests/automations/customer_context/test_sync_plan.py",
    "automations/customer_context/told.py": "tests/automations/customer_context/test_sync_plan.py",
    "automations/customer_context/values.py": "tests/automations/customer_context/test_grouping.py",
    "automations/escalation/by_hand.py": "tests/automations/escalation/test_acts.py",
    "automations/escalation/callees.py": "tests/automations/escalation/test_chain.py",
    "automations/escalation/clock_rules.py": "tests/automations/escalation/test_summary.py",
    "automations/escalation/found.py": "tests/automations/escalation/test_text_rules.py",
    "automations/escalation/journal.py": "tests/automations/escalation/test_acts.py",
    "automations/escalation/lists.py": "tests/automations/escalation/test_card.py",
    "automations/escalation/moves.py": "tests/automations/escalation/test_acts.py",
    "automations/escalation/observing.py": "tests/automations/escalation/test_firing.py",
    "automations/escalation/rules.py": "tests/automations/escalation/test_text_rules.py",
    "automations/escalation/shadow.py": "tests/automations/escalation/test_firing.py",
    "automations/escalation/stale.py": "tests/automations/escalation/test_peers.py",
    "automations/escalation/subjects.py": "tests/automations/escalation/test_ending.py",
    "automations/escalation/sweep.py": "tests/automations/escalation/test_summary.py",
    "automations/escalation/verdicts.py": "tests/automations/escalation/test_acts.py",
    "automations/escalation/waking.py": "tests/automations/escalation/test_acts.py",
    "automations/escalation/watch.py": "tests/automations/escalation/test_firing.py",
    "automations/sla/life.py": "tests/automations/sla/test_clocks.py",
    "automations/sla/policy.py": "tests/automations/sla/test_clocks.py",
    "automations/sla/reading.py": "tests/automations/sla/test_keeping.py",
    "automations/sla/rows.py": "tests/automations/sla/test_keeping.py",
    "automations/sla/taking.py": "tests/automations/sla/test_keeping.py",
    "automations/sla/worked.py": "tests/automations/sla/test_clocks.py",
    "storage/dump.py": "tests/storage/test_backup.py",
    "storage/segments.py": "tests/storage/test_pruning.py",
    "storage/sqlite.py": "tests/storage/test_engine.py",
}
"""Modules that do their work inside another's, and the test that shows it."""
TRIVIAL = 2_000
"""Characters below which a module needs no test file of its own: some 60 lines."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def words(identifier: str) -> set[str]:
    """`CaseButton` and `case_button` are both case and button."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", identifier)}


def imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_top_level_holds_what_it_should_and_no_more() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found >= TOP
    assert found <= TOP | ignored


def test_a_module_is_read_in_one_sitting() -> None:
    long = {name_of(path): count for path in MODULES if (count := path.read_text("utf-8").count("\n")) > LINES}
    assert long == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_public_says_what_it_is(package: str) -> None:
    silent = []
    for path in (path for path in MODULES if name_of(path).startswith(f"{package}/")):
        module = tree(path)
        silent += [] if ast.get_docstring(module) else [name_of(path)]
        named = (node for node in module.body if isinstance(node, DEFINITIONS) and "migrations" not in path.parts)
        public = (node for node in named if not node.name.startswith("_"))
        silent += [f"{name_of(path)}: {node.name}" for node in public if not ast.get_docstring(node)]
    assert silent == []


def test_names_say_what_a_thing_is() -> None:
    vague = []
    for path in MODULES:
        vague += [name_of(path)] if path.stem in VAGUE_ALONE or words(path.stem) & VAGUE else []
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and (node.name.lower() in VAGUE_ALONE or words(node.name) & VAGUE):
                vague.append(f"{name_of(path)}: {node.name}")
            if isinstance(node, FUNCTIONS) and words(node.name) & VAGUE:
                vague.append(f"{name_of(path)}: {node.name}")
    assert vague == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    users = {name_of(path) for path in OURS if any(f"{one}.".startswith(f"{library}.") for one in imports(tree(path)))}
    assert users, f"nobody imports {library}"
    assert {name for name in users if not name.startswith(ONLY_IN[library])} == set()


def test_the_contracts_of_imports_are_kept() -> None:
    """Layers and bans as pyproject.toml states them."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: \d+ kept, 0 broken", done.stdout)


TIME_OF_SQL = {"strftime", "unixepoch"}
"""Functions of SQLite that we put our own in place of, for the job engine's sake: no statement of ours may use them."""


def times_of_sql(module: ast.Module) -> Iterator[int]:
    """Lines that name such a function in a text, or as one of SQLAlchemy's `func`; docstrings may speak of them."""
    told = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            if set(re.findall(r"\w+", node.value.lower())) & TIME_OF_SQL:
                yield node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in TIME_OF_SQL and _is_func(node.value):
            yield node.lineno


def _is_func(node: ast.expr) -> bool:
    return ast.unparse(node).rpartition(".")[2] == "func"


def test_our_sql_asks_the_database_for_no_time() -> None:
    users = {name_of(path) for path in OURS if any(times_of_sql(tree(path)))}
    assert users == {"storage/sqlite.py"}, "it alone may name them, since it defines them"
    for statement in ("text('select STRFTIME(1)')", "sa.func.unixepoch('subsec')", "f'{x} unixepoch()'"):
        assert any(times_of_sql(ast.parse(f"x = {statement}"))), statement
    assert not any(times_of_sql(ast.parse("'''strftime'''\nx = moment.strftime('%H')")))


def test_an_error_is_caught_by_its_name() -> None:
    """Whoever catches everything must raise it again: cleaning up is allowed, hiding is not."""
    broad = []
    for path in EVERYTHING:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else "everything"
            passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if re.search(r"\b(Exception|BaseException|everything)\b", caught) and not passed_on:
                broad.append(f"{name_of(path)}:{node.lineno} catches {caught}")
    assert broad == []


def test_nothing_sleeps_in_place_of_a_condition() -> None:
    """A test may pause between two looks at a condition, or where its line says what the time stands for."""
    sleepers = []
    for path in EVERYTHING:
        lines, module = path.read_text(encoding="utf-8").splitlines(), tree(path)
        looping = {id(inner) for loop in ast.walk(module) if isinstance(loop, ast.While) for inner in loop.body}
        for node in ast.walk(module):
            if not (isinstance(node, ast.Expr) and ast.unparse(node).startswith("time.sleep(")):
                continue
            if name_of(path).startswith("tests/"):
                explained = id(node) in looping or "  # " in lines[node.lineno - 1]
            else:
                explained = name_of(path) in WAITS
            sleepers += [] if explained else [f"{name_of(path)}:{node.lineno}"]
    assert sleepers == []


IGNORE = re.compile(r"# type: ignore(?!\[[a-z-]+(?:, ?[a-z-]+)*\]  # \S)")
NOQA = re.compile(r"# noqa(?!: [A-Z]+\d+)")


def test_every_exemption_names_its_rule_and_its_reason() -> None:
    unexplained = []
    for path in EVERYTHING:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if IGNORE.search(line) or NOQA.search(line):
                unexplained.append(f"{name_of(path)}:{number}: {line.strip()}")
    assert unexplained == []


def has_its_own_test(path: Path) -> bool:
    """`a/b_c.py` is tested by `tests/a/test_b_c*.py`, its family's `tests/a/test_b*.py`, or a folder `tests/a/b_c`."""
    mirrored = ROOT / "tests" / path.parent.relative_to(ROOT)
    family = path.stem.partition("_")[0]
    patterns = (f"test_{path.stem}*.py", f"test_{family}.py", f"test_{family}_*.py", f"{path.stem}/test_*.py")
    return any(any(mirrored.glob(pattern)) for pattern in patterns)


def test_tests_stand_where_one_looks_for_them() -> None:
    lost = []
    for path in MODULES:
        name, room = name_of(path), name_of(path.parent)
        quiet = "migrations" in path.parts or path.stem.startswith("__") or len(path.read_text("utf-8")) < TRIVIAL
        if not (quiet or room in THROUGH_THE_DOOR or name in ELSEWHERE or has_its_own_test(path)):
            lost.append(name)
    assert lost == []


@pytest.mark.parametrize(("code", "test"), [*THROUGH_THE_DOOR.items(), *ELSEWHERE.items()], ids=lambda value: value)
def test_a_test_named_for_another_module_is_there(code: str, test: str) -> None:
    assert (ROOT / code).exists()
    assert (ROOT / test).exists()


def test_every_folder_of_tests_mirrors_code() -> None:
    """`tests/bot/views` tests `bot/views`; `tests/bot/delivery` tests `bot/delivery.py`."""
    for package in PACKAGES:
        for folder in {path.parent for path in (ROOT / "tests" / package).rglob("test_*.py")}:
            mirrored = ROOT / folder.relative_to(ROOT / "tests")
            assert mirrored.is_dir() or mirrored.with_suffix(".py").is_file(), name_of(folder)
