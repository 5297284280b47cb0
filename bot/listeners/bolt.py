"""The Bolt app, made so that nothing is acknowledged before it is durable."""

from collections.abc import Callable
from dataclasses import dataclass, field

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who the bot is in Slack, as auth.test says."""

    team_id: str
    bot_user_id: str
    bot_id: str
    bot_token: str = field(repr=False)


def make_bolt(base_url: str, identity: Callable[[], BotIdentity], *, timeout_s: int = 10) -> App:
    """Make the Bolt app. It runs a listener to its end before it answers Slack, in Socket Mode as over HTTP.

    Args: `base_url` ends with a slash; `identity` says who the bot is, without a call to Slack (Bolt's own middleware
    would make one in the middle of a click, and acknowledge the payload if that fails). If it raises, nothing is
    acknowledged. Signatures are checked in front of Bolt, by `bot.guard`; the client repeats nothing by itself.
    """

    def authorize() -> AuthorizeResult:
        bot = identity()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=bot.team_id,
            bot_user_id=bot.bot_user_id,
            bot_id=bot.bot_id,
            bot_token=bot.bot_token,
        )

    return App(
        name="handoff",
        client=WebClient(base_url=base_url, timeout=timeout_s, retry_handlers=[]),
        authorize=authorize,
        process_before_response=True,
        token_verification_enabled=False,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=True,
        attaching_function_token_enabled=False,
    )
