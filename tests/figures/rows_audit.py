"""Rows of the figures that the audit log answers for."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="24",
        what="Audit tampering: change, delete, insert, swap, cut, restamp, drop a checkpoint; two writers at once",
        floor="200 of 200 found, first bad row named",
        command=("pytest", "-q", "tests/storage/test_checkpointing.py", "-k", "every_tampering"),
        env={"HANDOFF_TAMPER": "100"},
        minutes=1,
    ),
    Row(
        number="24b",
        what="100,000 audit rows verified against a file of signed checkpoints",
        floor="below 10 s",
        command=("bench", "audit"),
        minutes=3,
    ),
)
