"""The strings of customer context that cross to Slack and come back: action ids and button values.

As in `bot.wire`: what comes back is untrusted, decodes to a small frozen value or raises `WireError`, and gives nobody
a right. A digest or version in a value says what a person looked at; whether it still holds is decided anew.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.wire import WireError

FIELD_OPEN_TOO = "open_too"
"""Input of the form of Approve: the box that lets a group act on open tickets as well."""

_OTHER_VERSION = "This button was made by another version of Handoff. Nothing was changed."
_UNKNOWN = "This button asks for something that Handoff does not do. Nothing was changed."


class ChangesAct(StrEnum):
    """What people can do to a group of changes. The value is the button's action id, and the form's callback id."""

    APPROVE = "group.approve"
    APPROVE_ALL = "group.approve_all"
    HOLD = "group.hold"
    LET_GO = "group.let_go"
    REJECT = "group.reject"
    DETAILS = "group.details"


CHANGES_NAMES: dict[ChangesAct, str] = {
    ChangesAct.APPROVE: "Approve",
    ChangesAct.APPROVE_ALL: "Approve all",
    ChangesAct.HOLD: "Hold",
    ChangesAct.LET_GO: "Let go",
    ChangesAct.REJECT: "Reject",
    ChangesAct.DETAILS: "Details",
}
"""One word for one act, everywhere people read it."""

CHANGES_FORMS = (ChangesAct.APPROVE, ChangesAct.APPROVE_ALL, ChangesAct.HOLD, ChangesAct.REJECT)
"""The acts that ask something first; Approve only where open tickets would change."""


class ConflictAct(StrEnum):
    """What people can do about a conflict. The value is the button's action id, and the form's callback id.

    `FIELD` is the menu that decides all conflicts of one field together. `MERGE` opens the customer in the desk.
    """

    TAKE_SOURCE = "conflict.take_source"
    KEEP_DESK = "conflict.keep_desk"
    IGNORE = "conflict.ignore"
    MERGE = "conflict.merge"
    FIELD = "conflict.field"


CONFLICT_NAMES: dict[ConflictAct, str] = {
    ConflictAct.TAKE_SOURCE: "Take source",
    ConflictAct.KEEP_DESK: "Keep desk",
    ConflictAct.IGNORE: "Ignore",
    ConflictAct.MERGE: "Merge by hand",
    ConflictAct.FIELD: "Decide a whole field",
}
"""One word for one act, everywhere people read it."""

CONFLICT_FORMS = (ConflictAct.KEEP_DESK, ConflictAct.IGNORE, ConflictAct.FIELD)
"""The acts that ask something first."""

SETTLING = (ConflictAct.TAKE_SOURCE, ConflictAct.KEEP_DESK, ConflictAct.IGNORE)
"""The ways a conflict is settled from here, one by one or for a whole field."""


class ListAct(StrEnum):
    """Turning pages, and what lists have beside each row. The value is the button's action id."""

    PAGE = "customers.page"
    PAGE_BACK = "customers.page_back"
    DISMISS = "rejected.dismiss"


LIST_NAMES: dict[ListAct, str] = {
    ListAct.PAGE: "Next page",
    ListAct.PAGE_BACK: "Page before",
    ListAct.DISMISS: "Dismiss",
}


class Pages(StrEnum):
    """What has pages."""

    SYNC = "sync"
    CONFLICTS = "conflicts"
    REJECTED = "rejected"


_CHANGES = re.compile(r"changes:([0-9]{1,18}):([a-z_]{1,16}):([0-9a-f]{0,16}):([0-9]{1,18}):([0-9]{1,5})", re.ASCII)
_CONFLICT = re.compile(r"conflict:([1-9][0-9]{0,17}):([a-z_]{1,16}):([0-9]{1,9})", re.ASCII)
_FIELD = re.compile(r"field:([a-z_]{1,16}):([0-9a-f]{12}):([0-9a-f]{0,16})", re.ASCII)
_LIST = re.compile(r"customers:([a-z_]{1,16}):([a-z]{1,16}):([0-9]{1,18}):([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChangesButton:
    """What a button or form about a group of changes carries.

    `group_id` is 0 for all open groups of the sync `run_id`. `page` is that of the details, 0 for the first one.
    """

    group_id: int
    act: ChangesAct
    digest: str = ""
    run_id: int = 0
    page: int = 0

    def encode(self) -> str:
        """`changes:31:approve:0123456789abcdef:7:0`."""
        return f"changes:{self.group_id}:{self.act.removeprefix('group.')}:{self.digest}:{self.run_id}:{self.page}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _CHANGES.fullmatch(value)) is None:
            raise WireError(_OTHER_VERSION)
        try:
            act = ChangesAct(f"group.{match.group(2)}")
        except ValueError as exc:
            raise WireError(_UNKNOWN) from exc
        return cls(int(match.group(1)), act, match.group(3), int(match.group(4)), int(match.group(5)))


@dataclass(frozen=True, slots=True)
class ConflictButton:
    """What a button or form about one conflict carries; `version` is that of what the person saw."""

    conflict_id: int
    act: ConflictAct
    version: int

    def encode(self) -> str:
        """`conflict:31:keep_desk:2`."""
        return f"conflict:{self.conflict_id}:{self.act.removeprefix('conflict.')}:{self.version}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _CONFLICT.fullmatch(value)) is None:
            raise WireError(_OTHER_VERSION)
        try:
            act = ConflictAct(f"conflict.{match.group(2)}")
        except ValueError as exc:
            raise WireError(_UNKNOWN) from exc
        return cls(int(match.group(1)), act, int(match.group(3)))


@dataclass(frozen=True, slots=True)
class FieldButton:
    """What the menu of whole fields and its form carry: how to settle all open conflicts of a field.

    `key` is `field_key` of the field's name, which is too long for an option. `digest` is of what the person saw.
    """

    act: ConflictAct
    key: str
    digest: str

    def encode(self) -> str:
        """`field:keep_desk:0123456789ab:0123456789abcdef`."""
        return f"field:{self.act.removeprefix('conflict.')}:{self.key}:{self.digest}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _FIELD.fullmatch(value)) is None:
            raise WireError(_OTHER_VERSION)
        act = f"conflict.{match.group(1)}"
        if act not in SETTLING:
            raise WireError(_UNKNOWN)
        return cls(ConflictAct(act), match.group(2), match.group(3))


@dataclass(frozen=True, slots=True)
class ListButton:
    """What a button of a list carries: which list, of which sync or row (0 for none), and the page."""

    act: ListAct
    what: Pages
    number: int = 0
    page: int = 1

    def encode(self) -> str:
        """`customers:page:sync:7:2`."""
        return f"customers:{self.act.rpartition('.')[2]}:{self.what}:{self.number}:{self.page}"

    @classmethod
    def decode(cls, value: str) -> Self:
        """Read it back. Raises: WireError for anything `encode` does not write."""
        if (match := _LIST.fullmatch(value)) is None:
            raise WireError(_OTHER_VERSION)
        known = {one.rpartition(".")[2]: one for one in ListAct}
        try:
            act, what = known[match.group(1)], Pages(match.group(2))
        except (KeyError, ValueError) as exc:
            raise WireError(_UNKNOWN) from exc
        return cls(act, what, int(match.group(3)), int(match.group(4)))


def field_key(name: str) -> str:
    """What stands for a field's name in a value: 12 hex digits."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:12]
