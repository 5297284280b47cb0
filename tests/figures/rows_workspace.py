"""Rows of the figures that the local Slack workspace answers for."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="8",
        what="Slack faults: 429, 5xx, time-outs, resets, ok:false, duplicates and retry headers, in 40 cells",
        floor="each message once or in the failure queue with a reason; 0 retries before Retry-After (1 to 120 s)",
        command=("pytest", "-q", "tests/faults/test_slack_matrix.py"),
        env={"HANDOFF_SLACK_WAITS": "full"},
        minutes=4,
    ),
)
