"""The whole bot against faults: kills at every boundary, a Slack and a desk that misbehave, storms, restarts.

Workspace and desk are processes of their own and survive the bot. More rounds:
`HANDOFF_FAULT_ROUNDS=5 python -m pytest tests/faults` plays each kill five times, each time one passage
later and on both databases, and fifty restarts. `HANDOFF_FAULT_CUSTOMERS=5000` plays the kills in the middle of
customers' changes with so many of them.
"""
