"""What each automation's modes are: which it knows, what they mean in words, and why one is refused."""

from typing import Final

from automations.customer_context.context import AUTOMATION as CUSTOMERS
from automations.domain import Mode
from automations.errors import Refused
from automations.escalation.context import NAME as ESCALATION
from automations.escalation.watch import MODES as ESCALATION_MODES
from automations.failure_tickets import shadow
from automations.triage.bar import why_not_auto
from automations.triage.context import NAME as TRIAGE
from automations.weekly_report.asking import MODES as REPORT_MODES
from automations.weekly_report.asking import NAME as REPORT
from bot.cli.automation_rows import ACCESS
from bot.cli.options import Opened
from bot.cli.report_making import reports_of
from bot.cli.run_opened import customers_of, runs_of
from bot.cli.watch_opened import escalation_of, triage_of

MODES: Final[dict[str, tuple[Mode, ...]]] = {
    ACCESS: (Mode.OFF, Mode.SHADOW, Mode.ASK),
    CUSTOMERS: (Mode.OFF, Mode.SHADOW, Mode.ASK),
    ESCALATION: ESCALATION_MODES,
    shadow.NAME: (Mode.OFF, Mode.SHADOW, Mode.AUTO),
    TRIAGE: tuple(Mode),
    REPORT: REPORT_MODES,
}
"""The automations there are, and the modes each knows."""

WORDS: Final = {
    ACCESS: {
        Mode.OFF: "plans nothing and changes nothing",
        Mode.SHADOW: "shows what it would do and changes nothing",
        Mode.ASK: "changes what people have confirmed",
    },
    CUSTOMERS: {
        Mode.OFF: "reads no sources and changes nothing",
        Mode.SHADOW: "shows what it would change and changes nothing",
        Mode.ASK: "changes the groups that people have approved",
    },
    ESCALATION: {
        Mode.OFF: "looks at nothing and calls nobody",
        Mode.SHADOW: "says once a day what it would have done and calls nobody",
        Mode.AUTO: "brings tickets and cases before people",
    },
    shadow.NAME: {
        Mode.OFF: "records failures and does nothing",
        Mode.SHADOW: "says what it would do and does nothing",
        Mode.AUTO: "acts by itself",
    },
    TRIAGE: {
        Mode.OFF: "decides nothing",
        Mode.SHADOW: "shows what it would decide and changes nothing",
        Mode.ASK: "proposes, and changes what people apply",
        Mode.AUTO: "sets queue and priority by itself",
    },
    REPORT: {
        Mode.OFF: "posts nothing by the clock",
        Mode.SHADOW: "shows its owner alone what it would post",
        Mode.AUTO: "posts by the clock",
    },
}
WHY_NOT: Final = {
    ACCESS: "whoever may work in the desk is decided by people, each time",
    CUSTOMERS: "every group of changes is approved by a person",
    ESCALATION: "nobody is asked before somebody is called",
}


def as_set(here: Opened, name: str, wanted: Mode) -> Mode:
    """The mode of the settings. Raises: Refused if what the wanted mode needs is not there."""
    if name == ACCESS:
        return runs_of(here).mode
    if name == CUSTOMERS:
        return customers_of(here).mode
    if name == REPORT:
        report = reports_of(here)
        _needs_channel(wanted is Mode.AUTO, report.channel, "reports", "report", here.settings.report.channel)
        return report.mode
    if name == ESCALATION:
        escalation, place = escalation_of(here), here.settings.escalation.channel
        _needs_channel(wanted is not Mode.OFF, escalation.channel, "escalations", name, place)
        return escalation.mode
    if name == TRIAGE:
        triage = triage_of(here)
        _needs_channel(wanted is not Mode.OFF, triage.channel, "triage", name, here.settings.triage.channel)
        if wanted is not Mode.OFF and not triage.rules.intents:
            raise Refused("There are no [[triage.intents]], so nothing could be decided. Nothing was changed.")
        _passes(here, wanted)
        return triage.mode
    return here.context.mode


def _passes(here: Opened, wanted: Mode) -> None:
    """Raises: Refused for a mode auto that history does not allow."""
    if wanted is not Mode.AUTO:
        return
    with here.database.read() as session:
        why = why_not_auto(session, triage_of(here))
    if why:
        raise Refused(
            f"Triage may not act by itself: {why}. `handoff triage evaluate FILE` measures it against the bar under "
            "[triage.bar]. Nothing was changed."
        )


def _needs_channel(needed: bool, channel: str, what: str, section: str, name: str) -> None:
    if needed and not channel:
        raise Refused(
            f"There is no channel {name!r} under [channels] for {what}. Name it there, or another one in "
            f"{section}.channel. Nothing was changed."
        )
