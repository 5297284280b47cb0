"""Rows of the figures that the audit log answers for."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="24",
        what="Audit tampering: change, delete, insert, swap, cut, restamp, drop a checkpoint; two writers at once",
        floor="200 of 200 found, first bad row named",
        command=("pytest", "-q", "tests/storage/test_checkpointing.py", "-k", "every_tampering"),
        env={"HANDOFF_TAMPER": "100"},
        minutes=3,
    ),
    Row(
        number="24b",
        what="100,000 audit rows verified against a file of signed checkpoints",
        floor="below 10 s",
        command=("bench", "audit"),
        minutes=3,
    ),
    Row(
        number="25",
        what="Every change of state in every test's transactions has its audit row in the same transaction",
        floor="100 %, 0 without",
        command=(
            "pytest",
            "-q",
            "-n",
            "2",
            "--dist",
            "loadgroup",
            "-m",
            "not unmeasured and not servers",
            "tests/test_every_change.py",
            "tests/test_audited.py",
            "tests/automations",
        ),
        minutes=8,
    ),
    Row(
        number="27",
        what="Access review export: the population is the sources', the reviewer no provisioner, the same bytes again",
        floor="100 % of rows, equal bytes",
        command=(
            "pytest",
            "-q",
            "tests/automations/access/test_export.py",
            "tests/automations/access/test_findings.py",
            "tests/bot/cli/test_access.py",
        ),
        minutes=1,
    ),
)
