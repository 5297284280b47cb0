"""Intercom: its tickets (not conversations) of one ticket type, its admins and teams, its companies.

Written against API version 2.16 (`line.VERSION`) by the vendor's OpenAPI description (intercom/Intercom-OpenAPI, MIT)
and its reference pages; marks of (i) are inferred, not said by the vendor. Nothing here was run against a real
workspace. In particular these were not checked:

- how late the ticket search is: no promise is given, and ten minutes are allowed for (`sent.INDEX_WAIT_S`);
- whether an assignment to a team takes the admin away, or `0` the team: the answer is looked at and put right;
- whether what is changed through the API bears the name of the admin given with it: the vendor's examples show both
  that admin and the workspace's bot, so `history` is not declared, and a change by a bot is told by its value alone;
- the address of a ticket on the screen, which no reference page gives.

The ticket type needs a text attribute for our key, and a list attribute for the priority if priorities are to be kept.
A new ticket is requested by the internal address of the settings, its first text is an internal note, and every write
but a confirmed reply asks Intercom to notify nobody.
"""
