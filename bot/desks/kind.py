"""What a kind of desk elsewhere is to the bot: what it is reached with, its doors, and what is known without asking."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from automations.access_ports import DeskAccess
from automations.adapters.calls import Call
from automations.desks import Capability
from automations.ports import CustomerBook, HelpDesk, RateBudget
from bot.settings_desks import Desk


@dataclass(frozen=True, slots=True)
class Line:
    """What every desk elsewhere is reached with: its section of the settings, the credential, the shared budget."""

    section: Desk
    token: str
    budget: RateBudget
    now: Callable[[], datetime]

    @property
    def url(self) -> str:
        """The desk's address; the settings hold that there is one."""
        assert self.section.url is not None, "Desk checks it"
        return self.section.url

    @property
    def requester(self) -> str:
        """The internal address that tickets are requested by; the settings hold that there is one."""
        assert self.section.requester is not None, "Desk checks it"
        return self.section.requester


class Limits(Protocol):
    """What a kind of desk can do and what a person does where it cannot: an adapter's module `limits`."""

    @property
    def TITLE(self) -> str:  # noqa: N802 - the module's constant
        """The desk's name as people write it."""

    @property
    def CAPABILITIES(self) -> frozenset[Capability]:  # noqa: N802 - the module's constant
        """What it can do beside the common things."""

    @property
    def BY_HAND(self) -> Mapping[Capability, str]:  # noqa: N802 - the module's constant
        """One sentence for each capability that it lacks."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A value of a kind's own section that it cannot do without, as `handoff init` asks for it."""

    key: str
    question: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of desk: how each of its doors is opened with a credential, and what is known without asking it.

    `calls` are those its adapter makes, with the names of fields as this section has them.
    """

    desk: Callable[[Line], HelpDesk]
    customers: Callable[[Line], CustomerBook]
    access: Callable[[Line], DeskAccess]
    limits: Limits
    calls: Callable[[Desk], Sequence[Call]]
    warnings: Callable[[Desk], tuple[str, ...]] = lambda _section: ()
    """What `handoff doctor` should say about the way this kind is set up, from the settings alone."""
    needed: Needed | None = None
