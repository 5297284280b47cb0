"""What the static checks find and why it may stay: (check, file) -> the reason. What is not here fails; so does what is
here and is found no more."""

EXPLAINED = {
    ("B105", "automations/access/card_types.py"): "the name of a kind of step, no password",
    ("B105", "automations/access/steps.py"): "the name of a kind of step, no password",
    ("B105", "automations/adapters/freshdesk/place.py"): "where a listing stands: pages call it a pass",
    ("B105", "bot/cli/demo.py"): "the demo's own token, good on its own machine alone",
    ("B105", "bot/manifest.py"): "a key of Slack's manifest whose value is false",
    ("B105", "bot/wire_runs.py"): "the name of an act, pass_to",
    ("B106", "bot/workspace/sample.py"): "the tokens of the local workspace, which anybody may know",
    ("B107", "bot/desk_forms.py"): "a parameter's default, empty",
    ("B608", "bot/engine/delays.py"): "the piece put in is a constant; values are bound",
    ("B311", "bot/demo_history.py"): "the demo's history is made up, from a seed",
    ("B311", "bot/engine/spec.py"): "spreads retries; nobody gains by guessing it",
    ("B311", "bot/workspace/socket.py"): "the local workspace picks any connection, as Slack does",
    ("B404", "bot/cli/demo_process.py"): "the demo starts its own bot",
    ("B603", "bot/cli/demo_process.py"): "the words are ours, and there is no shell",
    ("B506", "bot/cli/contract_file.py"): "the loader is a SafeLoader of ours",
    (
        "handoff-audit-is-append-only",
        "storage/pruning.py",
    ): "the one way out: rows whose exported file was read and verified, and whose checkpoint stays",
    ("handoff-no-unsafe-reading", "bot/cli/contract_file.py"): "the loader is a SafeLoader of ours",
    ("handoff-no-sql-from-pieces", "bot/cli/demo_records.py"): "names of triggers that the file itself told",
    (
        "handoff-no-sql-from-pieces",
        "storage/migrations/versions/v0001_first_tables.py",
    ): "triggers take no bound values; verbs and tables are ours",
    (
        "handoff-no-sql-from-pieces",
        "storage/migrations/versions/v0002_the_teams_day.py",
    ): "the type is one of two of ours",
    (
        "handoff-no-sql-from-pieces",
        "storage/migrations/versions/v0011_audit.py",
    ): "triggers take no bound values; verbs and tables are ours",
    ("handoff-no-sql-from-pieces", "storage/sqlite.py"): "pragmas take no bound values; they are constants of ours",
    (
        "handoff-compare-secret-in-constant-time",
        "bot/workspace/api/endpoint.py",
    ): "the local workspace's tokens are public",
    (
        "handoff-randomness-of-secrets",
        "bot/workspace/socket.py",
    ): "the local workspace picks any connection, as Slack does",
}

EVERYWHERE = {"B101": "assert states an invariant for the reader and the type checker; no check of input rests on one"}
"""What bandit finds in many places, for one reason."""

UNREAD = {
    "bot/workspace/api/chat.py": "semgrep 1.185 breaks on it in two rules; it is part of the local workspace",
    "automations/customer_context/sync_table.py": "semgrep 1.185 does not know `yield a, *b`, one line",
}
"""Files that semgrep cannot read whole, all of which Python and bandit can."""
