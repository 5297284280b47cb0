"""Several bots on one PostgreSQL: killed, frozen, cut off from the database, with clocks that differ.

`REPLICAS_FREEZE_S=60` and `REPLICAS_ROUNDS=5` play the full count of the figures, `REPLICAS_SLOTS=100` that of the
timetable.
"""
