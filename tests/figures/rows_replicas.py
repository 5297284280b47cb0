"""Rows of the figures that several bots on one database answer for."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="2",
        what="Events accepted a second, three bots on one PostgreSQL",
        floor="200 a second",
        command=("bench", "replicas", "--seconds", "120"),
        minutes=4,
    ),
    Row(
        number="10",
        what="Bots of three frozen for 60 s and continued, five times; one cut off as long; one killed",
        floor="late writes refused, nothing lost, nothing twice, 5 freezes",
        command=("pytest", "-q", "tests/replicas/test_replicas.py"),
        env={"REPLICAS_FREEZE_S": "60", "REPLICAS_ROUNDS": "5"},
        minutes=8,
    ),
    Row(
        number="10b",
        what="A timetable of 100 slots on three processes, clocks 5 min apart, one frozen and killed; one desk's limit",
        floor="exactly once a slot, 100 of 100",
        command=("pytest", "-q", "tests/replicas/test_timetable.py"),
        env={"REPLICAS_SLOTS": "100"},
        minutes=3,
    ),
    Row(
        number="16b",
        what="50 clicks at once on three bots",
        floor="exactly one wins",
        command=("pytest", "-q", "tests/replicas/test_replicas.py"),
        minutes=2,
    ),
)
