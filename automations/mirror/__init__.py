"""The ticket mirror: what reports and clocks need of the desk's tickets, read once and then only where it changed.

It reads and never writes to the desk, keeps no text of any message, and can be thrown away and read anew. A ticket that
changed is read whole and put in the place of what was known of it, so two readings come to the same as one.
"""
