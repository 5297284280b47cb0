"""The demo's list of customers, a file in its data folder: what the sales team has sold to whom."""

import csv
import io
from pathlib import Path
from typing import Final

CUSTOMERS: Final = "customers.csv"
"""The source of customers of the demo, in its data folder."""
ACCOUNT: Final = "account"
PLAN: Final = "plan"


def sell(folder: Path, account: str, plan: str) -> str:
    """Let a customer have another plan from now on. The one before. Raises: ValueError if there is no such customer.

    The file is replaced as a whole, so that nobody reads half of it.
    """
    path = folder / CUSTOMERS
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next((one for one in rows if one[ACCOUNT] == account), None)
    if row is None:
        raise ValueError(f"{account} is no customer of the demo")
    before, row[PLAN] = row[PLAN], plan
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    fresh = path.with_suffix(".new")
    fresh.write_text(text.getvalue(), encoding="utf-8")
    fresh.replace(path)
    return before
