"""What `handoff doctor` finds in the identity source: whether it answers, and whether its list can be believed."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from automations.errors import AdapterError, ConfigError
from bot.cli.finding import Finding, ok, problem, warning
from bot.identity import open_identity
from bot.parts import SystemClock
from bot.settings import Settings
from storage.engine import Database

AREA = "identity"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_identity(settings: Settings, database: Database) -> Iterator[Finding]:
    """Read everybody once, as a reconciliation does."""
    section = settings.identity
    try:
        source = open_identity(settings, database, SystemClock())
        if source is None:
            yield ok(AREA, "No identity source is set: nobody is compared with the company's people.")
            return
        people = source.people()
    except (ConfigError, AdapterError) as exc:
        yield problem(AREA, str(exc), "Until then nobody can be compared with the company's people.")
        return
    active = sum(one.active for one in people)
    groups = len({group for one in people for group in one.groups})
    where = section.url if section.kind == "scim" else section.path
    yield ok(AREA, f"{where} tells of {len(people)} people, {active} of them active, in {groups} groups.")
    if nameless := [one.id for one in people if one.active and not one.email]:
        shown = ", ".join(nameless[:5]) + (", …" if len(nameless) > 5 else "")
        words = f"{len(nameless)} active people have no mail address there: {shown}."
        yield warning(AREA, words, "They cannot be compared with anybody; give them one.")
    if section.at_least == 1:
        words = "identity.at_least is not set: only an empty list is refused, not one that lost most people."
        yield warning(AREA, words, f"Set it a little below the {len(people)} there are now.")
    parts = urlsplit(section.url or "")
    if section.kind == "scim" and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        yield warning(AREA, f"{section.url} is not encrypted: others on the way read identity.token.", "Use https.")
