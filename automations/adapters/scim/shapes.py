"""People and groups as SCIM servers send them, read by scim2-models once what vendors do differently is evened out.

Evened out are: numbers where text is meant, one value where a list is meant, a manager given by their id alone, schema
URNs in another case (RFC 7643, section 2.1), and `meta`, which is not read. Unknown attributes are left alone.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from scim2_models import URN, ComplexAttribute, Extension, ScimPolicy
from scim2_models import Resource as Base

from automations.adapters.scim.reading import Resource
from automations.adapters.whole_list import ADDRESS, address
from automations.identities import IdentityPerson

logging.getLogger("lark").handlers.clear()
# A parser that scim2-models brings along writes to the terminal by itself; what it has to say passes redaction as all.

_LENIENT: Final = ScimPolicy(unknown=ScimPolicy.Unknown.ignore)
_NO_ATTRIBUTES: Final = frozenset({"password"})
"""What must not be kept even if a server tells it."""


class Mail(ComplexAttribute):
    """A mail address, or what stands in the place of one."""

    value: str | None = None
    type: str | None = None
    primary: bool | None = None


class PersonName(ComplexAttribute):
    """A name in parts."""

    formatted: str | None = None
    given_name: str | None = None
    family_name: str | None = None


class Superior(ComplexAttribute):
    """Whom a person reports to, by id."""

    value: str | None = None


class Enterprise(Extension):
    """RFC 7643, section 4.3."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: str | None = None
    cost_center: str | None = None
    organization: str | None = None
    division: str | None = None
    department: str | None = None
    manager: Superior | None = None


class Person(Base[Enterprise]):
    """The attributes of RFC 7643, section 4.1, that are read here."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: str | None = None
    name: PersonName | None = None
    display_name: str | None = None
    title: str | None = None
    user_type: str | None = None
    active: bool | None = None
    emails: list[Mail] | None = None


class Member(ComplexAttribute):
    """Who is in a group: a user, or a group, which `type` says if it is told."""

    value: str | None = None
    type: str | None = None

    @property
    def kind(self) -> str:
        """`user`, `group`, or another word; empty where it is not told."""
        return (self.type or "").lower()


class Group(Base[Any]):
    """RFC 7643, section 4.2."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: str | None = None
    members: list[Member] | None = None


Shape = TypeVar("Shape", bound=Base[Any])


class Unreadable(Exception):
    """A body that says something else than the standard does. The words name the attribute and what is wrong."""


def person_of(body: Resource) -> IdentityPerson:
    """A person, without groups. Somebody without `active` is active, as in the standard's own example (section 8.1).

    Raises: Unreadable.
    """
    person = _shaped(Person, body)
    extension = person[Enterprise]
    mail = _mail(person)
    attributes = dict(_told(person, extension))
    return IdentityPerson(
        id=str(person.id),
        email=mail,
        name=_name(person) or mail or str(person.id),
        active=person.active is not False,
        attributes=tuple(sorted((name, value) for name, value in attributes.items() if value)),
    )


def group_of(body: Resource) -> Group:
    """A group. Raises: Unreadable."""
    return _shaped(Group, body)


def _shaped(shape: type[Shape], body: Resource) -> Shape:
    try:
        return shape.model_validate(dict(_even(body)), scim_policy=_LENIENT)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        raise Unreadable(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from exc


def _even(body: Resource) -> Iterator[tuple[str, Any]]:
    for key, value in body.items():
        name = key.lower()
        if name in ("schemas", "meta") or value is None:
            continue
        if name in ("emails", "members"):
            yield key, [dict(_even(one)) if isinstance(one, Mapping) else {"value": one} for one in _listed(value)]
        elif name == str(Enterprise.__schema__).lower() and isinstance(value, Mapping):
            yield str(Enterprise.__schema__), dict(_even_enterprise(value))
        else:
            yield key, _text(value)


def _even_enterprise(extension: Resource) -> Iterator[tuple[str, Any]]:
    for key, value in extension.items():
        if key.lower() == "manager":
            first = next(iter(_listed(value)), None)
            if first:  # Entra ID sends the id alone, or in a list; nobody as an empty text
                yield key, first if isinstance(first, Mapping) else {"value": _text(first)}
        else:
            yield key, _text(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value not in (None, "") else []


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _mail(person: Person) -> str:
    """The primary address, else one of type work, else any, else the user name if it is an address."""
    mails = sorted(person.emails or [], key=lambda one: (not one.primary, (one.type or "").lower() != "work"))
    known = (address(text or "") for text in (*(one.value for one in mails), person.user_name))
    return next((mail for mail in known if ADDRESS.fullmatch(mail)), "")


def _name(person: Person) -> str:
    parts = person.name or PersonName()
    joined = " ".join(part for part in (parts.given_name, parts.family_name) if part)
    names = (person.display_name, parts.formatted, joined, person.user_name)
    return next((name.strip() for name in names if name and name.strip()), "")


def _told(person: Person, extension: Enterprise | None) -> Iterator[tuple[str, str]]:
    """Single values by name. Those of an extension of the provider's own bear its URN (RFC 7644, section 3.10)."""
    yield from _single(person.unknown_attributes, "")
    yield "userName", person.user_name or ""
    yield "externalId", person.external_id or ""
    yield "title", person.title or ""
    yield "userType", person.user_type or ""
    if extension is not None:
        yield "employeeNumber", extension.employee_number or ""
        yield "costCenter", extension.cost_center or ""
        yield "organization", extension.organization or ""
        yield "division", extension.division or ""
        yield "department", extension.department or ""
        yield "manager", (extension.manager.value if extension.manager else "") or ""


def _single(values: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and (":" in key or before):
            yield from _single(value, f"{before}{key}{':' if ':' in key else '.'}")
        elif key.lower() not in _NO_ATTRIBUTES and isinstance(value, str | int | float):
            yield f"{before}{key}", str(value).lower() if isinstance(value, bool) else str(value)
