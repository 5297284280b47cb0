"""Freshdesk through its REST API v2: tickets, agents and companies.

Sources: the vendor's API reference (developers.freshdesk.com/api), read through a text capture of January 2026. Nothing
here has met a real account; a stand-in as strict as the reference was used.

What was not checked: that `email`, `filter` and `updated_since` may be combined in one list of tickets; that putting a
ticket into the trash moves its `updated_at`; the bodies of 401, 403, 409 and 429; that `POST /agents` takes a name; the
method of `/admin/groups/{id}/agents`, which the reference heads as PATCH while its samples send PUT; that the search
for tickets knows the account's own statuses by number; what an agent who was deactivated on the screen is shown as.

A ticket bears our key in a text field of the account's own, since Freshdesk has neither an idempotency key nor an
external id of tickets. Searches lag by minutes, so tickets are looked for in lists; only the open tickets of an agent
are searched for, since no list gives those.

Freshdesk cannot begin a ticket with an internal note: its description is public. So the description is one neutral
line, and what the team has to know is a private note written right after; `keys` says how a crash in between is met.
"""
