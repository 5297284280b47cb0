"""Bodies as vendors send them, and what is made of each; nobody is left out since one thing about them is odd."""

from typing import Any

import pytest

from automations.adapters.scim.shapes import Unreadable, person_of
from automations.errors import Rejected
from automations.identities import IdentityPerson
from tests.identity.people import ENTERPRISE, USER
from tests.identity.provider import Provider

OKTA: dict[str, Any] = {
    "schemas": [USER, ENTERPRISE],
    "id": "23a35c27-23d3-4c03-b4c5-6443c09e7173",
    "userName": "Anna.Berg@Team.example",
    "name": {"givenName": "Anna", "middleName": "", "familyName": "Berg"},
    "emails": [
        {"primary": True, "value": "Anna.Berg@Team.example", "type": "work", "display": "Anna.Berg@Team.example"},
        {"primary": False, "value": "anna@home.example", "type": "home"},
    ],
    "displayName": "Anna Berg",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
    "phoneNumbers": [{"primary": True, "type": "work", "value": "123-555-0100"}],
    ENTERPRISE: {
        "employeeNumber": "701984",
        "costCenter": "4130",
        "department": "Support",
        "manager": {"value": "26118915", "displayName": "Marco Ricci"},
    },
    "meta": {"resourceType": "User", "location": "/Users/23a35c27"},
}
"""Okta, "SCIM 2.0 Protocol Reference": it sends a password, empty parts of names, and mail as the user name."""

ENTRA: dict[str, Any] = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "anna.berg",
    "id": "48af03ac28ad4fb88478",
    "active": "False",
    "addresses": [{"type": "work", "formatted": None}],
    "displayName": "Anna Berg",
    "emails": [{"type": "work", "value": "anna.berg@team.example", "primary": "True"}],
    "meta": {"resourceType": "user", "created": "2026-01-05T09:00:00"},
    "name": {"formatted": "givenName familyName", "familyName": "Berg", "givenName": "Anna"},
    "preferredLanguage": None,
    "roles": [{"primary": "False", "type": "WindowsAzureActiveDirectoryRole", "value": '{"id":"18d1"}'}],
    "title": "Team lead",
    "userName": "anna.berg@team.onmicrosoft.example",
    ENTERPRISE: {"department": "Support", "manager": "26118915"},
}
"""Microsoft, "Known issues with SCIM 2.0 protocol compliance": booleans as text, the manager as bare id."""

ENTRA_API: dict[str, Any] = {
    "schemas": [USER, ENTERPRISE, "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User"],
    "id": "97c0abe1-14f7-417b-951c-bc8e2a17f200",
    "userName": "anna.berg@team.example",
    "displayName": "Anna Berg",
    "active": True,
    ENTERPRISE: {"department": "Support", "employeeNumber": "100009"},
    "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User": {
        "mailNickname": "aberg",
        "onPremisesExtensionAttributes": {"extensionAttribute1": "tier2"},
    },
    "meta": {"resourceType": "user", "location": "/users/97c0abe1"},
}
"""Microsoft, "Microsoft Entra ID SCIM API reference": no list of addresses at all."""


def test_okta() -> None:
    assert person_of(OKTA) == IdentityPerson(
        id="23a35c27-23d3-4c03-b4c5-6443c09e7173",
        email="anna.berg@team.example",
        name="Anna Berg",
        active=True,
        attributes=(
            ("costCenter", "4130"),
            ("department", "Support"),
            ("employeeNumber", "701984"),
            ("externalId", "00ujl29u0le5T6Aj10h7"),
            ("locale", "en-US"),
            ("manager", "26118915"),
            ("userName", "Anna.Berg@Team.example"),
        ),
    )


def test_entra_as_it_provisions() -> None:
    found = person_of(ENTRA)
    assert (found.email, found.name, found.active) == ("anna.berg@team.example", "Anna Berg", False)
    assert dict(found.attributes) == {
        "department": "Support",
        "externalId": "anna.berg",
        "manager": "26118915",
        "title": "Team lead",
        "userName": "anna.berg@team.onmicrosoft.example",
    }


def test_entra_as_it_answers() -> None:
    found = person_of(ENTRA_API)
    urn = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User"
    assert (found.email, found.active) == ("anna.berg@team.example", True)
    assert dict(found.attributes) == {
        "department": "Support",
        "employeeNumber": "100009",
        "userName": "anna.berg@team.example",
        f"{urn}:mailNickname": "aberg",
        f"{urn}:onPremisesExtensionAttributes.extensionAttribute1": "tier2",
    }


@pytest.mark.parametrize("said", [False, "False", "FALSE", "fAlse", "false", 0])
def test_no_is_no_however_it_is_written(said: Any) -> None:
    assert not person_of({"id": "1", "userName": "a", "active": said}).active
    assert not person_of({"ID": "1", "username": "a", "Active": said}).active


@pytest.mark.parametrize("body", [{}, {"active": True}, {"active": "True"}, {"active": None}])
def test_whoever_is_not_said_to_have_left_is_there(body: dict[str, Any]) -> None:
    """RFC 7643, section 8.1: the standard's smallest user has no `active`."""
    assert person_of({"id": "1", "userName": "a", **body}).active


