"""The failure event: the one shape in which an application tells Handoff that something went wrong.

Strict on purpose (unknown fields, NaN and Infinity are refused): a sender's typo must show at the sender, at once.
Sizes: keys and ids 255 characters, summary 1 KiB, details 6 KiB (of UTF-8). The wire form is in the README.
"""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


class Reason(StrEnum):
    """Why the sender speaks. The first four open a case; the next three are recorded and counted only.

    `silent` is Handoff's own word for a source that was not heard from: rules may name it, no sender can.
    """

    RETRIES_EXHAUSTED = "retries_exhausted"
    DATA_BLOCKED = "data_blocked"
    PAID_WORKFLOW_STOPPED = "paid_workflow_stopped"
    DECISION_NEEDED = "decision_needed"
    RETRYING = "retrying"
    WARNING = "warning"
    INFO = "info"
    SILENT = "silent"


SENT = tuple(reason for reason in Reason if reason is not Reason.SILENT)
"""What an event may be sent with."""


def _as_sent(word: object) -> object:
    if word not in SENT:
        raise ValueError(f"Input should be one of {', '.join(SENT)}")
    return word


OPENS_A_CASE = frozenset(
    {Reason.RETRIES_EXHAUSTED, Reason.DATA_BLOCKED, Reason.PAID_WORKFLOW_STOPPED, Reason.DECISION_NEEDED}
)


def _at_most(size: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text.encode("utf-8", "surrogatepass")) > size:
            raise ValueError(f"at most {size} bytes of UTF-8 are allowed")
        return text

    return AfterValidator(check)


def _clean(text: str) -> str:
    """Databases refuse NUL and lone surrogates; the sender is told rather than the text changed."""
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("the text holds a NUL or a lone surrogate, which cannot be stored")
    return text


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise ValueError("an http or https address is needed") from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an http or https address is needed")
    return url


def _storable(at: datetime) -> datetime:
    """Beyond these years a time of another zone can be none at all, and nobody means such a time."""
    if not datetime(2000, 1, 1, tzinfo=UTC) <= at <= datetime(2200, 1, 1, tzinfo=UTC):
        raise ValueError("the time must lie between the years 2000 and 2200")
    return at


Clean = AfterValidator(_clean)
Key = Annotated[Id, Clean]
Line = Annotated[str, _at_most(1024), Clean]
Moment = Annotated[AwareDatetime, AfterValidator(_storable)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class Job(_Part):
    """The job that failed. `name` takes part in the dedup key, `id` names the single run."""

    id: Key | None = None
    name: Key | None = None


class Customer(_Part):
    """The customer concerned, in the sender's words."""

    id: Key
    name: Line = ""
    tier: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), Clean] = ""


class Attempt(_Part):
    """One try made before the failure was reported."""

    at: Moment
    outcome: Line


class Impact(_Part):
    """What stands still. `customers` counts those concerned; it is 0 when the sender does not know."""

    blocked: bool = False
    paid_workflow: bool = False
    customers: Annotated[int, Field(ge=0, le=100_000_000)] = 0


class FailureEvent(_Part):
    """One failure, or the end of one (`status` = resolved)."""

    id: Key
    source: Key
    occurred_at: Moment
    status: Literal["failed", "resolved"]
    reason: Annotated[Reason, BeforeValidator(_as_sent), WithJsonSchema({"type": "string", "enum": list(SENT)})]
    summary: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _at_most(1024), Clean]
    dedup_key: Key | None = None
    job: Job = Job()
    customer: Customer | None = None
    attempts: Annotated[tuple[Attempt, ...], Field(max_length=50)] = ()
    checks: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    impact: Impact = Impact()
    details: Annotated[str, _at_most(6 * 1024), Clean] = ""
    diagnostics_url: Annotated[str, StringConstraints(max_length=2000), Clean, AfterValidator(_web_address)] | None = (
        None
    )

    @property
    def opens_a_case(self) -> bool:
        """True if this event crosses the threshold."""
        return self.status == "failed" and self.reason in OPENS_A_CASE

    @property
    def case_key(self) -> str:
        """What equal failures share: a hash of the source and its dedup key, else of source, job name and customer.

        The leading number is the version of this rule, so that a later rule never regroups what is stored.
        """
        if self.dedup_key is not None:
            parts = ["key", self.source, self.dedup_key]
        else:
            parts = ["auto", self.source, self.job.name or "", self.customer.id if self.customer else ""]
        return "1:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
