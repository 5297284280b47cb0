"""Rows of the figures that bad input, redaction, exports and hostile texts answer for."""

from tests.figures.row import Row

_FUZZED = ("body", "signature", "redactor", "command", "escaper", "filters")
_PLAYED = (
    "POST /v1/failures", "POST /v1/failures/sentry", "POST /v1/failures/alertmanager", "GET /v1/cases",
    "GET /v1/cases/{case}", "GET /healthz", "GET /readyz", "GET /metrics",
)  # fmt: skip
_OPENAPI = "tests/bot/test_openapi.py::test_answers_are_as_described"
_NAUGHTY = "tests/hostile/test_naughty.py"

ROWS = (
    Row(
        number="12",
        what="Bodies that are no JSON, odd ones that are, and 40 hostile ones, at three doors",
        floor="0 answers 5xx; 188 of 188 refused",
        command=("pytest", "-q", "tests/hostile/test_json_bodies.py", "tests/bot/test_http_torture.py"),
        minutes=1,
    ),
    *(
        Row(
            number="12",
            what=f"Schemathesis on the description of the HTTP port: {operation}",
            floor="5,000 requests to each operation, 0 answers 5xx",
            command=("pytest", "-q", f"{_OPENAPI}[{operation}-sqlite]"),
            env={"HANDOFF_SCHEMATHESIS": "5000"},
            minutes=8,
        )
        for operation in _PLAYED
    ),
    *(
        Row(
            number="12",
            what=f"Fuzzing: {target}",
            floor="5 minutes, 0 failed",
            command=("pytest", "-q", f"tests/hostile/test_fuzz.py::test_nothing_is_found[{target}]"),
            env={"HANDOFF_FUZZ_S": "300"},
            minutes=5.5,
        )
        for target in _FUZZED
    ),
    Row(
        number="20",
        what="Redaction, measured on the shared set of secrets",
        floor="generated 0.95, own kinds 0.95, unseen 0.90, samples 0.60, benign touched 1 %",
        command=("pytest", "-q", "tests/automations/test_redact.py"),
        minutes=1,
    ),
    Row(
        number="20",
        what="Redaction of formats and places that are in no list",
        floor="0.90 wholly masked",
        command=("pytest", "-q", "tests/hostile/test_formats_of_nobody.py"),
        minutes=0.2,
    ),
    *(
        Row(
            number="20",
            what=f"Secrets of our own kinds in every text, looked for in every sink ({kind})",
            floor="own tokens 1.000: 0 found in log, audit, Slack, desk, failure queue, error replies, exports, tables",
            command=("pytest", "-q", f"tests/hostile/test_sinks.py::test_no_secret_reaches_a_sink[{kind}]"),
            env={"HANDOFF_SINKS": "each"},
            minutes=6,
        )
        for kind in ("sqlite", "postgresql")
    ),
    Row(
        number="21",
        what="Formulas in every column of every export, and read again",
        floor="0 live formulas; re-import gives the text back",
        command=(
            "pytest", "-q", "tests/hostile/test_exports.py", "tests/automations/test_spreadsheet.py",
            "tests/bot/cli/test_records.py",
        ),
        minutes=1,
    ),
    Row(
        number="22",
        what="Naughty texts in every field of HTTP, tables, settings, people, desk answers and views",
        floor="515 texts: 0 pings, 0 links not typed by us, 0 invalid_blocks",
        command=("pytest", "-q", _NAUGHTY, "--deselect", f"{_NAUGHTY}::test_slack", "tests/bot/views/test_attacks.py"),
        env={"HANDOFF_NAUGHTY": "all"},
        minutes=6,
    ),
    *(
        Row(
            number="22",
            what=f"Naughty texts in all commands, shortcuts and forms, part {part + 1} of 4",
            floor="515 texts: 0 pings, 0 links not typed by us, 0 invalid_blocks",
            command=("pytest", "-q", f"{_NAUGHTY}::test_slack[{part}-sqlite]"),
            env={"HANDOFF_NAUGHTY": "all"},
            minutes=8,
        )
        for part in range(4)
    ),
)  # fmt: skip
