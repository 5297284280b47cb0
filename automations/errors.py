"""The error tree. Every message is written for a person: what happened, to what, and what to do next.

HandoffError
├── Refused            a rule, a role or the present state says no; nothing was changed
├── NotFound           the thing named does not exist
├── ConfigError        settings are wrong; names file, key and what is allowed
└── AdapterError       an outside system; `system` names it
    ├── Unavailable    not done; try again, after `retry_after_s` if it is set
    │   └── OverBudget not even asked, since our own limit was used up; no failure of the system and no try of the job
    ├── OutcomeUnknown may have been done; look up by our own key before repeating
    └── Rejected       not done and will not be; a person has to act
"""


class HandoffError(Exception):
    """Base of all errors that carry a message for a person."""


class Refused(HandoffError):
    """A rule, a role or the present state says no. Nothing was changed."""


class NotFound(HandoffError):
    """The thing named does not exist."""


class ConfigError(HandoffError):
    """Settings are missing or wrong. Names the file, the key and what is allowed; never a secret."""


class AdapterError(HandoffError):
    """An outside system did not do what it was asked. `system` names it."""

    def __init__(self, message: str, *, system: str) -> None:
        super().__init__(message)
        self.system = system


class Unavailable(AdapterError):
    """Not done, and worth another try. `retry_after_s` is what the system asked us to wait, in seconds."""

    def __init__(self, message: str, *, system: str, retry_after_s: float | None = None) -> None:
        super().__init__(message, system=system)
        self.retry_after_s = retry_after_s


class OverBudget(Unavailable):
    """Not even asked: our own limit on calls is used up for `retry_after_s` seconds. It counts as no try."""


class OutcomeUnknown(AdapterError):
    """The request left, no answer came: it may have been done. Look up by our own key before repeating.

    `settle_s` is how long what was sent may still be under way: looking earlier may find nothing, and mean nothing.
    """

    def __init__(self, message: str, *, system: str, settle_s: float | None = None) -> None:
        super().__init__(message, system=system)
        self.settle_s = settle_s


class Rejected(AdapterError):
    """Not done, and a repeat would fail again. `code` is the system's own word for why."""

    def __init__(self, message: str, *, system: str, code: str = "") -> None:
        super().__init__(message, system=system)
        self.code = code
