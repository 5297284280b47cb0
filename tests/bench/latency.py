"""From a committed event to its Slack message on an idle bot: `uv run python -m tests.bench latency`.

Desk and Slack answer in 50 ms. Each event opens a case of its own, the next is sent when its message is there and the
channel's second is over. Times are those of the 202 answer and of the workspace's record of the post.
"""

import json
import time

import httpx
from rich.console import Console

from tests.bench.load import Measured, event
from tests.bench.world import TOKEN, World, world
from tests.figures.told import tell

ANSWER_S = 0.05
MIDDLE_MS, LATE_MS = 1000, 2000


def run(count: int, console: Console) -> None:
    """Measure `count` events and print."""
    with world() as here, httpx.Client(timeout=30) as client:
        here.slow(ANSWER_S)
        measured = Measured()
        for number in range(count):
            measured.latencies.append(_one(here, client, number))
            time.sleep(3.5)  # until the channel is free again: the figure is about an idle bot
        shown = " ".join(f"p{100 * share:g} {measured.percentile(share):.0f} ms" for share in (0.5, 0.95, 1))
        console.print(f"commit to Slack message, {count} events: {shown}")
        reached = measured.percentile(0.5) < MIDDLE_MS and measured.percentile(0.95) < LATE_MS
        tell("latency", f"{count} events: {shown}", reached=reached)


def _one(here: World, client: httpx.Client, number: int) -> float:
    body = json.loads(event(number, "latency")) | {"source": f"bench-{number}"}  # six of one source are a burst
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = client.post(f"{here.bot.url}/v1/failures", json=body, headers=headers).raise_for_status()
    committed = time.time()
    case = answer.json()["results"][0]["case_id"]
    while True:
        found = client.get(f"{here.workspace}/_control/messages", params={"channel": "C_FAILURES"}).json()["messages"]
        if any(f"({case}" in message["text"] for message in found):
            return time.time() - committed
        if time.time() - committed > 30:
            raise TimeoutError(f"no message for {case} within 30 s")
        time.sleep(0.01)  # the resolution of this measurement
