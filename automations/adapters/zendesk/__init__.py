"""Zendesk Support behind the three doors of a desk: tickets, agents, customers. API v2, JSON over HTTPS.

Sources: the vendor's reference for the Support API (paths, fields, limits, errors), its pages on OAuth, rate limits,
idempotency and the incremental export. Nothing here has been run against a real account.

Not stated by the vendor, so not known for sure: that GET /tickets?external_id= sees a new ticket at once; how long an
Idempotency-Key is remembered (two hours are assumed, and our own key is looked up first in any case); which words the
desk has for a missing seat; that the integration user may write under another agent's name in every plan.
"""
