"""Failure tickets: an application failure becomes one owned, traceable ticket.

Does: records failure events, joins equal ones into a case, gives each case an owner, a queue and a priority by
rule, opens one ticket for it and reads it back, keeps one living message in Slack, escalates what nobody takes.
Who may run it: events come from sources with a token; agents claim, reassign, escalate and close; leads are told
of escalations. What it never touches: customers. No message of this automation leaves the team.
"""
