"""`uv run python -m tests.bench WHAT`: figures, none of them asserted. `--help` names what can be measured."""

import argparse
from collections.abc import Callable

from rich.console import Console

from tests.bench import (
    customers,
    desk_import,
    engine,
    escalation,
    ingest,
    latency,
    mirror,
    reconcile,
    redact,
    replicas,
    report,
    similar,
    sla,
    triage,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    kinds = ["ingest", "latency", "engine", "redact", "desk_import", "reconcile", "mirror", "report", "similar", "sla"]
    kinds += ["escalation", "triage", "customers", "replicas"]
    parser.add_argument("what", choices=kinds)
    parser.add_argument("files", nargs="*", help="labelled files of `triage`")
    parser.add_argument(
        "--seconds", type=float, default=60, help="length of each measurement of `ingest` and `replicas`"
    )
    parser.add_argument("--count", type=int, default=40, help="events of `latency`")
    parser.add_argument(
        "--tickets", type=int, default=10_000, help="tickets of `desk_import`, `mirror`, `report`, `similar` and `sla`"
    )
    parser.add_argument("--people", type=int, default=50_000, help="people upstream and in the desk of `reconcile`")
    parser.add_argument("--customers", type=int, default=100_000, help="customers in source and desk of `customers`")
    args = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    runs: dict[str, Callable[[], None]] = {
        "ingest": lambda: ingest.run(args.seconds, console),
        "latency": lambda: latency.run(args.count, console),
        "engine": engine.main,
        "redact": lambda: redact.run(console),
        "desk_import": lambda: desk_import.run(args.tickets, console),
        "reconcile": lambda: reconcile.run(args.people, console),
        "mirror": lambda: mirror.run(args.tickets, console),
        "report": lambda: report.run(args.tickets, console),
        "similar": lambda: similar.run(args.tickets, console),
        "sla": lambda: sla.run(args.tickets, console),
        "escalation": lambda: escalation.run(args.tickets, console),
        "triage": lambda: triage.run(args.files, console),
        "customers": lambda: customers.run(args.customers, console),
        "replicas": lambda: replicas.run(args.seconds, console),
    }
    runs[args.what]()


if __name__ == "__main__":
    main()
