"""`uv run python -m tests.bench WHAT`: figures, none of them asserted. `--help` names what can be measured.

`all` plays every benchmark at the size that README.md's table tells, with the machine's own floor among them, and
prints them in one table (see `python -m tests.figures`, which keeps them).
"""

import argparse
import sys
from collections.abc import Callable

from rich.console import Console

from tests.bench import (
    audit,
    customers,
    desk_import,
    engine,
    escalation,
    floor,
    ingest,
    latency,
    mirror,
    reconcile,
    redact,
    replicas,
    report,
    similar,
    sla,
    soak,
    triage,
)
from tests.figures import __main__ as figures


def main() -> int:
    """1 where `all` was asked for and a figure fell short of its floor."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "--seconds", type=float, default=60, help="length of a measurement of `ingest`, `floor`, `replicas` and `soak`"
    )
    parser.add_argument("--count", type=int, default=40, help="events of `latency`")
    parser.add_argument(
        "--tickets",
        type=int,
        default=10_000,
        help="tickets of `desk_import`, `escalation`, `mirror`, `report`, `similar` and `sla`",
    )
    parser.add_argument("--rows", type=int, default=audit.ROWS, help="rows of `audit`")
    parser.add_argument("--people", type=int, default=50_000, help="people upstream and in the desk of `reconcile`")
    parser.add_argument("--customers", type=int, default=100_000, help="customers in source and desk of `customers`")
    console = Console(highlight=False, soft_wrap=True)
    runs: dict[str, Callable[[argparse.Namespace], None]] = {
        "audit": lambda args: audit.run(args.rows, console),
        "customers": lambda args: customers.run(args.customers, console),
        "desk_import": lambda args: desk_import.run(args.tickets, console),
        "engine": lambda _: engine.main(),
        "escalation": lambda args: escalation.run(args.tickets, console),
        "floor": lambda args: floor.run(args.seconds, console),
        "ingest": lambda args: ingest.run(args.seconds, console),
        "latency": lambda args: latency.run(args.count, console),
        "mirror": lambda args: mirror.run(args.tickets, console),
        "reconcile": lambda args: reconcile.run(args.people, console),
        "redact": lambda _: redact.run(console),
        "replicas": lambda args: replicas.run(args.seconds, console),
        "report": lambda args: report.run(args.tickets, console),
        "similar": lambda args: similar.run(args.tickets, console),
        "sla": lambda args: sla.run(args.tickets, console),
        "soak": lambda args: soak.run(args.seconds, console),
        "triage": lambda args: triage.run(args.files, console),
    }
    parser.add_argument("what", choices=["all", *runs])
    parser.add_argument("files", nargs="*", help="labelled files of `triage`")
    args = parser.parse_args()
    if args.what == "all":
        return figures.benchmarks(console)
    runs[args.what](args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
