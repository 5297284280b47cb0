"""What is mutated and which tests have to notice: the modules on which trust rests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """Files and the tests that hold them, from the project's root."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


AREAS = {
    "signature": Area(("bot/guard.py",), ("tests/bot/test_guard.py",)),
    "confirm": Area(
        ("automations/runs/approve.py",),
        ("tests/automations/runs/test_approve.py", "tests/automations/runs/test_ask.py"),
    ),
    "audit": Area(
        ("storage/audit.py", "storage/chain.py"),
        (
            "tests/storage/test_audit.py", "tests/storage/test_chain.py", "tests/storage/test_checkpointing.py",
            "tests/storage/test_pruning.py", "tests/storage/test_aliases.py",
        ),
    ),
}  # fmt: skip
