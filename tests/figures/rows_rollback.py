"""Rows of the figures that taking back answers for."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="11",
        what="Rollback: step k of every n-step provisioning run fails, step j of its rollback too, all n to 8",
        floor="state = before, or listed by name in the failure queue; 0 silent leftovers",
        command=("pytest", "-q", "-n0", "tests/automations/runs/test_rollback_matrix.py"),
        env={"HANDOFF_ROLLBACK": "8"},
        minutes=5,
    ),
)
