"""Escalation: a ticket or a case that needs somebody now is brought before them, step by step, until one acknowledges.

Each firing keeps the rule, its version, what it looked at and the evidence. It never writes to a customer by itself.
"""
