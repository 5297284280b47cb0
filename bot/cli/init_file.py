"""The settings file that `handoff init` writes: short, commented, and accepted as it is."""

import json
from dataclasses import dataclass

from bot.settings import Team
from bot.settings_desks import Desk

_FILL_IN = "  # <- fill in"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the file is made from. As it stands: places that somebody has to fill in."""

    zone: str = Team().zone
    desk: str = Desk().kind
    desk_named: tuple[str, str] = ("", "")
    desk_url: str = ""
    desk_requester: str = ""
    failures: str = "C0000000000"
    escalations: str = "C0000000000"
    agent: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()
    owner_email: str = "you@example.com"
    owner_name: str = "Your Name"
    owner_slack: str = ""


def written(answers: Answers) -> str:
    """The file's text, under 40 lines. Answers that were left as they are get a mark."""
    blank = Answers()

    def mark(field: str) -> str:
        return _FILL_IN if getattr(answers, field) in ((), getattr(blank, field)) and field != "zone" else ""

    elsewhere = answers.desk != blank.desk
    secrets = "   HANDOFF_DESK__TOKEN   (for tickets)" if elsewhere else ""
    key, named = answers.desk_named
    reached = (
        f"\nurl = {_quoted(answers.desk_url)}"
        f"\nrequester = {_quoted(answers.desk_requester)}  # requests the tickets; never a customer's address"
        f"{f'{chr(10)}{answers.desk}.{key} = {_quoted(named)}' if key else ''}"
    )
    slack = f"\nslack = {_quoted(answers.owner_slack)}" if answers.owner_slack else ""
    return f"""\
# Handoff's settings. `handoff doctor` checks them, handoff.example.toml explains every key.
# Secrets stay out of this file. Set them in the environment:
#   HANDOFF_SLACK__BOT_TOKEN   xoxb-…   HANDOFF_SLACK__APP_TOKEN   xapp-…
#   HANDOFF_INGEST__TOKENS     source=token, …   (who may report failures){secrets}

[team]
zone = {_quoted(answers.zone)}  # in which people read times

[desk]
kind = {_quoted(answers.desk)}  # where tickets are opened{reached if elsewhere else ""}

[channels]  # Slack ids; invite Handoff to each
failures = {_quoted(answers.failures)}{mark("failures")}
escalations = {_quoted(answers.escalations)}{mark("escalations")}

[roles]  # Slack user ids (U…) or user group ids (S…); each role includes the one before
agent = {_listed(answers.agent)}
lead = {_listed(answers.lead)}{mark("lead")}
admin = {_listed(answers.admin)}

[hours]  # at other times only urgent cases mention anybody; leave it out if your team always works
days = ["Mon", "Tue", "Wed", "Thu", "Fri"]
start = "09:00"
end = "17:00"

[failure_tickets]
default_owner = {_quoted(answers.owner_email)}  # owns what no rule names an owner for
escalate_after = "4h"  # unclaimed for this long: escalated

# [[failure_tickets.rules]]  # the first rule that matches decides: name = "billing", source = "billing-*", …
# queue = "Billing"

[[people]]  # everybody who may own a case; equal e-mail addresses join Slack and desk, else name `slack` and `desk`
name = {_quoted(answers.owner_name)}{mark("owner_name")}
email = {_quoted(answers.owner_email)}{mark("owner_email")}{slack}
"""


def _quoted(text: str) -> str:
    """A basic string of TOML, whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False)


def _listed(items: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, items))}]"
