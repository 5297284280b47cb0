"""What an adapter says of the calls it makes, so that they can be compared with a contract without making one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request. `path` is a template, `/tickets/{id}`; the names in braces are ours.

    `query`, `body` and `reads` are what we may send and what of the answer we rely on: body and answer keys as dotted
    paths with `[]` for the items of a list (`ticket.comment.body`, `tickets[].id`), a name in braces for a key that
    the team chooses. `inferred`: no reference page of the vendor could be read. `door`: tickets, customers or access.
    """

    method: str
    path: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    inferred: bool = False
    door: str = "tickets"
