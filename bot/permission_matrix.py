"""Which role each interaction in Slack needs: the one table of it."""

from collections.abc import Mapping

from automations.domain import Role
from bot.grammar import SupportVerb
from bot.grammar_customers import CustomersVerb
from bot.wire import CaseAct, GroupAct, Shortcut
from bot.wire_customers import CHANGES_FORMS, CONFLICT_FORMS, ChangesAct, ConflictAct, ListAct
from bot.wire_escalation import ESCALATION_FORMS, EscalationAct
from bot.wire_report import ReportAct, ReportForm
from bot.wire_runs import AccessForm, FindingAct, RunAct
from bot.wire_stuck import STUCK_FORMS, StuckAct
from bot.wire_triage import TriageAct

_WITH_FORM = (
    CaseAct.REASSIGN,
    CaseAct.ESCALATE,
    CaseAct.SNOOZE,
    CaseAct.RESOLVE,
    CaseAct.NOT_NEEDED,
    CaseAct.TICKET_FOUND,
    CaseAct.TICKET_ABSENT,
)
MATRIX: Mapping[str, Role | None] = {
    **{f"action {act}": Role.AGENT for act in CaseAct},
    **{f"form {act}": Role.AGENT for act in _WITH_FORM},
    **{f"action {act}": Role.AGENT for act in GroupAct},
    f"form {GroupAct.RESOLVE_ALL}": Role.AGENT,
    **{f"{kind} {name}": Role.AGENT for name in Shortcut for kind in ("shortcut", "form")},
    **{f"command {verb}": Role.AGENT for verb in SupportVerb},
    **{f"action {act}": Role.AGENT for act in StuckAct},
    **{f"form {act}": Role.AGENT for act in STUCK_FORMS},
    "command stuck": Role.AGENT,
    "command report": Role.AGENT,
    **{f"action {act}": Role.AGENT for act in ReportAct},
    f"form {ReportForm.ASK}": Role.AGENT,
    **{f"action {act}": Role.AGENT for act in EscalationAct if act is not EscalationAct.ESCALATE_TICKET},
    **{f"form {act}": Role.AGENT for act in ESCALATION_FORMS},
    **{f"action {act}": Role.AGENT for act in TriageAct},
    f"form {TriageAct.CHANGE}": Role.AGENT,
    **{f"command {word}": Role.LEAD for word in ("provision", "offboard", "reconcile", "undo")},
    **{f"form {form}": Role.LEAD for form in AccessForm},
    **{f"action {act}": Role.LEAD for act in (*RunAct, *FindingAct)},
    f"action {RunAct.DONE_BY_HAND}": Role.AGENT,
    **{f"form {act}": Role.LEAD for act in (RunAct.SUSPEND_NOW, RunAct.ON_DUTY, FindingAct.KEEP, FindingAct.PASS_TO)},
    "command customers": Role.AGENT,
    **{f"command customers {verb}": Role.LEAD for verb in (CustomersVerb.SYNC, CustomersVerb.ROLLBACK)},
    **{f"action {act}": Role.LEAD for act in (*ChangesAct, *ConflictAct, ListAct.DISMISS)},
    **{f"action {act}": Role.AGENT for act in (ChangesAct.DETAILS, ConflictAct.MERGE, ListAct.PAGE, ListAct.PAGE_BACK)},
    **{f"form {act}": Role.LEAD for act in (*CHANGES_FORMS, *CONFLICT_FORMS)},
    f"command {SupportVerb.PAUSE}": Role.LEAD,
    f"command {SupportVerb.RESUME}": Role.LEAD,
    f"command {SupportVerb.HELP}": None,
    "reaction claim": Role.AGENT,
    "reaction release": Role.AGENT,
    "reaction resolve": Role.AGENT,
    "reaction escalate": Role.AGENT,
    "event app_mention": None,
    "event app_home_opened": None,
}
"""What each interaction needs; None: any full member of this workspace. Without a row nothing can be registered.

Finer rules (the subject of a run never decides, a second person where two are needed, a step's owner, only leads post
a report for others or have triage measured) are in the acts.
"""
