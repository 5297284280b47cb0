"""Prometheus Alertmanager's webhook body (version "4") as failure events, one per alert.

Source: prometheus.io/docs/alerting/latest/configuration (webhook_config) and /notifications (the fields' meaning).

Event id: fingerprint, startsAt and status. Alertmanager sends a firing alert again after every repeat_interval, and
whenever its group changes, with the same startsAt. Such a repeat is a duplicate here, not an occurrence: it says how
the notifications are set up, not that something failed again. An alert that ended and fires anew has a new startsAt.
Dedup key: the fingerprint, which stands for the full set of labels. Not the group: alerts of a group end one by one.

Labels Handoff reads: `alertname` becomes the job's name; `handoff_reason` the reason (`warning` without it);
`handoff_customer` and `handoff_tier` the customer. Annotations `summary` and `description` become summary and details.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from automations.failure_tickets.alert import (
    REASON_LABEL,
    Alert,
    customer_of,
    cut,
    moment,
    reason_named,
    source_or,
    web_address,
)
from automations.failure_tickets.event import FailureEvent, Job


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _OneAlert(_Part):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(alias="startsAt")
    ends_at: str | None = Field(None, alias="endsAt")
    generator_url: str = Field("", alias="generatorURL")
    fingerprint: Annotated[str, StringConstraints(max_length=64)] = ""

    @property
    def key(self) -> str:
        """The fingerprint; releases before 0.19 send none, so a hash of the labels stands in."""
        if self.fingerprint:
            return self.fingerprint
        labels = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(self.labels.items()))
        return hashlib.sha256(labels.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class _Body(_Part):
    version: Literal["4"]
    alerts: tuple[_OneAlert, ...]
    truncated_alerts: int = Field(0, alias="truncatedAlerts")
    external_url: str = Field("", alias="externalURL")


def events_from(body: Mapping[str, Any], *, source: str, received_at: datetime) -> list[FailureEvent]:
    """Map a webhook body. `source` is the sender's name, `received_at` stands in where an alert has no usable time.

    Raises: pydantic.ValidationError (a ValueError) that names the field, ValueError for an unknown `handoff_reason`.
    """
    parsed = _Body.model_validate(body)
    return [_event(alert, parsed, source_or(source, "alertmanager"), received_at) for alert in parsed.alerts]


def _event(alert: _OneAlert, body: _Body, source: str, received_at: datetime) -> Alert:
    name = alert.labels.get("alertname") or "alert without a name"
    firing = alert.status == "firing"
    return Alert(
        id=f"{alert.key}:{alert.starts_at}:{alert.status}",
        source=source,
        occurred_at=(
            moment("startsAt", alert.starts_at, received_at) if firing else moment("endsAt", alert.ends_at, received_at)
        ),
        status="failed" if firing else "resolved",
        reason=reason_named(alert.labels.get(REASON_LABEL)),
        summary=cut((alert.annotations.get("summary") or "").strip() or f"{name} is {alert.status}", 1024),
        dedup_key=alert.key,
        job=Job(name=cut(name, 255)),
        customer=customer_of(alert.labels),
        details=cut(_details(alert, body), 6 * 1024),
        diagnostics_url=web_address(alert.generator_url, alert.annotations.get("dashboard_url"), body.external_url),
    )


def _details(alert: _OneAlert, body: _Body) -> str:
    """The description, the other annotations, then the labels: what a person asks for first comes first."""
    lines = [alert.annotations["description"]] if alert.annotations.get("description") else []
    known = ("summary", "description")
    lines += [f"{name}: {value}" for name, value in sorted(alert.annotations.items()) if name not in known]
    if body.truncated_alerts > 0:
        lines.append(f"Alertmanager left out {body.truncated_alerts} more alerts of this group (max_alerts).")
    lines.append("labels: " + ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items())))
    return "\n".join(lines)
