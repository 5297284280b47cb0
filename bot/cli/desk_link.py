"""`handoff people desk-link`: a personal link to the pages of the built-in desk."""

from typing import Annotated

import typer

from automations.errors import Refused
from bot.builtin_desk import open_builtin
from bot.cli.options import opened
from bot.cli.output import note, say
from bot.desk_door import OPEN_FOR, desk_door
from bot.parts import public_url


def desk_link(
    ctx: typer.Context, email: Annotated[str, typer.Argument(help="An active agent of the built-in desk.")]
) -> None:
    """Print a link with which one person may work on the built-in desk's pages, good for 12 hours."""
    with opened(ctx) as here:
        if here.settings.desk.kind != "builtin":
            raise Refused("Only the built-in desk has personal links; people sign in to their own desk there.")
        desk = open_builtin(here.settings, here.database, here.context.clock)
        agents = {agent.email.lower(): agent for agent in desk.agents() if agent.state == "active"}
        agent = agents.get(email.strip().lower())
        if agent is None:
            known = ", ".join(sorted(agents)) or "nobody yet; the bot adds the people of the settings when it starts"
            raise Refused(f"{email}: the built-in desk has no active agent with this address. It has: {known}.")
        token = desk_door(here.database, here.context.clock.now).link(agent.email)
    say(f"{public_url(here.settings)}/desk/enter?token={token}")
    note(f"Whoever opens it works in the desk as {agent.name}, for {OPEN_FOR.total_seconds() / 3600:.0f} hours.")
