"""One customer, field by field: what the source says, what is in force, and what both agreed on last. Pure."""

from automations.customer_context.rules import CustomerField, CustomerRules
from automations.customer_context.values import DeskSide
from automations.desks import Capability, Customer


def desk_side(customer: Customer, rules: CustomerRules) -> DeskSide:
    """A customer of the desk in canonical text.

    Its values are those of the fields that live in the desk or come from it, beside the name and, where a field names
    domains, the domains: both are needed to tell who it is. What comes from the desk is not mapped yet.
    """
    raise NotImplementedError


def in_desk(field: CustomerField, can: frozenset[Capability]) -> bool:
    """Whether a field's value is brought into the desk: the settings say so, and the desk can keep it.

    What the desk cannot keep is kept here alone, as a field `to_handoff` is. A desk without customers has no
    capabilities of them, so everything is kept here.
    """
    raise NotImplementedError
