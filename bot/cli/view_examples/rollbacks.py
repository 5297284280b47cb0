"""Runs that take back what failure tickets and triage did, as their card shows them; the undo of a run is in `runs`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.cli.view_examples.runs import AT, BOTH, run, shown, step

_OPEN: Final = tuple(
    replace(
        step(n, "case.withdraw", f"Withdraw CASE-{40 + n}: Nightly probe failed on host {n}"),
        before="open",
        after="withdrawn",
        undo=f"Open CASE-{40 + n} again",
    )
    for n in range(1, 19)
)
WITHDRAW: Final = run(
    id=14,
    kind="withdraw",
    automation="failure_tickets",
    title="Withdraw 18 cases of probe",
    subject=None,
    needed=1,
    why_two="",
    approvals=(),
    can_suspend_now=False,
    reason="The probe was pointed at the wrong hosts.",
    facts=(("Opened", "from 02:14 until 04:14"), ("Left", "2 worked on, 1 closed already")),
    warnings=(
        "Messages that were sent stay sent: people were told of these cases, and their tickets stay, closed.",
        "CASE-38 was claimed by Sam Okoro, so it is left.",
        "CASE-39 has a ticket that somebody changed in the desk, so it is left.",
    ),
    steps=_OPEN,
)
_BACK: Final = tuple(
    replace(
        step(n, "triage.restore", f"Ticket #{4710 + n} back to Support, high (TRIAGE-{10 + n}){more}"),
        before="Billing, high",
        after="Support, high",
        undo="",
    )
    for n, more in ((1, "; the priority stays, it had none before"), (2, ""))
)
RESTORE: Final = replace(
    WITHDRAW,
    id=15,
    kind="restore",
    automation="triage",
    title="Put back what triage applied to 2 tickets",
    reason="",
    facts=(("Applied", "from 02:14 until 04:14"), ("Only", "rule invoices"), ("Left", "1")),
    warnings=(
        "What is put back is not set again by an undo of this; people set a ticket's queue in the desk.",
        "Ticket #4713 (TRIAGE-13) was moved since: it is in Sales, normal, so it is left.",
    ),
    steps=_BACK,
)
_FAILED: Final = replace(_OPEN[2], state="failed", error="CASE-43 was claimed by Sam Okoro, so it was left as it is")

ROLLBACK_EXAMPLES: Final[Mapping[str, Callable[[], Mapping[str, Any]]]] = {
    "run_withdraw": lambda: shown(WITHDRAW, first_post=True),
    "run_withdraw_partial": lambda: shown(
        replace(
            WITHDRAW,
            state="partial",
            approvals=BOTH[:1],
            can_undo=True,
            steps=tuple(_FAILED if one.number == 3 else replace(one, state="verified", found_at=AT) for one in _OPEN),
        )
    ),
    "run_restore": lambda: shown(RESTORE, first_post=True),
}
"""Views by their golden files' names."""
