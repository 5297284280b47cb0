"""Rows of the figures that offboarding and reconciliation answer for."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="26",
        what="Offboarding: 50 orphans planted among 400 colleagues, of which a reconciliation finds all and no other; "
        "one of the systems somebody leaves is away",
        floor="50 of 50 found, 0 false; done within 5 minutes, what is not off yet is visible",
        command=(
            "pytest",
            "-q",
            "tests/automations/access/test_reconcile.py::test_every_planted_orphan_is_found_and_nobody_else",
            "tests/automations/access/test_offboard.py",
            "tests/automations/access/test_reconcile_machine.py",
            "tests/bot/test_app_offboarding.py",
        ),
        minutes=3,
    ),
)
