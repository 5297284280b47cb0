"""Escalation: a ticket or a case that needs somebody now is brought before them, step by step, until one acknowledges.

Each firing keeps the rule, its version, what it looked at and the evidence. The clock runs `sweep` from rows alone; two
jobs touch the desk: the claim (assignee and an internal note) and the note to the customer, which a person sends and
nothing sends by itself. Whoever has the role agent may act on an escalation. It never solves or merges a ticket.
"""
