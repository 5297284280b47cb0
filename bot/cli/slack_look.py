"""Questions to Slack that only commands ask: about people by e-mail, and whether a view is right."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from automations.errors import AdapterError, Rejected
from bot.gateway import SlackGateway
from bot.settings import Settings
from bot.settings_file import secret
from bot.slack_errors import AppDisabled, TargetGone
from bot.slack_types import SlackUser

REAL_HOST = urlsplit(WebClient.BASE_URL).hostname


class SlackLook(SlackGateway):
    """The gateway with the questions that set-up and checks ask. Raises only errors of `automations.errors`."""

    def by_email(self, email: str) -> SlackUser | None:
        """The member with this address; None if there is none."""
        try:
            found = self.read("users.lookupByEmail", {"email": email})["user"]["id"]
        except TargetGone:
            return None
        return self.user(str(found))

    def faults_of(self, made: Mapping[str, Any]) -> list[str]:
        """What Slack's own validator says against a message or a view, a line each; empty if nothing.

        Raises: AdapterError if Slack could not be asked.
        """
        given = {"view": json.dumps(made)} if "type" in made else {"blocks": json.dumps(made["blocks"])}
        try:
            reply = self.read("blocks.validate", given)
        except Rejected as exc:
            refused_us = isinstance(exc, AppDisabled) or exc.code == "unknown_method"
            if refused_us or not isinstance(exc.__cause__, SlackApiError):
                raise
            return _faults(exc.__cause__.response.get("errors")) or [str(exc)]
        return _faults(reply.get("errors"))


def slack_look(settings: Settings, *, timeout_s: int = 10) -> SlackLook | None:
    """Slack, as far as the bot token opens it; None without a token. Raises: ConfigError for an unreadable file."""
    token = secret(settings.slack, "bot_token")
    return SlackLook(token, base_url=settings.slack.base_url, timeout_s=timeout_s) if token else None


def reached(slack: SlackLook | None) -> tuple[SlackLook | None, str, str]:
    """Slack with our team's id, or in words why it cannot be asked."""
    if slack is None:
        return None, "", "there is no bot token (HANDOFF_SLACK__BOT_TOKEN)"
    try:
        return slack, slack.auth_test().team_id, ""
    except AdapterError as exc:
        return None, "", str(exc)


def is_slacks_own(settings: Settings) -> bool:
    """True if the settings lead to Slack itself, which has a validator, not to a local workspace."""
    return urlsplit(settings.slack.base_url).hostname == REAL_HOST


def why_not_usable(user: SlackUser, team_id: str) -> str:
    """Say why this Slack user cannot be one of the team; empty if they can."""
    if user.deleted:
        return "this Slack user is deactivated"
    if user.is_bot:
        return "this is an app, not a person"
    if user.is_stranger or user.team_id != team_id:
        return "this is somebody of another organization"
    if user.is_restricted or user.is_ultra_restricted:
        return "guests may do nothing in Handoff"
    return ""


def _faults(errors: object) -> list[str]:
    if not isinstance(errors, list):
        return []
    return [
        " ".join(str(one[key]) for key in ("pointer", "message") if one.get(key)) if isinstance(one, dict) else str(one)
        for one in errors
    ]
