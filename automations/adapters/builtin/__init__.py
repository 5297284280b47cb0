"""The built-in help desk: a real default for a team without one, in the bot's own database.

The only adapter that imports storage. It writes to nobody outside: there is no mail and no customer portal.
"""
