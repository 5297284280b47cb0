"""The questions of `handoff init` about a help desk elsewhere, each answer tested as it is given."""

import os
import re
from typing import Any

from automations.errors import AdapterError, Rejected
from bot.cli.output import note
from bot.desk import KINDS, first_look, limits_of
from bot.desks.kind import Needed
from bot.parts import SystemClock
from bot.settings_desks import Desk, is_address

_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+")
_FOR_A_LOOK = "handoff@example.com"
"""Stands in the section until the requester is known; nothing is requested meanwhile."""
_CREDENTIAL = frozenset({"unauthorized", "forbidden"})


def needed(kind: str) -> Needed | None:
    """What this kind cannot do without beside its address; None for nothing."""
    return KINDS[kind].needed if kind in KINDS else None


def given(text: str) -> str | None:
    """What is wrong with a name that has to be there."""
    return None if text else "A name is needed."


def desk_url(kind: str, named: tuple[str, str], text: str) -> str | None:
    """What is wrong with the address of a desk's API. With HANDOFF_DESK__TOKEN the desk is asked who we are there."""
    if not is_address(text):
        return "An http(s) address is needed, such as https://yourteam.example."
    token = os.environ.get("HANDOFF_DESK__TOKEN", "").strip()
    if not token:
        note("Without HANDOFF_DESK__TOKEN the desk cannot be asked now; `handoff doctor` does it later.")
        return None
    return _asked(kind, named, text, token)


def requester(text: str) -> str | None:
    """What is wrong with the address that tickets are requested by."""
    return None if _EMAIL.fullmatch(text) else "An e-mail address of your own team is needed, never a customer's."


def _asked(kind: str, named: tuple[str, str], url: str, token: str) -> str | None:
    """Ask the desk itself. A credential that it refuses is told, but the address may stand."""
    section: Any = {"kind": kind, "url": url, "requester": _FOR_A_LOOK, kind: dict([named] if named[0] else [])}
    title = limits_of()[kind].TITLE
    try:
        me = first_look(Desk.model_validate(section), token, SystemClock()).me()
    except Rejected as exc:
        if exc.code not in _CREDENTIAL:
            return f"{exc}. Is the address right?"
        note(str(exc))
    except AdapterError as exc:
        return f"{exc}. Is the address right?"
    else:
        note(f"{title} answers; the credential acts as {me.name} ({me.email or me.id}).")
    return None
