"""People and organizations of the stand-in for Zendesk, with the words it refuses in."""

from datetime import datetime, timedelta
from typing import Any

from tests.desks.fake import Call, Reply, route
from tests.desks.zendesk_account import OWNER, ZendeskAccount, invalid, iso, missing, refusal
from tests.support import FakeClock


class ZendeskPeople(ZendeskAccount):
    """`seats` is how many agents there may be; `custom_roles` None for a plan without any."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.seats = 100
        self.groups: dict[int, str] = {}
        self.memberships: dict[int, tuple[int, int]] = {}
        self.custom_roles: list[dict[str, Any]] | None = [
            {"id": 88, "name": "Advisor", "role_type": 0},
            {"id": 99, "name": "Billing admin", "role_type": 5},
        ]
        self.sessions: dict[int, int] = {}
        self.organizations: dict[int, dict[str, Any]] = {}
        self.organization_fields = {"tier", "status", "region"}
        self.users[OWNER] = self._user(OWNER, "Handoff", "handoff@team.example", "admin")

    def seed_group(self, name: str) -> int:
        self.groups[number := self.next_id()] = name
        return number

    def seed_user(self, name: str, email: str | None, role: str = "agent") -> int:
        number = self.next_id()
        self.users[number] = self._user(number, name, email, role)
        return number

    def user_id(self, email: str) -> int:
        return next(int(user["id"]) for user in self.users.values() if user["email"] == email)

    def accepts(self, email: str) -> None:
        """The person uses the link that was mailed to them."""
        self.users[self.user_id(email)]["verified"] = True

    def signs_in(self, email: str) -> datetime:
        """The person signs in now."""
        self.users[self.user_id(email)]["last_login_at"] = iso(self.clock.now())
        return self.clock.now().replace(microsecond=0)

    def _user(self, number: int, name: str, email: str | None, role: str) -> dict[str, Any]:
        state = {"active": True, "suspended": False, "verified": True, "custom_role_id": None}
        return {"id": number, "name": name, "email": email, "role": role, "last_login_at": None, **state}

    def _agents(self) -> list[dict[str, Any]]:
        return [user for user in self.users.values() if user["role"] in ("agent", "admin")]

    def _one(self, call: Call) -> dict[str, Any]:
        if not call.names["id"].isdecimal() or (user := self.users.get(int(call.names["id"]))) is None:
            raise missing()
        return user

    @route("GET", "/api/v2/users/me")
    def me(self, call: Call) -> Reply:
        return 200, {"user": self.users[self.caller(call)]}

    @route("GET", "/api/v2/users")
    def list_users(self, call: Call) -> Reply:
        roles = call.query.get_list("role[]")
        return self.page(call, "users", [user for user in self.users.values() if user["role"] in roles])

    @route("GET", "/api/v2/users/{id}")
    def show_user(self, call: Call) -> Reply:
        return 200, {"user": self._one(call)}

    @route("POST", "/api/v2/users/create_or_update")
    def upsert_user(self, call: Call) -> Reply:
        asked = call.body["user"]
        known = next((user for user in self.users.values() if user["email"] == asked["email"].lower()), None)
        was = known["role"] if known else "end-user"
        if asked.get("role") in ("agent", "admin") and was == "end-user" and len(self._agents()) >= self.seats:
            raise invalid("base", "You have reached the maximum number of agents for your plan.")
        number = self.next_id() if known is None else known["id"]
        fresh = self._user(number, asked["name"], asked["email"].lower(), "end-user") | {"verified": False}
        self.users[number] = (known or fresh) | asked | {"email": asked["email"].lower()}
        return 201 if known is None else 200, {"user": self.users[number]}

    @route("PUT", "/api/v2/users/{id}")
    def update_user(self, call: Call) -> Reply:
        user = self._one(call)
        self.limit(f"user {user['id']}", 5, timedelta(minutes=1))
        asked = call.body["user"]
        if user["id"] == OWNER and (asked.get("role", "admin") != "admin" or asked.get("suspended")):
            raise invalid("role", "Role: the account owner must be an admin")
        user |= asked
        if user["role"] != "agent":
            user["custom_role_id"] = None
        return 200, {"user": user}

    @route("DELETE", "/api/v2/users/{id}/sessions")
    def end_sessions(self, call: Call) -> Reply:
        self.sessions[self._one(call)["id"]] = 0
        return 204, None

    @route("GET", "/api/v2/custom_roles")
    def list_roles(self, call: Call) -> Reply:
        if self.custom_roles is None:
            raise refusal(403, {"title": "Forbidden", "message": "Your plan has no custom roles."})
        return 200, {"custom_roles": self.custom_roles}

    @route("GET", "/api/v2/groups")
    def list_groups(self, call: Call) -> Reply:
        return self.page(call, "groups", [{"id": number, "name": name} for number, name in self.groups.items()])

    @route("GET", "/api/v2/group_memberships")
    def list_memberships(self, call: Call) -> Reply:
        wanted = call.query.get("user_id")
        found = [(number, *place) for number, place in self.memberships.items() if wanted in (None, str(place[0]))]
        shown = [{"id": number, "user_id": user, "group_id": group} for number, user, group in found]
        return self.page(call, "group_memberships", shown)

    @route("POST", "/api/v2/group_memberships")
    def join(self, call: Call) -> Reply:
        asked = call.body["group_membership"]
        place = asked["user_id"], asked["group_id"]
        if place in self.memberships.values():
            raise invalid("user_id", "User has already been taken")
        self.memberships[number := self.next_id()] = place
        return 201, {"group_membership": {"id": number, **asked}}

    @route("DELETE", "/api/v2/group_memberships/{id}")
    def leave(self, call: Call) -> Reply:
        if self.memberships.pop(int(call.names["id"]), None) is None:
            raise missing()
        return 204, None

    @route("GET", "/api/v2/organizations")
    def list_organizations(self, call: Call) -> Reply:
        return self.page(call, "organizations", list(self.organizations.values()))

    @route("GET", "/api/v2/organizations/search")
    def search_organizations(self, call: Call) -> Reply:
        name, reference = call.query.get("name"), call.query.get("external_id")
        if (name is None) == (reference is None):
            raise refusal(400, "BadRequest", "Give either name or external_id")
        found = [
            one
            for one in self.organizations.values()
            if (reference is not None and one["external_id"] == reference)
            or (name is not None and one["name"].lower() == name.lower())
        ]
        return 200, {"organizations": found, "count": len(found), "next_page": None, "previous_page": None}

    @route("GET", "/api/v2/organizations/{id}")
    def show_organization(self, call: Call) -> Reply:
        return 200, {"organization": self._organization(call)}

    @route("POST", "/api/v2/organizations")
    def create_organization(self, call: Call) -> Reply:
        asked = dict(call.body["organization"])
        if any(one["name"].lower() == asked["name"].lower() for one in self.organizations.values()):
            raise invalid("name", f"Name: {asked['name']} has already been taken", error="DuplicateValue")
        empty: dict[str, Any] = {"external_id": None, "domain_names": [], "created_at": iso(self.clock.now())}
        one = {"id": self.next_id(), **empty, **asked, "organization_fields": self._kept({}, asked)}
        self.organizations[one["id"]] = one
        return 201, {"organization": one}

    @route("PUT", "/api/v2/organizations/{id}")
    def update_organization(self, call: Call) -> Reply:
        one, asked = self._organization(call), dict(call.body["organization"])
        one |= asked | {"organization_fields": self._kept(one["organization_fields"], asked)}
        return 200, {"organization": one}

    def _kept(self, held: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        """Fields that are not defined are dropped without a word."""
        sent = asked.get("organization_fields") or {}
        empty = dict.fromkeys(sorted(self.organization_fields))
        return empty | held | {name: value for name, value in sent.items() if name in self.organization_fields}

    def _organization(self, call: Call) -> dict[str, Any]:
        if not call.names["id"].isdecimal() or (one := self.organizations.get(int(call.names["id"]))) is None:
            raise missing()
        return one
