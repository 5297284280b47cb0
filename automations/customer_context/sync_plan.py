"""Sources against desk: what would change, in groups that people decide about, and what only they can settle. Pure.

What a change says, by the kind of its group:

* `added`: field, before and after are empty; `values` are all fields that were told, blank ones too, those `to_handoff`
  as well. Once verified, each of them is what was agreed on (`base`), also in a desk without customers, and is in force
  here where it does not live in the desk. That `base` is how the next sync knows that somebody said yes.
* `linked`: field is empty, before the reference that the desk shows (empty), after the account id. A conflict `differs`
  with an empty field is one between the account id and another reference in the desk.
* `changed`, `cleared`: one value of one field, in the desk or here as `comparing.in_desk` says.
* `suspended`, `resumed`: the field status. In the desk if the status lives there and `rules.gone` is suspended, else here
  alone. Whoever makes `resumed` true also takes `gone_since` away.

Each of them is settled by the pair (`after`, `before`) as source and desk value, under its account and field.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from automations.customer_context.rules import CustomerRules
from automations.customer_context.values import (
    Account,
    Conflict,
    DeskSide,
    RejectedRow,
    Remembered,
    Settled,
    SyncPlan,
)
from automations.desks import Capability


def plan(
    rules: CustomerRules,
    accounts: Mapping[str, Account],
    desk: Iterable[DeskSide] | None,
    remembered: Mapping[str, Remembered],
    settled: Mapping[tuple[str, str], Settled],
    *,
    whole: bool,
    can: frozenset[Capability],
    rejected: Iterable[RejectedRow],
    conflicts: Iterable[Conflict],
    now: datetime,
) -> SyncPlan:
    """Plan a sync. Equal inputs in any order give an equal plan.

    `whole`: this listing had every account; otherwise accounts that are not told are as `remembered` says, and
    `rejected` and `conflicts` hold the standing ones of accounts that were not told beside those of `gather`. `desk` is
    None for a desk that keeps no customers. Raises: Refused for a whole listing without any account.
    """
    raise NotImplementedError
