"""Faults on order: what tests ask the workspace to do wrong, as Slack and the network sometimes do."""

from dataclasses import dataclass, field

from bot.workspace.errors import ActRefused
from bot.workspace.model import Json

KINDS = frozenset(
    {"rate_limited", "error", "error_after", "http_500", "http_503", "drop_reply", "reset", "hang", "latency"}
)
"""`drop_reply` does the work and closes the connection without an answer; `reset` closes it before doing anything.
`latency` answers late but does the work; `hang` keeps the caller waiting and does nothing. `error_after` does the work
and says that it failed, as Slack's fatal_error may mean."""
AFTER = frozenset({"drop_reply", "error_after"})
"""What goes wrong once the work is done."""

RETRY_DELAYS_S = (0.0, 60.0, 300.0)
"""When an event that was not acknowledged is sent again. Source: docs.slack.dev, Events API, retries."""


@dataclass(slots=True)
class CallFault:
    """One kind of failure for the next `times` calls of a method (`*` for any), in one `channel` if it is given.

    `retry_after` is the header as it is sent, None for none: Slack sends whole seconds, a proxy in between may not.
    """

    method: str
    kind: str
    times: int
    retry_after: str | None = "1"
    error: str = "internal_error"
    seconds: float = 0.0
    channel: str | None = None


@dataclass(slots=True)
class Faults:
    """The faults in force. `ack_s` is how long an acknowledgement may take.

    `app_refused` is what every call of the app is answered with; `socket_mode` whether it may connect.
    """

    calls: list[CallFault] = field(default_factory=list)
    duplicates: int = 0
    copies: int = 2
    reorders: int = 0
    retry_delays_s: tuple[float, ...] = RETRY_DELAYS_S
    ack_s: float = 3.0
    app_refused: str | None = None
    socket_mode: bool = True

    def order_call(self, order: Json) -> None:
        """Queue a fault for a method. Raises ActRefused when the order is not understood."""
        known = {"method", "kind", "times", "retry_after", "error", "seconds", "channel"}
        if order.get("kind") not in KINDS or not set(order) <= known:
            raise ActRefused("invalid_fault", kinds=sorted(KINDS), keys=sorted(known))
        fault = CallFault(str(order["method"]), order["kind"], int(order.get("times", 1)))
        wait = order.get("retry_after", fault.retry_after)
        fault.retry_after = None if wait is None else str(wait)
        fault.error = str(order.get("error", fault.error))
        fault.seconds = float(order.get("seconds", fault.seconds))
        fault.channel = order.get("channel")
        self.calls.append(fault)

    def next_for(self, method: str, channel: object = None) -> CallFault | None:
        """The fault this call meets, which is used up by it; the oldest order comes first."""
        for fault in self.calls:
            meant = fault.method in {method, "*"} and (fault.channel is None or fault.channel == channel)
            if meant and fault.times > 0:
                fault.times -= 1
                if not fault.times:
                    self.calls.remove(fault)
                return fault
        return None

    def forgive(self, channel: str) -> None:
        """Take back what was ordered for the calls of one channel."""
        self.calls = [fault for fault in self.calls if fault.channel != channel]

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
        for name in (
            "calls",
            "duplicates",
            "copies",
            "reorders",
            "retry_delays_s",
            "ack_s",
            "app_refused",
            "socket_mode",
        ):
            setattr(self, name, getattr(fresh, name))
