"""What is read of Intercom's answers. Unknown keys are left out, ids may be numbers, times are unix seconds."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _id(value: object) -> object:
    return str(value) if isinstance(value, int) else value


def _none_is_zero(value: object) -> object:
    return 0 if value is None else value


Id = Annotated[str, BeforeValidator(_id)]
Hand = Annotated[int, BeforeValidator(_none_is_zero)]
"""The id of an admin or a team; 0 for nobody."""


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RoleShape(Shape):
    """The role of an admin, by the name that the workspace gave it."""

    name: str = ""


class AdminShape(Shape):
    """A teammate."""

    id: Id
    name: str | None = None
    email: str | None = None
    role: RoleShape | None = None
    team_ids: tuple[int, ...] | None = None


class AppShape(Shape):
    """The workspace."""

    id_code: str = ""


class MeShape(AdminShape):
    """The admin that the token acts as."""

    app: AppShape | None = None


class AdminsShape(Shape):
    """The answer to GET /admins."""

    admins: tuple[AdminShape, ...] = ()


class TeamShape(Shape):
    """A team; a team is our group."""

    id: Id
    name: str = ""


class TeamsShape(Shape):
    """The answer to GET /teams."""

    teams: tuple[TeamShape, ...] = ()


class AttributeShape(Shape):
    """An attribute of a ticket type. A list has its items under `input_options.list_options` as {id, label} (i)."""

    id: Id
    name: str = ""
    data_type: str = ""
    input_options: Mapping[str, Any] | None = None
    archived: bool = False


class AttributesShape(Shape):
    """A type's attributes: the vendor's schema has them under one name and its examples under another."""

    data: tuple[AttributeShape, ...] = ()
    ticket_type_attributes: tuple[AttributeShape, ...] = ()


class TypeShape(Shape):
    """A ticket type."""

    id: Id
    name: str = ""
    category: str = ""
    archived: bool | None = None
    ticket_type_attributes: AttributesShape | None = None


class TypesShape(Shape):
    """The answer to GET /ticket_types, and the types of a state."""

    data: tuple[TypeShape, ...] = ()


class StateShape(Shape):
    """A ticket state. `category` is submitted, in_progress, waiting_on_customer or resolved."""

    id: Id
    category: str = ""
    internal_label: str = ""
    archived: bool | None = None
    ticket_types: TypesShape | None = None


class StatesShape(Shape):
    """The answer to GET /ticket_states."""

    data: tuple[StateShape, ...] = ()


class ReferenceShape(Shape):
    """An object somewhere else. `id` is None for nobody."""

    type: str = ""
    id: Id | None = None


class AuthorShape(Shape):
    """Who wrote a part. `type` is admin, bot, team or user; a user is a contact."""

    type: str = ""
    id: Id = ""
    name: str | None = None
    email: str | None = None


class LabelledShape(Shape):
    """An attribute or its value, in a part that changed it."""

    id: Any = None
    label: Any = None


class AttributeChangeShape(Shape):
    """Which attribute a part changed, and to what."""

    attribute: LabelledShape
    value: LabelledShape


class PartShape(Shape):
    """A part of a ticket: a message, or a change of the ticket."""

    id: Id
    part_type: str = ""
    body: str | None = None
    created_at: int
    updated_at: int | None = None
    previous_ticket_state: str | None = None
    ticket_state: str | None = None
    assigned_to: ReferenceShape | None = None
    author: AuthorShape = AuthorShape()
    updated_attribute_data: AttributeChangeShape | None = None


class PartsShape(Shape):
    """The newest 500 parts of a ticket, and how many there are."""

    ticket_parts: tuple[PartShape, ...] = ()
    total_count: int | None = None


class ContactsShape(Shape):
    """The contacts of a ticket, by id alone."""

    contacts: tuple[ReferenceShape, ...] = ()


class TicketShape(Shape):
    """A ticket. `id` is the one to use; `ticket_id` is the number that people see."""

    id: Id
    category: str = ""
    ticket_attributes: Mapping[str, Any] = {}
    ticket_state: StateShape | None = None
    ticket_type: TypeShape | None = None
    contacts: ContactsShape = ContactsShape()
    admin_assignee_id: Hand = 0
    team_assignee_id: Hand = 0
    created_at: int
    updated_at: int
    open: bool | None = None
    snoozed_until: int | None = None
    ticket_parts: PartsShape = PartsShape()


class NextShape(Shape):
    """Where the next page begins."""

    starting_after: str | None = None


class PagesShape(Shape):
    """Where a page stands."""

    next: NextShape | None = None
    total_pages: int | None = None


class FoundShape(Shape):
    """The answer to POST /tickets/search."""

    tickets: tuple[TicketShape, ...] = ()
    total_count: int | None = None
    pages: PagesShape | None = None


class PlanShape(Shape):
    """A company's plan, without a name if it has none."""

    name: str | None = None


class CompanyShape(Shape):
    """A company. `company_id` is our own reference of it."""

    id: Id
    name: str | None = None
    company_id: Id | None = None
    plan: PlanShape | None = None
    custom_attributes: Mapping[str, Any] = {}


class CountShape(Shape):
    """Where a page of companies stands; its pages are numbered."""

    total_pages: int | None = None


class CompaniesShape(Shape):
    """A page of companies."""

    data: tuple[CompanyShape, ...] = ()
    pages: CountShape | None = None
    total_count: int | None = None
    scroll_param: str | None = None
