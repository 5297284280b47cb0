"""The failures that the demo sends: a job that retries four times and gives up the fifth, and a few others."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

Event = dict[str, Any]

PAUSE_S = 1.5
WORDS = {"opened": "one case, one ticket", "joined": "joined the open case", "recorded": "recorded, no ticket"}


def invoice_sync(run: str, *, attempt: int, last: bool, now: datetime) -> Event:
    """One report of a job that tries five times. All five carry the same job and customer."""
    tries = [
        {"at": (now - timedelta(minutes=2 * (attempt - n))).isoformat(), "outcome": "HTTP 502 from the ledger"}
        for n in range(1, attempt + 1)
    ]
    return {
        "id": f"{run}-{attempt}",
        "source": "billing-worker",
        "occurred_at": now.isoformat(),
        "status": "failed",
        "reason": "retries_exhausted" if last else "retrying",
        "summary": f"Invoice sync failed after {attempt} attempts"
        if last
        else f"Invoice sync failed, attempt {attempt}",
        "job": {"id": f"job_{run}", "name": "invoice-sync"},
        "customer": {"id": "acct_42", "name": "Acme GmbH", "tier": "enterprise"},
        "attempts": tries,
        "checks": ["ledger status page: degraded", "credentials: valid until 2027"] if last else [],
        "impact": {"blocked": last, "paid_workflow": True, "customers": 1},
        "details": "The ledger answered 502 to each request; nothing was written, so a rerun is safe." if last else "",
        "diagnostics_url": f"https://logs.example/jobs/{run}",
    }


def others(run: str, now: datetime) -> list[Event]:
    """Two more failures, of other sources and weights."""
    return [
        {
            "id": f"{run}-import",
            "source": "crm-sync",
            "occurred_at": now.isoformat(),
            "status": "failed",
            "reason": "data_blocked",
            "summary": "Contact import stopped: 214 rows have no account id",
            "job": {"id": f"job_{run}_import", "name": "contact-import"},
            "customer": {"id": "acct_7", "name": "Globex", "tier": "business"},
            "impact": {"blocked": True, "customers": 12},
        },
        {
            "id": f"{run}-warning",
            "source": "search",
            "occurred_at": now.isoformat(),
            "status": "failed",
            "reason": "warning",
            "summary": "Search index is 9 minutes behind",
        },
    ]


def send(client: httpx.Client, event: Event) -> str:
    """Send one event; what became of it. Raises: httpx.HTTPError if it was not accepted."""
    answer = client.post("/v1/failures", json=event)
    answer.raise_for_status()
    status: str = answer.json()["results"][0]["status"]
    return status


def send_samples(bot: str, token: str, stopped: threading.Event) -> None:
    """Send the story of the failed job, one report at a time, then the others; print what became of each."""
    run = uuid4().hex[:6]
    with httpx.Client(base_url=bot, headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
        for attempt in range(1, 6):
            if stopped.wait(PAUSE_S):
                return
            event = invoice_sync(run, attempt=attempt, last=attempt == 5, now=datetime.now(UTC))
            status = send(client, event)
            print(f"{event['summary']}: {WORDS.get(status, status)}", flush=True)
        for event in others(run, datetime.now(UTC)):
            if stopped.wait(PAUSE_S):
                return
            print(f"{event['summary']}: {WORDS.get(status := send(client, event), status)}", flush=True)
