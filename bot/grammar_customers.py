"""What follows `/support-customers`: a word, and what it is about. Nothing at all asks for a sync.

Read as forgivingly as `bot.grammar` reads, with the signs that phones and clients put in made plain.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.grammar import MAX_PAGE, UsageError, plain
from bot.grammar_duty import literal

LAST = "last"
"""What may follow `rollback` in place of an account."""
MOST = 255
"""Characters of an account id, which is what a database's key takes."""


class CustomersVerb(StrEnum):
    """The words that `/support-customers` knows."""

    SYNC = "sync"
    STATUS = "status"
    LIST = "list"
    SHOW = "show"
    CONFLICTS = "conflicts"
    REJECTED = "rejected"
    ROLLBACK = "rollback"
    HELP = "help"


ALIASES = {
    "": "sync", "run": "sync", "start": "sync", "plan": "sync", "newest": "status", "search": "list", "find": "list",
    "customer": "show", "ledger": "conflicts", "conflict": "conflicts", "reject": "rejected", "undo": "rollback",
    "?": "help", "-h": "help", "--help": "help",
}  # fmt: skip
"""Words that people type for one of ours."""


@dataclass(frozen=True, slots=True)
class CustomersCommand:
    """A `/support-customers …` that was understood.

    `whole`: every source is listed whole. `about` is an account, `last`, or the words of a search; `page` is from 1.
    """

    verb: CustomersVerb
    about: str = ""
    page: int = 1
    whole: bool = False


def parse_customers(text: str) -> CustomersCommand:
    """Read what follows `/support-customers`. Raises: UsageError with what is missing or known."""
    word, _, rest = plain(text).partition(" ")
    said, rest = word.strip("'\"").casefold(), literal(rest).strip("'\" ")
    try:
        verb = CustomersVerb(ALIASES.get(said, said))
    except ValueError as exc:
        raise UsageError(f"I do not know “{_short(literal(word))}”. I know: {', '.join(CustomersVerb)}.") from exc
    match verb:
        case CustomersVerb.SYNC:
            return CustomersCommand(verb, whole=_whole(rest))
        case CustomersVerb.LIST:
            words, page = _with_page(rest)
            return CustomersCommand(verb, words, page)
        case CustomersVerb.CONFLICTS | CustomersVerb.REJECTED | CustomersVerb.STATUS:
            words, page = _with_page(rest)
            if words:
                raise UsageError(f"After “{verb}” comes a page number or nothing, such as “{verb} 2”.")
            return CustomersCommand(verb, page=page)
        case CustomersVerb.SHOW | CustomersVerb.ROLLBACK:
            return CustomersCommand(verb, _account(verb, rest))
        case CustomersVerb.HELP:
            return CustomersCommand(verb)


def _whole(rest: str) -> bool:
    if rest.casefold().lstrip("-") not in ("", "whole", "everything"):
        raise UsageError(f"After “sync” I do not know “{_short(rest)}”. I know: whole, which lists every source whole.")
    return bool(rest)


def _account(verb: str, rest: str) -> str:
    if not rest or len(rest) > MOST:
        last = ", or last for what was done last" if verb == CustomersVerb.ROLLBACK else ""
        raise UsageError(f"Which customer? After “{verb}” comes an account id{last}.")
    return LAST if verb == CustomersVerb.ROLLBACK and rest.casefold() == LAST else rest


def _with_page(rest: str) -> tuple[str, int]:
    """What stands before a page number at the end, and the number; 1 where there is none."""
    head, _, tail = rest.rpartition(" ")
    if tail.isascii() and tail.isdecimal() and 1 <= (page := int(tail[:6])) <= MAX_PAGE:
        return head.strip("'\" "), page
    return rest[:MOST], 1


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
