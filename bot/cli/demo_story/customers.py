"""The sales team's list against the desk: a conflict settled by a click, and a tier that rises once a lead agrees."""

from collections.abc import Iterator

from bot.cli.demo_story.scene import Scene
from bot.cli.demo_story.stage import Json, Stage, expect, values

CUSTOMERS = "C_CUSTOMERS"
MARA = "U_LEAD1"
QUARRY, TANDEM = "demo-quarry-tools", "demo-tandem-cycles"
SEEN_S = 60.0
"""How long a sync and what it brings may take on a busy machine."""


def _play(stage: Stage) -> Iterator[str]:
    stage.show(user=MARA, channel=CUSTOMERS)
    first = _sync(stage)
    stage.show(user=MARA, channel=CUSTOMERS, message=first["ts"])
    yield f"Mara asked for a sync: {first['text']}. Nothing in the desk has changed"
    _by_hand(stage)
    plan = "Starter" if stage.act("demo/sell", account=TANDEM, plan="Premium")["before"] == "Premium" else "Premium"
    stage.act("demo/sell", account=TANDEM, plan=plan)
    second = _sync(stage)
    stage.show(user=MARA, channel=CUSTOMERS, message=second["ts"])
    expect("Decides: Which promise a ticket has" in str(second), "the decision of the tier is not in the message")
    yield f"The sales team sold {plan} to Tandem Cycles: one line says so, with what it decides"
    stage.pause()
    by_hand = _take(stage)
    _approve(stage, second["ts"], plan.lower())
    _wait_for(stage, QUARRY, "business")
    empty = "the word that nothing is left to decide"
    stage.until(lambda: stage.messages("Nothing left to decide", CUSTOMERS), empty, wait_s=SEEN_S)
    yield f"Somebody had made Quarry Tools {by_hand} by hand: one click takes what the list says, read back"
    _wait_for(stage, TANDEM, plan.lower())
    stage.show(user=MARA, channel=CUSTOMERS, message=second["ts"])
    stage.until(lambda: stage.messages("🟢 Applied", CUSTOMERS), "the group, read back", wait_s=SEEN_S)
    yield f"Mara approved that line alone: the desk has {plan.lower()}, read back; open tickets keep their promise"


def _sync(stage: Stage) -> Json:
    """Ask for a sync, and its message once there is one."""
    before = {one["ts"] for one in stage.messages(channel=CUSTOMERS)}
    stage.act("command", user=MARA, channel=CUSTOMERS, command="/support-customers", text="")

    def look() -> Json | None:
        found = [one for one in stage.messages("unchanged", CUSTOMERS) if one["ts"] not in before]
        return found[0] if found else None

    return stage.until(look, "the message of the sync", wait_s=SEEN_S)


def _by_hand(stage: Stage) -> None:
    """Somebody in the desk gives a customer a tier that the sales team's list does not say."""
    seen = stage.act("demo/account", account=QUARRY)["tier"]
    stage.act("demo/account", account=QUARRY, tier="starter" if seen != "starter" else "enterprise")


def _take(stage: Stage) -> str:
    """Let Mara take what the list says of a customer. What the desk had until then."""
    by_hand = str(stage.act("demo/account", account=QUARRY)["tier"])
    ledger, value = stage.until(lambda: _conflict(stage), "the conflict", wait_s=SEEN_S)
    expect(by_hand in str(ledger), "the desk's value is not in the list")
    stage.show(user=MARA, channel=CUSTOMERS, message=ledger["ts"])
    stage.pause()
    _press(stage, ledger["ts"], "conflict.take_source", value)
    return by_hand


def _approve(stage: Stage, ts: str, tier: str) -> None:
    """Let Mara approve the group that brings a tier; where open tickets would change, without the tick."""
    value = next(value for above, value in _buttons(stage, ts) if f"→ {tier}" in above)
    _press(stage, ts, "group.approve", value)
    form = stage.until(lambda: _form_or_done(stage), "the form of Approve, or a yes", wait_s=SEEN_S)
    if "id" in form:
        stage.act("submit", user=MARA, view_id=form["id"], values={"open_too": []})
        stage.pause()
        stage.act("close", user=MARA, view_id=form["id"])


def _wait_for(stage: Stage, account: str, tier: str) -> None:
    here = f"the tier {tier} in the desk"
    stage.until(lambda: stage.act("demo/account", account=account)["tier"] == tier, here, wait_s=SEEN_S)


def _conflict(stage: Stage) -> tuple[Json, str] | None:
    """The living list, and what its button about the customer carries."""
    for message in stage.messages("to decide", CUSTOMERS):
        if "Quarry Tools" in str(message):
            found = [one for one in values(message) if ":take_source:" in one and one.startswith("conflict:")]
            return (message, found[0]) if found else None
    return None


def _buttons(stage: Stage, ts: str) -> Iterator[tuple[str, str]]:
    """What each Approve of a sync's message stands below, and what it carries."""
    (message,) = [one for one in stage.messages(channel=CUSTOMERS) if one["ts"] == ts]
    above = ""
    for block in message["blocks"]:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            if element["action_id"] == "group.approve":
                yield above, element["value"]
        above = str(block)


def _form_or_done(stage: Stage) -> Json | None:
    """The form, where open tickets would change; else what Mara was told."""
    views: list[Json] = stage.slack.get("/_control/views", params={"user": MARA}).json()["views"]
    form = next((one for one in reversed(views) if one["callback_id"] == "group.approve"), None)
    return form or stage.private(MARA, "carries it out")


def _press(stage: Stage, ts: str, action: str, value: str) -> None:
    stage.act("click", user=MARA, channel=CUSTOMERS, ts=ts, action_id=action, value=value)


SCENE = Scene(
    id="customers",
    title="Who the customers are",
    what="The sales team's list and the desk disagree, and a customer buys more; a lead settles both.",
    look="Each change in a line with what it decides, both values of a conflict; a lead says yes first.",
    play=_play,
)
