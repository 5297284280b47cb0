"""Refusals: one for Slack's Web API, one for the control API."""

from bot.workspace.model import Json


class SlackRefusal(Exception):
    """A Web API call refused with Slack's `error` string; `extra` joins the body (needed, response_metadata …)."""

    def __init__(
        self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **extra: object
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> Json:
        """The answer's JSON, always with `ok: false`."""
        return {"ok": False, "error": self.error, **self.extra}


class ActRefused(Exception):
    """An act of a person that the workspace does not let happen, such as a click on a button that is not there."""

    def __init__(self, error: str, *, status: int = 400, **extra: object) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.extra = extra

    def body(self) -> Json:
        """The control API's answer."""
        return {"ok": False, "error": self.error, **self.extra}
