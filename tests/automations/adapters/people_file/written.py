"""People files as other systems write them."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from automations.access_ports import IdentitySource
from automations.adapters.people_file.source import PeopleFile
from tests.identity.people import Somebody

HEADER = ("id", "email", "name", "active", "groups", "title")


def as_rows(people: Sequence[Somebody]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"e-{one.email}",
            "email": one.email,
            "name": one.name,
            "active": one.active,
            "groups": list(one.groups),
            "title": one.title,
        }
        for one in people
    ]


def as_csv(people: Sequence[Somebody], end: str = "\r\n") -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end)
    writer.writerow(HEADER)
    for row in as_rows(people):
        writer.writerow([*(row[name] for name in HEADER[:4]), ";".join(row["groups"]), row["title"]])
    return out.getvalue()


def as_json(people: Sequence[Somebody]) -> str:
    return json.dumps(as_rows(people), indent=1)


@dataclass
class Written:
    """A file that is written anew whenever somebody comes or goes."""

    path: Path
    now: tuple[Somebody, ...] = ()

    def source(self, *, at_least: int = 1) -> IdentitySource:
        return PeopleFile(self.path, lambda: datetime.now(UTC), at_least=at_least)

    def people(self, *people: Somebody) -> None:
        self.now = people
        text = as_csv(people) if self.path.suffix == ".csv" else as_json(people)
        self.path.write_text(text, encoding="utf-8", newline="")

    def deactivate(self, email: str) -> None:
        self.people(*(replace(one, active=False) if one.email == email else one for one in self.now))

    def delete(self, email: str) -> None:
        self.people(*(one for one in self.now if one.email != email))