@pytest.mark.parametrize(
    ("body", "email"),
    [
        (
            {"emails": [{"value": "h@x.example", "type": "home"}, {"value": "w@x.example", "type": "work"}]},
            "w@x.example",
        ),
        ({"emails": [{"value": "o@x.example"}]}, "o@x.example"),
        (
            {"emails": [{"value": "w@x.example", "type": "Work"}, {"value": "p@x.example", "primary": "TRUE"}]},
            "p@x.example",
        ),
        ({"emails": [{"value": "", "primary": True}, {"value": "w@x.example"}]}, "w@x.example"),
        ({"emails": [{"value": None}, {"type": "work"}]}, "user@x.example"),
        ({"emails": "one@x.example"}, "one@x.example"),
        ({"emails": ["one@x.example"]}, "one@x.example"),
        ({"emails": {"value": "one@x.example"}}, "one@x.example"),
        ({"EMAILS": [{"Value": " One@X.example ", "TYPE": "work"}]}, "one@x.example"),
        ({"emails": []}, "user@x.example"),
        ({"emails": None}, "user@x.example"),
        ({"emails": [{"value": "not an address", "primary": True}]}, "user@x.example"),
        ({"userName": "aberg"}, ""),
        ({"userName": None}, ""),
        ({"emails": [{"value": "root@intranet", "type": "work"}]}, "root@intranet"),
    ],
)
def test_the_address(body: dict[str, Any], email: str) -> None:
    assert person_of({"id": "1", "userName": "User@x.example", **body}).email == email


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"displayName": "Anna Berg"}, "Anna Berg"),
        ({"displayName": " ", "name": {"formatted": "Ms Anna Berg"}}, "Ms Anna Berg"),
        ({"name": {"givenName": "Anna", "familyName": "Berg"}}, "Anna Berg"),
        ({"name": {"familyName": "Berg"}}, "Berg"),
        ({"name": None}, "aberg"),
        ({"userName": None, "emails": [{"value": "a@x.example"}]}, "a@x.example"),
        ({"userName": None}, "1"),
    ],
)
def test_the_name(body: dict[str, Any], name: str) -> None:
    assert person_of({"id": "1", "userName": "aberg", **body}).name == name


@pytest.mark.parametrize(
    ("extension", "told"),
    [
        ({"manager": {"value": "7"}}, {"manager": "7"}),
        ({"manager": [{"value": "7"}]}, {"manager": "7"}),
        ({"manager": 7}, {"manager": "7"}),
        ({"manager": ""}, {}),
        ({"manager": []}, {}),
        ({"manager": {"$ref": "../Users/7"}}, {}),
        ({"DEPARTMENT": "Support", "employeenumber": 17}, {"department": "Support", "employeeNumber": "17"}),
        ({"department": None, "floor": 3}, {}),
    ],
)
@pytest.mark.parametrize("urn", [ENTERPRISE, ENTERPRISE.lower(), ENTERPRISE.upper()])
def test_the_enterprise_extension(urn: str, extension: dict[str, Any], told: dict[str, str]) -> None:
    found = dict(person_of({"id": "1", "schemas": [urn], urn: extension}).attributes)
    assert {name: value for name, value in found.items() if ":" not in name} == told


@pytest.mark.parametrize("schemas", [None, [], [USER.lower()], "urn:of:somebody", ["urn:other"]])
def test_what_it_says_of_its_schemas_does_not_matter(schemas: Any) -> None:
    assert person_of({"schemas": schemas, "id": 17, "userName": "aberg", "meta": {"created": "soon"}}).id == "17"


def test_attributes_of_the_providers_own_bear_their_name() -> None:
    urn = "urn:team:params:scim:schemas:extension:1.0:User"
    found = person_of({"id": "1", "costly": True, "floor": 3, "list": [1], urn: {"tier": "2", "password": "x"}})
    assert found.attributes == (("costly", "true"), ("floor", "3"), (f"{urn}:tier", "2"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"active": "perhaps"}, "active: "),
        ({"active": ""}, "active: "),
        ({"active": []}, "active: "),
        ({"userName": ["a"]}, "userName: "),
        ({"emails": [{"value": ["a"]}]}, "emails.0.value: "),
        ({"name": "Anna"}, "name: "),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_person(body: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        person_of({"id": "u2", **body})
    provider = Provider()
    provider.user("u1", userName="anna@team.example")
    provider.user("u2", **body)
    with pytest.raises(Rejected, match=f"person u2 what cannot be read: {words}.*Nothing was changed") as refused:
        provider.source().people()
    assert refused.value.code == "incomplete"


@pytest.mark.parametrize("name", ["zero\0", "half \ud83d"])
def test_a_text_that_no_database_takes_is_an_error(name: str) -> None:
    provider = Provider()
    provider.user("u1", userName="anna@team.example", displayName=name)
    for ask in (provider.source().people, lambda: provider.source().person("anna@team.example")):
        with pytest.raises(Rejected, match="person 'u1' a text with a character that is none") as refused:
            ask()
        assert refused.value.code == "incomplete"
