"""Rows of the figures that the fault tests answer for: kills, outages, storms, database, desk, stops, memory."""

from tests.figures.row import Row

KILL = "tests/faults/test_kill"
NOTHING_LOST = "0 acknowledged events lost, 0 double tickets, 0 stuck runs, at every boundary x 5"
ROUNDS = {"HANDOFF_FAULT_ROUNDS": "5"}
DESKS = ("zendesk", "freshdesk", "intercom", "muninx", "request_tracker")


def _kills(number: str, what: str, *names: str, minutes: float) -> Row:
    return Row(number, f"kill -9 {what}", NOTHING_LOST, ("pytest", "-q", *names), ROUNDS, minutes)


def _random(number: str, seed: int) -> Row:
    return Row(
        number=number,
        what=f"kill -9 at 126 random moments under load, SQLite and PostgreSQL, draw {seed}",
        floor="500 in all: 0 lost, 0 double, 0 stuck",
        command=("pytest", "-q", "tests/faults/test_kill_random.py"),
        env={"HANDOFF_KILLS": "63", "HANDOFF_KILL_SEED": str(seed)},
        minutes=9,
    )


ROWS = (
    Row(
        number="3",
        what="20,000 events in 60 s while desk and Slack are down",
        floor="0 lost, queue drained",
        command=("pytest", "-q", "tests/faults/test_outage.py"),
        env={"HANDOFF_OUTAGE": "whole"},
        minutes=9,
    ),
    Row(
        number="4",
        what="10,000 equal events at 3 replicas at once, desk at 2 s a write",
        floor="1 ticket, 1 Slack message updated, count = 10,000",
        command=("pytest", "-q", "tests/faults/test_storm_replicas.py"),
        env={"HANDOFF_STORM": "10000"},
        minutes=4,
    ),
    Row(
        number="4b",
        what="10,000 events with 200 keys over ten channels, at Slack's own pace",
        floor="200 cases, tickets and messages; each event leads to its own",
        command=("pytest", "-q", "tests/faults/test_storm.py"),
        env={"HANDOFF_STORM_KEYS": "200"},
        minutes=4,
    ),
    Row(
        number="5",
        what="Soak of 10 minutes with start and end: a day of 50,000 events pressed together",
        floor="RSS < 300 MB, flat",
        command=("bench", "soak", "--seconds", "530"),
        minutes=10,
    ),
    _kills("6", "inside the automations, on both databases", f"{KILL}_automations.py", minutes=1),
    _kills("6b", "around a click", f"{KILL}.py::test_a_kill_at_a_click", minutes=8),
    *(
        _kills(
            f"6{letter}",
            f"on the way from event to message, {name}",
            f"{KILL}.py::test_a_kill_on_the_way_from_event_to_message",
            "-k",
            name,
            minutes=9,
        )
        for letter, name in (("c", "sqlite"), ("d", "postgresql"))
    ),
    *(
        _kills(f"6{letter}", f"in the day around cases, {name}", f"{KILL}_day.py", "-k", name, minutes=10)
        for letter, name in (("e", "sqlite"), ("f", "postgresql"))
    ),
    *(
        _kills(f"6{letter}", f"in a run, {name}", f"{KILL}_runs.py", "-k", name, minutes=8)
        for letter, name in (("g", "sqlite"), ("h", "postgresql"))
    ),
    Row(
        "6i",
        "kill -9 around customers' changes, 300 of them",
        NOTHING_LOST,
        ("pytest", "-q", f"{KILL}_customers.py"),
        ROUNDS | {"HANDOFF_FAULT_CUSTOMERS": "300"},
        7,
    ),
    _kills("6j", "around a report and its files", f"{KILL}_report.py", minutes=6),
    _kills("6k", "around the failure queue", f"{KILL}_stuck.py", minutes=8),
    *(_random(f"6{letter}", seed) for letter, seed in (("l", 1), ("m", 2), ("n", 3), ("o", 4))),
    Row(
        number="7",
        what="PostgreSQL stopped at once x 20 under load; SQLite locked 10 s, disk full, read-only",
        floor="0 lost, 503 + Retry-After meanwhile, back in 10 s",
        command=("pytest", "-q", "tests/faults/test_database.py"),
        env={"HANDOFF_RESTARTS": "20"},
        minutes=7,
    ),
    Row(
        number="9",
        what="desk faults: 21 kinds x every call x 5 desks; the answer to 200 creates lost, per desk and whole bot",
        floor="every cell ends as done, retry, failure queue or unknown; 0 double creates",
        command=(
            "pytest",
            "-q",
            *(f"tests/automations/adapters/{desk}/test_faults.py" for desk in DESKS),
            "tests/faults/test_desk_faults.py",
            "tests/faults/test_network.py",
        ),
        env={"HANDOFF_AMBIGUOUS": "200"},
        minutes=8,
    ),
    Row(
        number="35",
        what="SIGTERM under load x 50",
        floor="0 lost, exit < 20 s",
        command=("pytest", "-q", "tests/faults/test_restart.py"),
        env={"HANDOFF_STOPS": "50"},
        minutes=9,
    ),
)
