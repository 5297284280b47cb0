"""Triage: each new ticket gets an intent, a queue and a priority by readable rules, then by a classifier, or neither.

Leads set its mode; agents confirm what it proposes in mode ask. It changes a ticket's group and priority and nothing
else, never writes to a customer, and can take back what it did.
"""
