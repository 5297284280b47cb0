"""Faults on order: what tests ask the workspace to do wrong, as Slack and the network sometimes do."""

from dataclasses import dataclass, field

from bot.workspace.errors import ActRefused
from bot.workspace.model import Json

KINDS = frozenset({"rate_limited", "error", "http_500", "http_503", "drop_reply", "reset", "latency"})
"""`drop_reply` does the work and closes the connection without an answer; `reset` closes it before doing anything."""

RETRY_DELAYS_S = (0.0, 60.0, 300.0)
"""When an event that was not acknowledged is sent again. Source: docs.slack.dev, Events API, retries."""


@dataclass(slots=True)
class CallFault:
    """One kind of failure for the next `times` calls of a method (`*` for any)."""

    method: str
    kind: str
    times: int
    retry_after_s: int = 1
    error: str = "internal_error"
    seconds: float = 0.0


@dataclass(slots=True)
class Faults:
    """The faults in force. `ack_s` is how long an acknowledgement may take."""

    calls: list[CallFault] = field(default_factory=list)
    duplicates: int = 0
    copies: int = 2
    reorders: int = 0
    retry_delays_s: tuple[float, ...] = RETRY_DELAYS_S
    ack_s: float = 3.0
    revoked: bool = False

    def order_call(self, order: Json) -> None:
        """Queue a fault for a method. Raises ActRefused when the order is not understood."""
        known = {"method", "kind", "times", "retry_after", "error", "seconds"}
        if order.get("kind") not in KINDS or not set(order) <= known:
            raise ActRefused("invalid_fault", kinds=sorted(KINDS), keys=sorted(known))
        fault = CallFault(str(order["method"]), order["kind"], int(order.get("times", 1)))
        fault.retry_after_s = int(order.get("retry_after", fault.retry_after_s))
        fault.error = str(order.get("error", fault.error))
        fault.seconds = float(order.get("seconds", fault.seconds))
        self.calls.append(fault)

    def next_for(self, method: str) -> CallFault | None:
        """The fault this call meets, which is used up by it; the oldest order comes first."""
        for fault in self.calls:
            if fault.method in {method, "*"} and fault.times > 0:
                fault.times -= 1
                if not fault.times:
                    self.calls.remove(fault)
                return fault
        return None

    def order_delivery(self, order: Json) -> None:
        """Send the next `times` deliveries twice (`copies` times), or let them be overtaken. Raises ActRefused."""
        times = int(order.get("times", 1))
        match order["deliver"]:
            case "duplicate":
                self.duplicates, self.copies = times, int(order.get("copies", 2))
            case "reorder":
                self.reorders = times
            case other:
                raise ActRefused("invalid_fault", deliver=other, known=["duplicate", "reorder"])

    def copies_of_next(self) -> int:
        """How many times the next delivery is sent; counts a duplicate order down."""
        if not self.duplicates:
            return 1
        self.duplicates -= 1
        return self.copies

    def clear(self) -> None:
        """No faults any more."""
        fresh = Faults()
        for name in ("calls", "duplicates", "copies", "reorders", "retry_delays_s", "ack_s", "revoked"):
            setattr(self, name, getattr(fresh, name))
