"""The failures that the demo sends: a job that retries four times and gives up the fifth, and a few others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

Event = dict[str, Any]


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


def failure(id: str, *, job: str, **changes: Any) -> Event:
    """A job that gave up. Every id is a case of its own, unless `changes` say another key."""
    return {
        "id": id,
        "source": "billing-worker",
        "occurred_at": datetime.now(UTC).isoformat(),
        "status": "failed",
        "reason": "retries_exhausted",
        "summary": f"{job.replace('-', ' ').capitalize()} failed after 5 attempts",
        "dedup_key": id,
        "job": {"id": id, "name": job},
        "customer": {"id": "acct_9", "name": "Initech", "tier": "business"},
        "impact": {"blocked": True, "customers": 1},
        **changes,
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
