"""Who works on the built-in desk's pages: a signed personal link opens them, a cookie keeps them open for its time.

Everything is signed with one random key, kept in a row of the database so that replicas agree. Nothing else is stored:
a link or a cookie names the person and when it ends. What it may do is decided by the desk at each act.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.access.blocks import blocked
from storage.engine import Database
from storage.models import DeskFact, DeskUser
from storage.upsert import insert_into

OPEN_FOR: Final = timedelta(hours=12)
"""How long a link, and the cookie it gives, stay good."""
COOKIE: Final = "handoff_desk"
_SYSTEM, _NAME = "pages", "signing_key"


class DeskDoor:
    """Makes and reads personal links, cookies and the marks of forms, with one key.

    `works` says whether an address is an active agent's who is not blocked: nothing opens for anybody else, however
    good their cookie is.
    """

    def __init__(self, key: bytes, now: Callable[[], datetime], works: Callable[[str], bool]) -> None:
        self._key = key
        self._now = now
        self._works = works

    def link(self, email: str) -> str:
        """A token for `/desk/enter` in the name of this person."""
        return self._sealed("link", email)

    def cookie(self, token: str) -> str | None:
        """What a link's token opens: the cookie of its person; None for a token that is wrong or too old."""
        email = self._read("link", token)
        return None if email is None else self._sealed("cookie", email)

    def person(self, cookie: str) -> str | None:
        """The e-mail address a cookie stands for; None for one that is wrong or too old."""
        return self._read("cookie", cookie)

    def form(self, cookie: str) -> str:
        """The mark that a form bears, so that no other site can send it in the person's name."""
        return self._mac("form", cookie.encode())

    def is_form(self, cookie: str, mark: str) -> bool:
        """Whether a form's mark belongs to this cookie."""
        return hmac.compare_digest(self.form(cookie).encode(), mark.encode())

    def _sealed(self, kind: str, email: str) -> str:
        until = int((self._now() + OPEN_FOR).timestamp())
        said = base64.urlsafe_b64encode(json.dumps([email.lower(), until]).encode()).rstrip(b"=")
        return f"{said.decode()}.{self._mac(kind, said)}"

    def _read(self, kind: str, sealed: str) -> str | None:
        said, _, mac = sealed.partition(".")
        if not hmac.compare_digest(self._mac(kind, said.encode()).encode(), mac.encode()):
            return None
        try:
            email, until = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        except (ValueError, binascii.Error):  # signed by us, so it never happens but by a lost key
            return None
        in_time = datetime.fromtimestamp(until, UTC) > self._now()
        return str(email) if in_time and self._works(str(email)) else None

    def _mac(self, kind: str, said: bytes) -> str:
        return hmac.new(self._key, kind.encode() + b"\x00" + said, hashlib.sha256).hexdigest()


def desk_door(database: Database, now: Callable[[], datetime]) -> DeskDoor:
    """The door of this database's desk; its key is made by whoever asks first."""
    with database.read() as session:
        key = _key(session)
    if key is None:
        row = {"system": _SYSTEM, "name": _NAME, "value": {"key": secrets.token_hex(32)}, "read_at": now()}
        with database.begin() as session:
            session.execute(insert_into(session, DeskFact).values(row).on_conflict_do_nothing())
            key = _key(session)
    assert key is not None, "it was put there"

    def works(email: str) -> bool:
        active = DeskUser.email == email, DeskUser.state == "active"
        with database.read() as session:
            return session.scalar(select(DeskUser.id).where(*active)) is not None and email not in blocked(session)

    return DeskDoor(key, now, works)


def _key(session: Session) -> bytes | None:
    row = session.scalar(select(DeskFact.value).where(DeskFact.system == _SYSTEM, DeskFact.name == _NAME))
    return bytes.fromhex(row["key"]) if row else None
