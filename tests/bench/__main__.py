"""`uv run python -m tests.bench WHAT`: figures, none of them asserted. `--help` names what can be measured."""

import argparse

from rich.console import Console

from tests.bench import (
    desk_import,
    engine,
    escalation,
    ingest,
    latency,
    mirror,
    reconcile,
    redact,
    report,
    similar,
    sla,
    triage,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    kinds = ["ingest", "latency", "engine", "redact", "desk_import", "reconcile", "mirror", "report", "similar", "sla"]
    kinds += ["escalation", "triage"]
    parser.add_argument("what", choices=kinds)
    parser.add_argument("files", nargs="*", help="labelled files of `triage`")
    parser.add_argument("--seconds", type=float, default=60, help="length of each measurement of `ingest`")
    parser.add_argument("--count", type=int, default=40, help="events of `latency`")
    parser.add_argument(
        "--tickets", type=int, default=10_000, help="tickets of `desk_import`, `mirror`, `report`, `similar` and `sla`"
    )
    parser.add_argument("--people", type=int, default=50_000, help="people upstream and in the desk of `reconcile`")
    args = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    match args.what:
        case "ingest":
            ingest.run(args.seconds, console)
        case "latency":
            latency.run(args.count, console)
        case "redact":
            redact.run(console)
        case "desk_import":
            desk_import.run(args.tickets, console)
        case "reconcile":
            reconcile.run(args.people, console)
        case "mirror":
            mirror.run(args.tickets, console)
        case "escalation":
            escalation.run(args.tickets, console)
        case "report":
            report.run(args.tickets, console)
        case "similar":
            similar.run(args.tickets, console)
        case "sla":
            sla.run(args.tickets, console)
        case "triage":
            triage.run(args.files, console)
        case _:
            engine.main()


if __name__ == "__main__":
    main()
