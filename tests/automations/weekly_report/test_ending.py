"""What ends a ticket: the settings' word, else the imported history's, else that it is solved."""

from dataclasses import replace
from pathlib import Path

from automations.adapters.builtin.import_mapping import ImportMapping
from automations.adapters.builtin.importing import import_tickets
from automations.failure_tickets import desk_facts
from automations.redact import Redactor
from automations.weekly_report.ending import open_until
from automations.weekly_report.request import OpenUntil
from storage.engine import Database
from tests.automations.failure_tickets.samples import context
from tests.report_terms import report_of
from tests.support import START, FakeClock, RecordingJobs

LOG = "id,at,activity\n1,2026-01-05T08:00:00Z,Closed\n"


def test_the_settings_then_the_history_then_the_usual(database: Database, tmp_path: Path) -> None:
    ctx = replace(report_of(context(FakeClock(), RecordingJobs())), open_until=None, desk_system="builtin")
    with database.read() as session:
        assert open_until(session, ctx) == "solved"
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    endings: tuple[OpenUntil | None, ...] = ("closed", None)
    for said in endings:  # a mapping that says nothing takes nothing back
        mapping = ImportMapping(rows="events", open_until=said)
        import_tickets(database, path, mapping, redactor=Redactor(), now=START)
    with database.read() as session:
        assert open_until(session, ctx) == "closed"
        assert open_until(session, replace(ctx, open_until="solved")) == "solved"
        assert open_until(session, replace(ctx, desk_system="zendesk")) == "solved"
        assert desk_facts.stale(session, "builtin", START), "what an import said is none of the facts read of a desk"
