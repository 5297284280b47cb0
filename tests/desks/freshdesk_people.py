"""Agents, groups, roles and contacts of the stand-in for Freshdesk. All but `/agents/me` and groups are for admins."""

from datetime import datetime
from typing import Any

from tests.desks.fake import Call, Refusal, Reply, route
from tests.desks.freshdesk_parts import AGENT, Account, invalid, number, only, stamp
from tests.support import FakeClock

ROLES = {1: "Account Administrator", 2: "Administrator", 3: "Supervisor", 4: "Agent"}
DENIED = {"code": "access_denied", "message": "You are not authorized to perform this action."}


class People(Account):
    """`seats` is how many agents the account may have, None for any number."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.agents: dict[int, dict[str, Any]] = {}
        self.groups: dict[int, str] = {}
        self.contacts: dict[int, dict[str, Any]] = {}
        self.seats: int | None = None
        self.last_agent = 900

    # ---- for tests to have things there

    def agent(
        self, name: str, email: str, *, role: int = 4, number: int | None = None, active: bool = True, scope: int = 1
    ) -> int:
        """Have an agent; returns the id."""
        self.last_agent += 1
        identity = number or self.last_agent
        now = stamp(self.clock.now())
        contact = {
            "active": active, "email": email, "name": name, "job_title": None, "language": "en", "last_login_at": None,
            "mobile": None, "phone": None, "time_zone": "UTC", "created_at": now, "updated_at": now,
        }  # fmt: skip
        self.agents[identity] = {
            "id": identity, "available": True, "available_since": None, "occasional": False, "signature": None,
            "ticket_scope": scope, "type": "support_agent", "focus_mode": True, "contact": contact, "created_at": now,
            "updated_at": now, "role_ids": [role], "group_ids": [], "skill_ids": [],
        }  # fmt: skip
        return identity

    def group(self, name: str) -> int:
        """Have a group; returns the id."""
        identity = 40 + len(self.groups)
        self.groups[identity] = name
        return identity

    def contact(self, email: str, *, company: int | None = None) -> int:
        """The contact with this address, made if there is none; returns the id."""
        if (there := self.contact_by_email(email)) is not None:
            return int(there["id"])
        identity, now = 1000 + len(self.contacts), stamp(self.clock.now())
        name = email.partition("@")[0]
        self.contacts[identity] = {
            "id": identity, "name": name, "active": False, "email": email, "company_id": company, "created_at": now,
            "updated_at": now,
        }  # fmt: skip
        return identity

    def contact_by_email(self, email: str) -> dict[str, Any] | None:
        """The contact with this address."""
        return next((one for one in self.contacts.values() if one["email"] == email.lower()), None)

    def agent_by_email(self, email: str) -> dict[str, Any] | None:
        """The agent with this address."""
        return next((one for one in self.agents.values() if one["contact"]["email"] == email.lower()), None)

    # ---- agents

    @route("GET", "/api/v2/agents")
    def list_agents(self, call: Call) -> Reply:
        self._admin()
        only(call.query, {"email", "mobile", "phone", "state", "page", "per_page"})
        email = call.query.get("email")
        found = [one for one in self.agents.values() if email is None or one["contact"]["email"] == email.lower()]
        kept = {"role_ids", "group_ids", "skill_ids"}
        return self.page(call, found, lambda row: {name: value for name, value in row.items() if name not in kept})

    @route("POST", "/api/v2/agents")
    def create_agent(self, call: Call) -> Reply:
        self._admin()
        body = only(call.body, AGENT | {"agent_type", "name"})
        if "ticket_scope" not in body:
            raise Refusal(400, invalid("ticket_scope", "Mandatory attribute missing", "missing_field"))
        if self.agent_by_email(body["email"]) or self.contact_by_email(body["email"]):
            raise Refusal(409, invalid("email", "It should be a unique value", "duplicate_value"))
        self._a_seat()
        self._roles_known(body)
        identity = self.agent(body.get("name", body["email"]), body["email"], active=False, scope=body["ticket_scope"])
        self._let(self.agents[identity], body)
        return 201, self.agents[identity], self.headers()

    @route("GET", "/api/v2/agents/me")
    def me(self, call: Call) -> Reply:
        return 200, self.agents[self.caller], self.headers()

    @route("GET", "/api/v2/agents/{id}")
    def view_agent(self, call: Call) -> Reply:
        self._admin()
        return 200, self._agent(call), self.headers()

    @route("PUT", "/api/v2/agents/{id}")
    def update_agent(self, call: Call) -> Reply:
        self._admin()
        agent, body = self._agent(call), only(call.body, AGENT)
        if agent["id"] == self.caller and body.keys() & {"role_ids", "ticket_scope"}:
            raise Refusal(403, DENIED, self.headers())
        self._roles_known(body)
        self._let(agent, body)
        return 200, agent, self.headers()

    @route("DELETE", "/api/v2/agents/{id}")
    def delete_agent(self, call: Call) -> Reply:
        """The agent becomes a contact, and their tickets nobody's."""
        self._admin()
        agent = self._agent(call)
        del self.agents[agent["id"]]
        self.contact(agent["contact"]["email"])
        self.unassign(agent["id"])
        return 204, None, self.headers()

    def unassign(self, agent: int) -> None:
        """Take an agent's tickets from them."""
        for row in getattr(self, "tickets", {}).values():
            if row["responder_id"] == agent:
                row["responder_id"] = None
                self.index(row)

    def index(self, row: dict[str, Any]) -> None:
        """A part of the desk that has tickets tells its search of a change."""

    def accepts(self, email: str) -> None:
        """The person uses the link that was mailed to them."""
        self._contact_of(email)["active"] = True

    def signs_in(self, email: str) -> datetime:
        """The person signs in now."""
        self._contact_of(email)["last_login_at"] = stamp(self.clock.now())
        return self.clock.now().replace(microsecond=0)

    def _contact_of(self, email: str) -> dict[str, Any]:
        found = self.agent_by_email(email)
        assert found is not None
        contact: dict[str, Any] = found["contact"]
        return contact

    # ---- groups, roles, contacts

    @route("GET", "/api/v2/groups")
    def list_groups(self, call: Call) -> Reply:
        only(call.query, {"page", "per_page"})
        rows = [{"id": identity, "name": name, "description": ""} for identity, name in self.groups.items()]
        return self.page(call, rows, dict)

    @route("GET", "/api/v2/groups/{id}")
    def view_group(self, call: Call) -> Reply:
        identity = number(call.names["id"])
        if identity not in self.groups:
            raise Refusal(404, None, self.headers())
        inside = [one["id"] for one in self.agents.values() if identity in one["group_ids"]]
        shown = {"id": identity, "name": self.groups[identity], "description": "", "agent_ids": inside}
        return 200, shown, self.headers()

    @route("PATCH", "/api/v2/admin/groups/{id}/agents")
    def patch_group(self, call: Call) -> Reply:
        self._admin()
        group = number(call.names["id"])
        if group not in self.groups:
            raise Refusal(404, None, self.headers())
        for one in only(call.body, {"agents"})["agents"]:
            agent = self.agents.get(one["id"])
            if agent is None:
                raise Refusal(400, invalid("agents", "There is no agent matching the given id", "invalid_value"))
            inside = [other for other in agent["group_ids"] if other != group]
            agent["group_ids"] = inside if one.get("deleted") else [*inside, group]
        return 204, None, self.headers()

    @route("GET", "/api/v2/roles")
    def list_roles(self, call: Call) -> Reply:
        self._admin()
        only(call.query, ())
        return (
            200,
            [{"id": identity, "name": name, "default": True} for identity, name in ROLES.items()],
            self.headers(),
        )

    @route("GET", "/api/v2/contacts")
    def list_contacts(self, call: Call) -> Reply:
        only(call.query, {"email", "page", "per_page"})
        found = self.contact_by_email(call.query["email"])
        return self.page(call, [found] if found else [], dict)

    @route("PUT", "/api/v2/contacts/{id}/make_agent")
    def make_agent(self, call: Call) -> Reply:
        self._admin()
        body = only(call.body, {"occasional", "signature", "ticket_scope", "role_ids", "group_ids", "type"})
        contact = self.contacts.get(number(call.names["id"]))
        if contact is None:
            raise Refusal(404, None, self.headers())
        self._a_seat()
        self._roles_known(body)
        del self.contacts[contact["id"]]
        agent = self.agents[self.agent(contact["name"], contact["email"], number=contact["id"], active=False)]
        self._let(agent, body)
        return (
            200,
            {"active": False, "email": contact["email"], "name": contact["name"], "agent": agent},
            self.headers(),
        )

    # ---- inside

    def _admin(self) -> None:
        if self.caller not in self.agents or not {1, 2} & set(self.agents[self.caller]["role_ids"]):
            raise Refusal(403, DENIED, self.headers())

    def _a_seat(self) -> None:
        if self.seats is not None and len(self.agents) >= self.seats:
            said = {"code": "max_agents_reached", "message": "You have reached the maximum number of agents"}
            raise Refusal(403, said, self.headers())

    def _agent(self, call: Call) -> dict[str, Any]:
        agent = self.agents.get(number(call.names["id"]))
        if agent is None:
            raise Refusal(404, None, self.headers())
        return agent

    def _roles_known(self, body: dict[str, Any]) -> None:
        if not set(body.get("role_ids", [4])) <= ROLES.keys():
            raise Refusal(400, invalid("role_ids", "There are no records matching the ids", "invalid_value"))

    @staticmethod
    def _let(agent: dict[str, Any], body: dict[str, Any]) -> None:
        agent.update(
            {name: body[name] for name in ("role_ids", "group_ids", "ticket_scope", "occasional") if name in body}
        )
