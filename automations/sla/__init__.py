"""SLA clocks: first reply, next reply, resolution, from what the mirror knows of a ticket, in the team's hours.

Nothing here calls anybody or writes to the desk: a clock says when it is to warn and when it is breached.
"""
