"""What the engine keeps of an error: words without secrets, in all of its tables; the failure queue says the rest."""

import json

import pytest
from dbos import PortableWorkflowError
from sqlalchemy.exc import OperationalError

from automations.errors import Rejected
from bot.engine.fault import LONGEST, Fault, InWords, words_of
from bot.engine.spec import Args
from storage.engine import Database
from tests.bot.engine.world import Script, enqueue, running, spec, stuck_items, until
from tests.hostile.kept import every_table


def bare(text: str) -> str:
    return text.replace("hunter2", "[redacted]")


class Told(Exception):
    """An error with more about it, as libraries make them: the engine would keep that, too."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.details = {"sent": words}
        self.code = words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("hunter2"), "ValueError: [redacted]"),
        (Rejected(" no hunter2 ", system="desk", code="x"), "no [redacted]"),
        (Fault("told before"), "told before"),
        (PortableWorkflowError("told before", "Fault"), "told before"),
        (PortableWorkflowError("by zero", "ZeroDivisionError"), "ZeroDivisionError: by zero"),
        (KeyError("x" * 5_000), f"KeyError: '{'x' * 5_000}"[:LONGEST]),
    ],
)
def test_an_error_is_told_once_with_its_kind(error: Exception, words: str) -> None:
    assert words_of(error, bare) == words


def test_whatever_is_raised_becomes_a_fault_but_what_is_expected() -> None:
    with pytest.raises(Fault, match=r"^LookupError: \[redacted\]$"), InWords(bare):
        raise LookupError("hunter2")
    away = OperationalError("select", {}, Exception("hunter2"))
    with pytest.raises(OperationalError), InWords(bare, but=(OperationalError,)):
        raise away
    with pytest.raises(KeyboardInterrupt), InWords(bare):
        raise KeyboardInterrupt


def test_no_table_of_the_engine_keeps_what_an_error_said(database: Database) -> None:
    """In the step, in the run around it, and in what follows on the failure."""

    def crash(_args: Args, _number: int) -> None:
        raise Told("sent hunter2")

    def refuse(_args: Args, _number: int) -> None:
        raise Rejected("no hunter2", system="desk", code="nope")

    told_of: list[str] = []

    def fail(_session: object, _args: Args, reason: str) -> None:
        told_of.append(reason)
        if len(told_of) == 1:
            raise Told("told of hunter2")

    jobs = spec("bug", Script(crash)), spec("follow", Script(refuse), on_stuck=fail)
    with running(database, *jobs) as engine:
        for one in jobs:
            enqueue(database, engine, one.name, "k", {"n": 1})

        def both_ended() -> bool:
            kept = every_table(database)
            status = next(rows for name, rows in kept.items() if name.endswith("workflow_status"))
            return status.count("'ERROR'") == 2

        until(both_ended)
        kept = every_table(database)
        told = next(rows for name, rows in kept.items() if name.endswith("operation_outputs"))
        assert json.dumps("Told: sent [redacted]")[1:-1] in told
        assert {name for name, rows in kept.items() if "hunter2" in rows} == set()
        engine.sweep()
    assert {item.reason for item in stuck_items(database)} == {
        "a fault in Handoff: Told: sent [redacted]", "a fault in Handoff: Told: told of [redacted]",
    }  # fmt: skip
    assert {name for name, rows in every_table(database).items() if "hunter2" in rows} == set()
