"""A small real app for the page's tests: a case that can be claimed and reassigned, a command, a Home tab."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page
from slack_bolt import Ack, App
from slack_sdk import WebClient

from tests.bot.workspace.room import Room

Json = dict[str, Any]
OpenPage = Callable[..., Page]
"""Opens the page: `open_page(route, width=…, height=…, scheme=…)`."""
Keep = Callable[[Page, str], None]
"""Keeps a screenshot under a name."""

CHANNEL = "C_FAILURES"
HOSTILE = (
    "<script>window.hacked=1</script> <img src=x onerror='window.hacked=1'> <!channel> <http://x|y> *b* "
    "&lt;i&gt; &amp;amp; \u202egnp.exe\u202c "
)

WHAT = "*Invoice sync failed after 5 attempts*\n`billing-worker` could not reach the ledger."
SEEN = "Seen 5 times · first <!date^1795000000^{date_short} at {time}|recently> · queue billing"


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def button(text: str, action_id: str, **extra: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": "case-7", **extra}


def option(text: str, value: str) -> Json:
    """An option of a menu."""
    return {"text": plain(text), "value": value}


def case_blocks(state: str = "open", owner: str = "Support agents, nobody yet") -> list[Json]:
    """A case as the bot shows it: header, text, fields, small print, three buttons and the overflow menu."""
    first = {
        "open": button("Claim", "case.claim", style="primary"),
        "claimed": button("Resolve", "case.resolve", style="primary"),
        "resolved": button("Reopen", "case.reopen"),
    }[state]
    question = {
        "title": plain("Escalate this case?"), "text": mrkdwn("The lead on duty is mentioned in *#escalations*."),
        "confirm": plain("Escalate"), "deny": plain("Not now"),
    }  # fmt: skip
    escalate = button("Escalate", "case.escalate", style="danger", confirm=question)
    rest = [("Not needed", "not_needed"), ("Release", "release")]
    fields = [
        f"*Owner*\n{owner}", "*Customer*\nAcme GmbH (acct_42, enterprise)", "*Attempts*\n5, the last at 02:14",
        "*Ticket*\n<http://127.0.0.1:8080/tickets/981|T-981>, not verified yet",
    ]  # fmt: skip
    return [
        {"type": "header", "text": plain(f"Urgent · case 7 · {state}")},
        {"type": "section", "text": mrkdwn(WHAT)},
        {"type": "section", "fields": [mrkdwn(text) for text in fields]},
        {"type": "context", "elements": [mrkdwn(SEEN)]},
        {"type": "actions", "elements": [
            first, button("Reassign", "case.reassign"), escalate,
            {"type": "overflow", "action_id": "case.more", "options": [option(*one) for one in rest]},
        ]},
    ]  # fmt: skip


def post_case(room: Room) -> str:
    """Post a case that nobody has claimed; returns its ts."""
    return room.post(channel=CHANNEL, text="Urgent: Invoice sync failed (case 7)", blocks=case_blocks())


def reassign_modal(channel: str, ts: str) -> Json:
    """A modal with a person picker, a reason, and a few other inputs."""
    choices = [option(word, word.lower()) for word in ("Billing", "Platform", "Data")]
    person = {"type": "users_select", "placeholder": plain("Type a name")}
    queue = {"type": "static_select", "options": choices, "placeholder": plain("Choose a queue")}
    note = {"type": "plain_text_input", "multiline": True, "max_length": 1000}
    tell = {"type": "checkboxes", "options": choices[:2]}

    def field(name: str, label: str, element: Json, **extra: Any) -> Json:
        element = {"action_id": name, **element}
        return {"type": "input", "block_id": name, "label": plain(label), "element": element, **extra}

    return {
        "type": "modal",
        "callback_id": "reassign",
        "private_metadata": f"{channel}:{ts}",
        "title": plain("Reassign case 7"),
        "submit": plain("Reassign"),
        "close": plain("Cancel"),
        "blocks": [
            field("person", "New owner", person),
            field("queue", "Queue", queue, optional=True),
            field("note", "Why", note, hint=plain("The new owner reads this first.")),
            field("tell", "Tell", tell, optional=True),
        ],
    }


def install(app: App, clicks: list[Json]) -> None:
    """Let the app answer as the bot would; every click is noted in `clicks`."""

    def shown(client: WebClient, body: Json, state: str, owner: str) -> None:
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        client.chat_update(channel=channel, ts=ts, text=f"Case 7 is {state}", blocks=case_blocks(state, owner))

    @app.action("case.claim")
    def claim(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        clicks.append(body)
        shown(client, body, "claimed", f"<@{body['user']['id']}>")
        client.chat_postMessage(
            channel=body["channel"]["id"],
            thread_ts=body["message"]["ts"],
            text=f"<@{body['user']['id']}> claimed this case.",
        )

    @app.action("case.reassign")
    def reassign(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        clicks.append(body)
        client.views_open(
            trigger_id=body["trigger_id"], view=reassign_modal(body["channel"]["id"], body["message"]["ts"])
        )

    @app.action("case.escalate")
    @app.action("case.more")
    def note(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        clicks.append(body)
        client.chat_postEphemeral(
            channel=body["channel"]["id"],
            user=body["user"]["id"],
            text="Only the owner or a lead may do that. Owner: Support agents.",
        )

    @app.view("reassign")
    def reassigned(ack: Ack, body: Json, view: Json, client: WebClient) -> None:
        values = view["state"]["values"]
        if values["person"]["person"]["selected_user"] == body["user"]["id"]:
            ack(response_action="errors", errors={"person": "You own this case already. Choose somebody else."})
            return
        ack()
        channel, ts = view["private_metadata"].split(":")
        owner = values["person"]["person"]["selected_user"]
        client.chat_update(
            channel=channel, ts=ts, text="Case 7 is claimed", blocks=case_blocks("claimed", f"<@{owner}>")
        )

    @app.command("/support")
    def support(ack: Ack, command: Json) -> None:
        ack(f"*You asked for* `{command['text'] or 'help'}`: help, status, mine, cases")

    @app.event("app_home_opened")
    def home(event: Json, client: WebClient) -> None:
        welcome = f"Good morning, <@{event['user']}>. *2 cases* wait for you."
        blocks = [
            {"type": "header", "text": plain("Your cases")},
            {"type": "section", "text": mrkdwn(welcome), "accessory": button("Refresh", "home.refresh")},
            {"type": "divider"},
            {"type": "section", "fields": [mrkdwn("*Case 7*\nInvoice sync"), mrkdwn("*Case 9*\nNightly export")]},
        ]  # fmt: skip
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("message")
    @app.event("reaction_added")
    @app.event("reaction_removed")
    def ignored() -> None:
        """Seen and left alone."""
