"""Rows of the figures about laws and about the tests themselves: clocks, mutation."""

from tests.figures.row import Row

MUTATION = "80 % of the faults put in are noticed"

ROWS = (
    Row(
        number="32",
        what="SLA clocks in 500 made-up lives: clock changes, holidays, pauses, 29 February, a deadline over a restart",
        floor="0 wrong in 500, none late by > 60 s after a restart",
        command=(
            "pytest", "-q", "tests/automations/sla/test_clocks.py", "tests/automations/sla/test_keeping.py",
            "tests/automations/escalation/test_summary.py", "--timeout=0",
            "-k", "looked_every_minute or moves_only or acceptance_17 or across_a_restart",
        ),
        env={"HANDOFF_CLOCKS": "500"},
        minutes=5,
    ),
    Row("33", "mutation of the signature's check", MUTATION, ("mutation", "signature"), minutes=3),
    Row("33b", "mutation of the confirmation of runs", MUTATION, ("mutation", "confirm"), minutes=9),
    Row("33c", "mutation of the audit log and its chain", MUTATION, ("mutation", "audit"), minutes=9),
)  # fmt: skip
