"""Rows of the figures that the doors answer for: who gets in, what a replay does, who may do what."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="13",
        what="Oversize, deep, slow and malformed bodies at every door, heads without end",
        floor="all 4xx in < 1 s, memory +20 MB at most",
        command=("pytest", "-q", "tests/doors/test_bodies.py", "tests/bot/test_heads.py", "tests/bot/test_limits.py",
                 "tests/bot/test_http_torture.py"),
        minutes=1,
    ),
    Row(
        number="14",
        what="Forged requests: 60 shapes or more at each way in, and mutated by hypothesis",
        floor="0 let in, 0 answered 5xx, all written down, no body in the log; 10,000 mutated",
        command=("pytest", "-q", "tests/doors/test_forged.py", "tests/doors/test_desk_forged.py",
                 "tests/bot/test_guard.py", "tests/bot/test_door_book.py"),
        env={"HANDOFF_FORGERIES": "10000"},
        minutes=6,
    ),
    Row(
        number="15",
        what="Good requests sent again: within and after 300 s, to another replica, after a restart",
        floor="0 second effects in 1,000; the answer says 'already done'",
        command=("pytest", "-q", "tests/doors/test_replayed.py"),
        env={"HANDOFF_REPLAYS": "1000"},
        minutes=3,
    ),
    Row(
        number="16",
        what="Expired, foreign, edited and replayed confirmations; fifty clicks at once, also from two processes",
        floor="0 effects in 200; exactly 1 of 50 racing clicks wins",
        command=("pytest", "-q", "tests/doors/test_confirmations.py", "tests/bot/listeners/test_stale_buttons.py",
                 "tests/automations/runs/test_races.py"),
        env={"HANDOFF_CONFIRMATIONS": "200", "HANDOFF_RACES": "10"},
        minutes=6,
    ),
    Row(
        number="17",
        what="Every row of the permission matrix x role, guest, bot, deactivated, other workspace, shared channel",
        floor="100 % of cells as the matrix says, refused = audited; a command without a row fails",
        command=("pytest", "-q", "tests/doors/test_registered.py", "tests/bot/test_permissions.py",
                 "tests/bot/listeners/test_matrix.py"),
        env={"HANDOFF_MATRIX": "all"},
        minutes=9,
    ),
    Row(
        number="18",
        what="Role names, users, groups and workspaces nearly right; look-ups that fail; a broken settings file",
        floor="0 allowed in 100",
        command=("pytest", "-q", "tests/doors/test_rights.py", "tests/bot/test_reload.py"),
        minutes=1,
    ),
    Row(
        number="19",
        what="Who lost the role presses an old button",
        floor="effective < 60 s without a restart",
        command=("pytest", "-q", "tests/doors/test_rights.py", "-k", "lost"),
        minutes=1,
    ),
    Row(
        number="23",
        what="CR LF, ANSI codes, JSON breakers in all that reaches a door, and in values, messages and tracebacks",
        floor="1 event = 1 line",
        command=("pytest", "-q", "tests/doors/test_lines.py", "tests/bot/test_logs.py"),
        minutes=1,
    ),
    Row(
        number="34",
        what="ruff S, bandit, own semgrep rules (also by semgrep itself), hashes in the lock file",
        floor="0 unexplained",
        command=("pytest", "-q", "tests/static", "tests/test_lock.py"),
        env={"HANDOFF_STATIC": "semgrep"},
        minutes=5,
    ),
)  # fmt: skip
