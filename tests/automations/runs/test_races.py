"""Many at once: one decision, one start, one run for the same; and no two that wait for each other."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from automations.domain import Actor
from automations.errors import OutcomeUnknown, Refused, Unavailable
from automations.runs import approve, retry
from automations.runs.ask import ask
from automations.runs.clockwork import expire
from tests.automations.runs.clicker import click, lead
from tests.automations.runs.outside import FAULTS, Fault
from tests.automations.runs.stage import BENS, LEA, LEO, Stage, step

CLICKS = 50
THREE = [step("desk.role", name) for name in ("a", "b", "c")]


def at_once(*acts: Callable[[], str]) -> list[str]:
    """What each came to, all begun at the same time."""
    gate = Barrier(len(acts))

    def act(do: Callable[[], str]) -> str:
        gate.wait(60)
        try:
            return do()
        except Refused as exc:
            return f"no: {exc}"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def judge(stage: Stage, run_id: int, answers: list[str]) -> None:
    """Exactly one of the clicks won, and the others were told whose it was."""
    won = [answer for answer in answers if answer.startswith("yes: ")]
    assert won == [f"yes: RUN-{run_id}: confirmed. It is carried out now."]
    (approval,) = stage.audited("plan.approval")
    told = re.compile(
        rf"no: RUN-{run_id} was confirmed by {approval.actor} at 03:14 already; .*Nothing was changed by you\."
    )
    assert [answer for answer in answers if not told.fullmatch(answer)] == won
    assert len(stage.audited("plan.approved")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_fifty_clicks_from_threads_one_wins(stage: Stage) -> None:
    run_id = stage.ask(*THREE)
    digest = stage.run(run_id).digest
    acts = [lambda number=number: click(stage.database, run_id, digest, lead(number)) for number in range(CLICKS)]
    judge(stage, run_id, at_once(*acts))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_fifty_clicks_from_two_processes_one_wins(stage: Stage) -> None:
    run_id = stage.ask(*THREE)
    name, half = "tests.automations.runs.clicker", CLICKS // 2
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                name,
                stage.database.url,
                str(run_id),
                stage.run(run_id).digest,
                str(first),
                str(half),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for first in (0, half)
    ]
    answers: list[str] = []
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        answers += out.splitlines()
    assert len(answers) == CLICKS
    judge(stage, run_id, answers)


def test_fifty_clicks_of_one_person_are_one_yes(stage: Stage) -> None:
    run_id = stage.ask(*THREE, approvals=2, by=Actor("os:root", "root"))
    digest = stage.run(run_id).digest
    answers = at_once(*[lambda: click(stage.database, run_id, digest, LEO)] * CLICKS)
    assert Counter(answer[:4] for answer in answers) == {"yes:": 1, "no: ": CLICKS - 1}
    stage.play()
    assert (stage.state(run_id), len(stage.card(run_id).approvals), stage.outside.writes) == ("proposed", 1, [])


def test_fifty_clicks_of_who_asked_are_none(stage: Stage) -> None:
    run_id = stage.ask(*THREE, approvals=2)
    digest = stage.run(run_id).digest
    answers = at_once(*[lambda: click(stage.database, run_id, digest, LEA)] * CLICKS)
    assert all("a second person has to confirm it" in answer for answer in answers)
    assert stage.state(run_id) == "proposed"


def test_confirmed_cancelled_and_over_at_once_is_one_of_them(stage: Stage) -> None:
    for number in range(8):
        run_id = stage.ask(step("desk.role", f"p{number}"), subject=f"p{number}@team.example")
        digest = stage.run(run_id).digest

        def confirm(run_id: int = run_id, digest: str = digest) -> str:
            return click(stage.database, run_id, digest, LEO)[:4]

        def cancel(run_id: int = run_id) -> str:
            with stage.database.begin() as session:
                return approve.cancel(session, run_id, LEA, stage.ctx)

        def end(run_id: int = run_id) -> str:
            with stage.database.begin() as session:
                expire(session, {"run_id": run_id}, stage.ctx)
            return ""

        confirmed, cancelled, _ = at_once(confirm, cancel, end)
        state = "approved" if confirmed == "yes:" else "cancelled"
        assert stage.state(run_id) == state
        assert cancelled.startswith("no: ") == (state == "approved")


def test_the_same_asked_for_at_once_is_one_run(stage: Stage) -> None:
    def asking() -> str:
        with stage.database.begin() as session:
            return f"yes: {ask(session, 'change', BENS, {'steps': THREE}, LEA, stage.ctx).id}"

    answers = at_once(*[asking] * 12)
    assert Counter(answer[:4] for answer in answers) == {"yes:": 1, "no: ": 11}
    assert len(stage.audited("run.asked")) == 1


def test_one_retry_at_once_is_one_try(stage: Stage) -> None:
    stage.outside.meets("desk.role", "b", Fault.REJECTED)
    run_id = stage.done(*THREE)

    def again() -> str:
        with stage.database.begin() as session:
            return f"yes: {retry.retry_step(session, run_id, 2, LEA, stage.ctx)}"

    answers = at_once(*[again] * 12)
    assert Counter(answer[:4] for answer in answers) == {"yes:": 1, "no: ": 11}
    stage.play()
    assert (stage.state(run_id), len(stage.audited("step.retry"))) == ("done", 1)


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_several_workers_at_one_run_do_no_harm(stage: Stage, fault: Fault | None) -> None:
    run_id = stage.ask(*(step("desk.role", f"p{number}") for number in range(6)))
    with stage.database.begin() as session:
        approve.approve(session, run_id, stage.run(run_id).digest, LEA, stage.ctx)
    if fault is not None:
        stage.outside.meets("desk.role", "p2", fault)

    def work() -> str:
        tries = 0
        while tries < 20:
            try:
                if stage.runner.advance(run_id) is None and stage.state(run_id) != "approved":
                    return ""
            except (Unavailable, OutcomeUnknown):
                tries += 1
        return "never at rest"

    assert at_once(work, work, work) == ["", "", ""]
    stage.play()
    verified = {row.number for row in stage.steps(run_id) if row.state == "verified"}
    lasting = fault in (Fault.REJECTED, Fault.IGNORED, Fault.LATE) and 3 not in verified
    assert verified == ({1, 2, 4, 5, 6} if lasting else {1, 2, 3, 4, 5, 6})
    assert stage.state(run_id) == ("partial" if lasting else "done")
    assert {write.value for write in stage.outside.writes} == {"in"}, "made twice at most to the same effect"
    assert len(stage.audited(f"run.{stage.state(run_id)}")) == 1
    counted = Counter(row.after["step"] for row in stage.audited("step.verified") if row.after)
    assert counted == dict.fromkeys(verified, 1)
