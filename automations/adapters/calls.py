"""What an adapter asks of its desk, declared: held against what its tests see, and against a contract file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request.

    `path` is the template as the contract writes it; `query` are the names of parameters, `body` and `reads` dotted
    paths of keys that may be sent and that are relied on (`[]` for the items of a list). `inferred`: no page of the
    vendor's reference could be read. `door` is tickets, customers or access.
    """

    method: str
    path: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    inferred: bool = False
    door: str = "tickets"
