"""People as tests put them into an identity source."""

from dataclasses import dataclass
from typing import Any, Protocol

from automations.access_ports import IdentitySource

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True)
class Somebody:
    """One person upstream, before the source has seen them."""

    email: str
    name: str
    active: bool = True
    groups: tuple[str, ...] = ()
    title: str = "Support agent"
    department: str = ""

    def body(self) -> dict[str, Any]:
        """As SCIM has them, without id."""
        extension = {ENTERPRISE: {"department": self.department}} if self.department else {}
        return {
            "schemas": [USER, *extension],
            "userName": self.email,
            "displayName": self.name,
            "title": self.title,
            "active": self.active,
            "emails": [{"value": self.email, "type": "work", "primary": True}],
            **extension,
        }


class Upstream(Protocol):
    """What a test does to a source in its owner's place."""

    def source(self, *, at_least: int = 1) -> IdentitySource:
        """The source as it is now."""

    def people(self, *people: Somebody) -> None:
        """Let there be exactly these people, and the groups they name."""

    def deactivate(self, email: str) -> None:
        """They left, and their account is kept."""

    def delete(self, email: str) -> None:
        """They left, and their account is gone."""
