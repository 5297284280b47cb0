"""The workspace in a process of its own: `python -m tests.faults.slack_process --data DIR`.

As `python -m bot.workspace`, with the channels of `team` and the app of the manifest; prints its URL.
"""

import argparse
import signal
from pathlib import Path

from bot.workspace import WorkspaceServer
from tests.faults import team


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--request-url", default=None)
    parser.add_argument("--lanes", type=int, default=team.LANES)
    args = parser.parse_args()
    stops = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    with WorkspaceServer(team.seed(args.lanes), team.app(args.request_url), data_dir=args.data) as server:
        print(server.url, flush=True)
        signal.sigwait(stops)


if __name__ == "__main__":
    main()
