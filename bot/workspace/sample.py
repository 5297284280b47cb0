"""The demo's team: people, channels and groups with the ids that scripts and tests rely on."""

from bot.workspace.model import AppConfig, Command, Json, Seed, Shortcut

TEAM_ID = "T_SAMPLE"
OTHER_TEAM_ID = "T_OUTSIDE"
CREATED = 1_750_000_000  # a fixed past instant, so that seeding is repeatable

SAMPLE_SCOPES = (
    "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "commands", "files:read",
    "files:write", "groups:history", "groups:read", "im:history", "im:write", "metadata.message:read", "reactions:read",
    "reactions:write",
    "team:read", "usergroups:read", "users:read", "users:read.email",
)  # fmt: skip
SAMPLE_EVENTS = ("app_home_opened", "app_mention", "member_joined_channel", "reaction_added", "reaction_removed")
SAMPLE_COMMANDS = (
    Command("/support", "Cases, on-duty people and help", "help | status | mine | cases"),
    Command("/support-provision", "Give somebody access to the desk", "@person or e-mail, role, groups"),
    Command("/support-offboard", "Take somebody's access away", "@person or e-mail, to @successor"),
    Command("/support-customers", "Customers: what a sync would change, and conflicts", "sync | list | conflicts"),
    Command("/support-reconcile", "Compare who is in the desk with who works here", "status"),
)
SAMPLE_SHORTCUTS = (
    Shortcut("Create case", "message.create_case", "Open a case with this message"),
    Shortcut("Add as internal note", "message.add_note", "Add to case as internal note"),
    Shortcut("Escalate", "message.escalate", "Bring this before a lead"),
)


def _person(id: str, name: str, real_name: str, title: str, color: str, **marks: object) -> Json:
    first, _, last = real_name.partition(" ")
    profile: Json = {
        "real_name": real_name, "real_name_normalized": real_name, "display_name": name,
        "display_name_normalized": name, "email": f"{name}@example.com", "title": title, "first_name": first,
        "last_name": last, "phone": "", "skype": "", "fields": {}, "team": TEAM_ID, "avatar_hash": f"g{color}",
        "status_text": "", "status_text_canonical": "", "status_emoji": "", "status_emoji_display_info": [],
        "status_expiration": 0,
    } | {f"image_{size}": "" for size in (24, 32, 48, 72, 192, 512)}  # fmt: skip
    base: Json = {
        "id": id, "team_id": TEAM_ID, "name": name, "real_name": real_name, "deleted": False, "color": color,
        "tz": "Europe/Berlin",
        "tz_label": "Central European Time", "tz_offset": 3600, "profile": profile, "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False, "is_restricted": False, "is_ultra_restricted": False, "is_bot": False,
        "is_app_user": False,
        "is_email_confirmed": True, "locale": "en-US", "who_can_share_contact_card": "EVERYONE", "updated": CREATED,
    }  # fmt: skip
    return {**base, **marks}


def _channel(id: str, name: str, topic: str, members: list[str]) -> Json:
    return {
        "id": id, "name": name, "name_normalized": name, "is_channel": True, "is_group": False, "is_im": False,
        "is_mpim": False,
        "is_private": False, "is_archived": False, "is_general": False, "is_shared": False, "is_ext_shared": False,
        "is_org_shared": False, "created": CREATED, "creator": "U_ADMIN", "members": members,
        "topic": {"value": topic, "creator": "U_ADMIN", "last_set": CREATED},
        "purpose": {"value": topic, "creator": "U_ADMIN", "last_set": CREATED},
    }  # fmt: skip


def _group(id: str, handle: str, name: str, users: list[str]) -> Json:
    return {
        "id": id, "team_id": TEAM_ID, "is_usergroup": True, "is_subteam": True, "is_external": False,
        "handle": handle, "name": name,
        "description": "", "date_create": CREATED, "date_update": CREATED, "date_delete": 0, "created_by": "U_ADMIN",
        "updated_by": "U_ADMIN", "deleted_by": None, "users": users, "user_count": len(users),
        "prefs": {"channels": [], "groups": []}, "auto_provision": False,
    }  # fmt: skip


