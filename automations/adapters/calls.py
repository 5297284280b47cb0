"""What an adapter asks of its desk, declared call by call, so that it can be compared with a desk's own description."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request. `path` is a template with {names} as in the desk's description.

    `query` are the names that may be sent; `body` and `reads` are dotted paths of keys, `[]` for the items of a list:
    those that may be sent and those of the answer that are relied on. `inferred`: no reference page of the vendor could
    be read. `door` is tickets, customers or access.
    """

    method: str
    path: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    inferred: bool = False
    door: str = "tickets"
