"""Runs: a plan is proposed to people, approved, carried out step by step, read back, and can be taken back.

Shared by every automation that changes something on a person's word. An automation brings its kinds of run (how each
is observed and planned, `kinds.RunKind`) and its actions (how one thing is looked at and made true, `kinds.Action`);
the rest is here and the same for all:

ask -> plan (a job: observe, plan, brake) -> proposed, a card -> approve (people) -> advance (a job: observe again, then
step after step: look, make, look) -> done, partial or failed -> retry of a step, or undo, which is a run of its own.

Nothing is applied that nobody approved, nothing applied goes without an audit row, no step is verified without a
reading, and an ended state stays. State moves by conditional UPDATE alone.
"""