def sample_seed() -> Seed:
    """Two leads, three agents, an admin, a guest, a person of another organization and the bot; six channels."""
    bot = _person("U_HANDOFF", "handoff", "Handoff", "", "3d5a80", is_bot=True)
    bot["profile"].pop("email")
    users = (
        _person("U_LEAD1", "mara.lind", "Mara Lind", "Support lead", "9b5de5"),
        _person("U_LEAD2", "tomas.berg", "Tomas Berg", "Support lead", "2a9d8f"),
        _person("U_AGENT1", "ines.holt", "Ines Holt", "Support agent", "e76f51"),
        _person("U_AGENT2", "ravi.nair", "Ravi Nair", "Support agent", "457b9d"),
        _person("U_AGENT3", "june.adler", "June Adler", "Support agent", "bc6c25"),
        _person("U_ADMIN", "sam.okoro", "Sam Okoro", "Operations", "6d597a", is_admin=True),
        _person("U_GUEST", "guest.kim", "Kim Vogt", "Contractor", "8d99ae", is_restricted=True),
        _person("U_OUTSIDE", "lee.park", "Lee Park", "Partner", "588157", is_stranger=True, team_id=OTHER_TEAM_ID),
        bot,
    )
    everyone = [user["id"] for user in users]
    inside = [id for id in everyone if id not in {"U_GUEST", "U_OUTSIDE"}]
    channels = (
        _channel("C_FAILURES", "failures", "Application failures that need a person", everyone),
        _channel("C_ESCALATIONS", "escalations", "Cases that need a lead", inside),
        _channel("C_REPORTS", "reports", "Weekly queue reports", inside),
        _channel("C_TRIAGE", "triage", "Where tickets belong", inside),
        _channel("C_CUSTOMERS", "customers", "Who the customers are", inside),
        _channel("C_ACCESS", "access", "Joiners, movers, leavers", inside),
    )
    usergroups = (
        _group("S_AGENTS", "support-agents", "Support agents", ["U_AGENT1", "U_AGENT2", "U_AGENT3"]),
        _group("S_LEADS", "support-leads", "Support leads", ["U_LEAD1", "U_LEAD2"]),
        _group("S_ADMINS", "support-admins", "Support admins", ["U_ADMIN"]),
    )
    team = {"id": TEAM_ID, "name": "Sample team", "domain": "handoff-local", "email_domain": "example.com"}
    return Seed(team=team, users=users, channels=channels, usergroups=usergroups)


def crowded_seed() -> Seed:
    """The sample team beside those whom real workspaces have, too.

    Somebody who left and is still in a group, a guest of one channel, a channel shared with another organization, a
    user group that was switched off.
    """
    sample = sample_seed()
    gone = _person("U_FORMER", "nils.brand", "Nils Brand", "Support agent", "90be6d", deleted=True)
    single = _person(
        "U_SINGLE", "ada.roth", "Ada Roth", "Vendor", "f4a261", is_restricted=True, is_ultra_restricted=True
    )
    marks = {"is_shared": True, "is_ext_shared": True}
    shared = _channel("C_PARTNERS", "partners", "With the partner", ["U_LEAD1", "U_OUTSIDE", "U_HANDOFF"]) | marks
    first, *others = sample.channels
    off = _group("S_NIGHT", "night-shift", "Night shift", ["U_AGENT1"]) | {
        "date_delete": CREATED, "deleted_by": "U_ADMIN",
    }  # fmt: skip
    agents, *groups = sample.usergroups
    return Seed(
        team=sample.team,
        users=(*sample.users, gone, single),
        channels=({**first, "members": [*first["members"], "U_SINGLE"]}, *others, shared),
        usergroups=({**agents, "users": [*agents["users"], "U_FORMER"], "user_count": 4}, *groups, off),
    )


def sample_app(
    request_url: str | None = None,
    *,
    commands: tuple[Command, ...] = SAMPLE_COMMANDS,
    scopes: tuple[str, ...] = SAMPLE_SCOPES,
    events: tuple[str, ...] = SAMPLE_EVENTS,
    shortcuts: tuple[Shortcut, ...] = SAMPLE_SHORTCUTS,
) -> AppConfig:
    """The app of the demo. Its tokens and secret open this local workspace and nothing else."""
    return AppConfig(
        name="Handoff",
        app_id="A_HANDOFF",
        bot_user_id="U_HANDOFF",
        bot_token="xoxb-demo-handoff",  # noqa: S106 - opens this local workspace alone
        app_token="xapp-demo-handoff",  # noqa: S106 - as above
        signing_secret="demo-signing-secret",  # noqa: S106 - as above
        commands=commands,
        scopes=scopes,
        events=events,
        request_url=request_url,
        shortcuts=shortcuts,
    )
