"""How long the rows of every table are kept, after what, and the sweep that drops what is over.

Only what is settled goes: nothing that is open, waits for somebody, or that an open thing needs. The built-in desk's
own tables are the team's records and stay. The audit log goes only in whole exported segments (`storage.pruning`).
"""

from storage.retention.sweep import Sweep
from storage.retention.terms import Terms

__all__ = ["Sweep", "Terms"]
