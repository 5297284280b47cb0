"""What the columns of a people file mean, and the words they may hold. Both are compared without their case."""

from collections.abc import Iterable, Mapping
from typing import Final

from automations.adapters.table_rows import Row, Wrong
from automations.adapters.whole_list import ADDRESS, address
from automations.identities import IdentityPerson

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "email": ("email", "e-mail", "mail", "username"),
    "name": ("name", "displayname", "display name"),
    "active": ("active", "enabled", "status"),
    "groups": ("groups",),
}
"""The columns that are known, each with its names. Any other column is an attribute."""

WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "yes", "1", "active", "enabled"), True),
    **dict.fromkeys(("false", "no", "0", "inactive", "disabled", "suspended"), False),
}
"""What `active` may say."""

Columns = Mapping[str, str]
"""The name that each known column has in this file."""


def columns_of(names: Iterable[str], where: str) -> Columns:
    """Which column is which. `where` names the header in errors.

    Raises: Wrong if a column comes twice, or none holds the address.
    """
    found: dict[str, str] = {}
    seen: dict[str, str] = {}
    for name in names:
        plain = name.strip().lower()
        known = next((column for column, aliases in ALIASES.items() if plain in aliases), None)
        if not plain:
            raise Wrong(f"{where}: a column has no name")
        if before := seen.get(known or plain):
            raise Wrong(f"{where}: the columns {before!r} and {name!r} are the same thing")
        seen[known or plain] = name
        if known:
            found[known] = name
    if "email" not in found:
        names_of_it = ", ".join(ALIASES["email"])
        raise Wrong(f"{where}: no column holds the mail address ({names_of_it}); there are {', '.join(seen.values())}")
    return found


def person_of(row: Row, columns: Columns) -> IdentityPerson:
    """The person of one row. Without a column `active` whoever is listed is active; without `id` the address is it.

    Raises: Wrong naming the row and the value.
    """
    email = address(row.text(columns["email"]))
    key = row.text(columns["id"]) if "id" in columns else email
    if email and not ADDRESS.fullmatch(email):
        raise Wrong(f"{row.where}: {columns['email']} {email!r} is no mail address")
    if not key:
        raise Wrong(f"{row.where}: {columns.get('id', columns['email'])} is empty")
    name = row.text(columns["name"]) if "name" in columns else ""
    others = (one for one in row.values if one not in columns.values())
    return IdentityPerson(
        id=key,
        email=email,
        name=name or email or key,
        active=_active(row, columns["active"]) if "active" in columns else True,
        groups=_groups(row, columns["groups"]) if "groups" in columns else (),
        attributes=tuple(sorted((one.strip(), text) for one in others if (text := row.text(one)))),
    )


def _active(row: Row, column: str) -> bool:
    word = row.text(column)
    if (said := WORDS.get(word.lower())) is None:
        raise Wrong(f"{row.where}: {column} {word!r} is not one of {', '.join(WORDS)}")
    return said


def _groups(row: Row, column: str) -> tuple[str, ...]:
    return tuple(sorted({name for text in row.texts(column) if (name := text.strip())}))
