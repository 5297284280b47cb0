"""`handoff people erase`: the action log forgets whose address it was, and everything else stays."""

import json

from storage.engine import Database
from tests.bot.cli.conftest import Terminal
from tests.storage.test_audit import verdict, write

BEN = "ben@example.com"


def test_somebody_is_erased_and_the_chain_is_as_it_was(handoff: Terminal, database: Database) -> None:
    with database.begin() as session:
        write(session, actor=BEN, after={"owner": BEN})
    asked = handoff("people", "erase", BEN)
    assert (asked.code, asked.out) == (2, f"{BEN} would be an erased person in the action log. Do it: --yes\n")
    (row,) = [json.loads(line) for line in handoff("audit", "export", "--actor", BEN).out.splitlines()]
    alias = row["actor"]
    assert (alias.startswith("person-"), row["after"], row["names"]) == (True, {"owner": alias}, {alias: BEN})
    done = handoff("people", "erase", BEN.upper(), "--yes")
    assert done.code == 0
    assert f"is an erased person in the action log now ({alias})" in done.out
    number = alias.removeprefix("person-")
    listed = handoff("audit", "list", "--json").json
    assert listed[-2]["actor"] == f"erased person {number}"
    assert (listed[-1]["action"], listed[-1]["after"]) == ("people.erased", {"erased": 1})
    assert BEN not in handoff("audit", "export").out
    assert verdict(database).ok
    again = handoff("people", "erase", BEN, "--yes")
    assert again.code == 1
    assert f"The action log knows nobody as {BEN}. Nothing was changed." in again.err
