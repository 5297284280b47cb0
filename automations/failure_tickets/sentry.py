"""Sentry's webhook bodies as failure events: issue alerts, errors, issues and metric alerts.

Source: docs.sentry.io/integrations/integration-platform/webhooks. The resource is named in the header
Sentry-Hook-Resource and shows in the body as the one key of `data` (event, error, issue, metric_alert), which is what
is read here. Sentry cannot send a bearer token; it signs the body with the integration's client secret (`signed`).

Dedup key: the Sentry issue, so that Sentry's own grouping decides what is equal; for metric alerts the alert rule.
Event id: Sentry's event id for alerts and errors, so that several alert rules firing for one error are one
occurrence; for issues the issue, the action and when it was last seen; for metric alerts the incident and the action.
So an issue that people resolve and open again without an error between counts once each way: nothing in the body tells
the second time from a webhook that is sent again.

  issue alert (triggered), error (created), issue created or unresolved, metric critical or warning -> failed
  issue resolved, metric resolved                                                                 -> resolved
  issue assigned or archived, installation and all other resources                                -> nothing

Tags Handoff reads: `handoff_reason` (`warning` without it), `handoff_customer`, `handoff_tier`. Issues and metric
alerts carry no tags, so a rule with `treat_as` has to name their reason. The project becomes the job's name.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

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
from automations.failure_tickets.event import FailureEvent, Job, Reason

_PROJECT = re.compile(r"/api/0/projects/[^/]+/([^/]+)/")
_ISSUE = re.compile(r"/issues/([0-9]+)/")
Short = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True)


class _Envelope(_Part):
    action: Annotated[str, StringConstraints(max_length=64)]
    data: dict[str, Any]


class _Event(_Part):
    event_id: Short
    title: str = ""
    level: str | None = None
    culprit: str | None = None
    datetime: str | None = None
    environment: str | None = None
    release: str | None = None
    project: Short | None = None
    issue_id: Short | None = None
    issue_url: str = ""
    url: str = ""
    web_url: str | None = None
    tags: dict[str, str] = {}
    exception: dict[str, Any] | None = None

    @field_validator("tags", mode="before")
    @classmethod
    def _pairs(cls, tags: object) -> object:
        """Sentry writes tags as a list of pairs; null values are left out."""
        if not isinstance(tags, list):
            return tags or {}
        pairs = [(t.get("key"), t.get("value")) if isinstance(t, Mapping) else t for t in tags]
        named = (pair for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2)
        return {name: value for name, value in named if isinstance(name, str) and value}

    @field_validator("release", mode="before")
    @classmethod
    def _version(cls, release: object) -> object:
        """A release is a text, or an object that names its version."""
        return release.get("version") if isinstance(release, Mapping) else release


class _Project(_Part):
    slug: str = ""
    id: Short | None = None


class _Issue(_Part):
    id: Short
    title: str = ""
    short_id: str = Field("", alias="shortId")
    culprit: str | None = None
    level: str | None = None
    last_seen: str | None = Field(None, alias="lastSeen")
    count: Short | None = None
    substatus: str | None = None
    permalink: str | None = None
    web_url: str | None = None
    project: _Project = _Project()


class _AlertRule(_Part):
    id: Short
    name: str = ""
    projects: tuple[str, ...] = ()


class _Incident(_Part):
    id: Short
    alert_rule: _AlertRule
    date_started: str | None = None
    date_detected: str | None = None
    date_closed: str | None = None


def events_from(body: Mapping[str, Any], *, source: str, received_at: datetime) -> list[FailureEvent]:
    """Map a webhook body. An action that is neither a failure nor its end gives an empty list.

    `source` is the sender's name, `received_at` stands in where Sentry names no time.
    Raises: pydantic.ValidationError (a ValueError) that names the field, ValueError for an unknown `handoff_reason`.
    """
    envelope = _Envelope.model_validate(body)
    source, data = source_or(source, "sentry"), envelope.data
    for key in ("event", "error"):
        if key in data:
            rule = data.get("triggered_rule")
            return [_from_event(_Event.model_validate(data[key]), rule, source, received_at)]
    if "issue" in data and envelope.action in ("created", "unresolved", "resolved"):
        return [_from_issue(_Issue.model_validate(data["issue"]), envelope.action, source, received_at)]
    if "metric_alert" in data and envelope.action in ("critical", "warning", "resolved"):
        incident = _Incident.model_validate(data["metric_alert"])
        return [_from_incident(incident, envelope.action, data, source, received_at)]
    return []


def signed(body: bytes, signature: str, client_secret: str) -> bool:
    """Say whether `Sentry-Hook-Signature` is the hex HMAC-SHA256 of the raw body under the client secret."""
    expected = hmac.new(client_secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().encode("utf-8", "surrogatepass"))


def _from_event(event: _Event, rule: object, source: str, received_at: datetime) -> Alert:
    project = match[1] if (match := _PROJECT.search(event.url)) else event.project
    issue = event.issue_id or (match[1] if (match := _ISSUE.search(event.issue_url)) else None)
    lines = [_line("culprit", event.culprit), *_exceptions(event.exception), _line("level", event.level)]
    lines += [_line("environment", event.environment or event.tags.get("environment")), _line("release", event.release)]
    return Alert(
        id=f"event:{event.event_id}",
        source=source,
        occurred_at=moment("datetime", event.datetime, received_at),
        status="failed",
        reason=reason_named(event.tags.get(REASON_LABEL)),
        summary=cut(event.title.strip() or event.culprit or "An error in Sentry", 1024),
        dedup_key=f"issue:{issue or event.event_id}",
        job=Job(id=event.event_id, name=cut(project, 255) if project else None),
        customer=customer_of(event.tags),
        checks=(cut(f"Sentry's alert rule: {rule}", 1024),) if isinstance(rule, str) and rule else (),
        details=cut("\n".join(line for line in lines if line), 6 * 1024),
        diagnostics_url=web_address(event.web_url),
    )


def _from_issue(issue: _Issue, action: str, source: str, received_at: datetime) -> Alert:
    ended = action == "resolved"
    name = issue.project.slug or issue.project.id
    lines = [_line("issue", issue.short_id), _line("culprit", issue.culprit), _line("level", issue.level)]
    lines += [_line("events so far", issue.count), _line("state", issue.substatus)]
    return Alert(
        id=cut(f"issue:{issue.id}:{action}:{issue.last_seen or ''}", 255),
        source=source,
        occurred_at=received_at if ended else moment("lastSeen", issue.last_seen, received_at),
        status="resolved" if ended else "failed",
        reason=Reason.WARNING,
        summary=cut(issue.title.strip() or issue.short_id or "An issue in Sentry", 1024),
        dedup_key=f"issue:{issue.id}",
        job=Job(name=cut(name, 255) if name else None),
        details=cut("\n".join(line for line in lines if line), 6 * 1024),
        diagnostics_url=web_address(issue.web_url, issue.permalink),
    )


def _from_incident(
    incident: _Incident, action: str, data: Mapping[str, Any], source: str, received_at: datetime
) -> Alert:
    ended, rule = action == "resolved", incident.alert_rule
    since = incident.date_closed if ended else incident.date_detected or incident.date_started
    field = "date_closed" if ended else "date_detected"
    return Alert(
        id=f"metric:{incident.id}:{action}",
        source=source,
        occurred_at=moment(field, since, received_at),
        status="resolved" if ended else "failed",
        reason=Reason.WARNING,
        summary=cut(str(data.get("description_title") or rule.name or "A metric alert in Sentry"), 1024),
        dedup_key=f"metric:{rule.id}",
        job=Job(name=cut(rule.projects[0], 255) or None if rule.projects else None),
        details=cut(str(data.get("description_text") or ""), 6 * 1024),
        diagnostics_url=web_address(data.get("web_url")),
    )


def _exceptions(exception: Mapping[str, Any] | None) -> list[str]:
    """The exceptions' types and words, innermost last as Sentry sends them; frames stay behind the link."""
    values = exception.get("values") if exception else None
    found = [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
    return [f"{value.get('type')}: {value.get('value')}" for value in found]


def _line(label: str, value: str | None) -> str:
    return f"{label}: {value}" if value else ""
