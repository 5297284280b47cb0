"""The team whose bot is tested: the demo's, with ten more channels so that many messages need not stand in one line."""

from dataclasses import replace
from pathlib import Path

from bot.manifest import manifest
from bot.workspace import AppConfig, Command, Seed, sample_app, sample_seed
from tests.bot.bot_room import team_file

TOKEN = "demo"
FAILURES, ESCALATIONS = "C_FAILURES", "C_ESCALATIONS"
ACCESS = "C_ACCESS"
"""Only leads are in it, so that a run about an agent has its card there."""
LANES = 10
PATIENT = 'burst_over = 100\nundo_for = "1s"\n'
"""Each case keeps a message of its own here, and a closing soon reaches the desk."""
CLAIMERS = ("U_AGENT1", "U_AGENT2", "U_AGENT3", "U_LEAD1", "U_LEAD2")


def source(lane: int, lanes: int = LANES) -> str:
    """The source whose cases go to channel number `lane`."""
    return f"lane-{lane % lanes}"


def channel(lane: int, lanes: int = LANES) -> str:
    return f"C_LANE{lane % lanes}"


def channels(lanes: int = LANES) -> tuple[str, ...]:
    """Where cases are posted."""
    return (FAILURES, ESCALATIONS, *(channel(n, lanes) for n in range(lanes)))


def seed(lanes: int = LANES) -> Seed:
    """The demo's workspace with a channel per lane, and no agent in the channel of access."""
    sample = sample_seed()
    agents = {"U_AGENT1", "U_AGENT2", "U_AGENT3"}
    first = sample.channels[0]
    more = [
        first | {"id": channel(n, lanes), "name": f"lane-{n}", "name_normalized": f"lane-{n}"} for n in range(lanes)
    ]
    given = [
        one | {"members": [id for id in one["members"] if id not in agents]} if one["id"] == ACCESS else one
        for one in sample.channels
    ]
    return replace(sample, channels=(*given, *more))


def app(request_url: str | None) -> AppConfig:
    """The sample app with the commands, scopes and events of the manifest."""
    made = manifest()
    return sample_app(
        request_url,
        commands=tuple(Command(row["command"], row["description"]) for row in made["features"]["slash_commands"]),
        scopes=tuple(made["oauth_config"]["scopes"]["bot"]),
        events=tuple(made["settings"]["event_subscriptions"]["bot_events"]),
    )


def write_settings(path: Path, lanes: int = LANES) -> Path:
    """The demo's settings with a channel and a rule per lane."""
    demo = team_file()
    channels = "".join(f'lane{n} = "{channel(n, lanes)}"\n' for n in range(lanes))
    rules = "".join(
        f'[[failure_tickets.rules]]\nname = "lane {n}"\nsource = "{source(n, lanes)}"\nchannel = "lane{n}"\n\n'
        for n in range(lanes)
    )
    assert demo.count("[channels]\n") == demo.count('[[failure_tickets.rules]]\nname = "billing"') == 1
    text = demo.replace("[channels]\n", f"[channels]\n{channels}")
    text = text.replace("[failure_tickets]\n", f"[failure_tickets]\n{PATIENT}")
    path.write_text(text.replace("[[failure_tickets.rules]]\n", f"{rules}[[failure_tickets.rules]]\n", 1), "utf-8")
    return path
