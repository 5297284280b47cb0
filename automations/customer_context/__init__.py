"""Customer context: a small set of fields from their sources of truth into the desk, and nothing destroyed.

A sync compares sources with the desk and shows what would change, in groups that leads approve, hold or reject one by
one; what source and desk disagree on goes to the conflict ledger and waits for a person. Leads run it by
`/support-customers` or `handoff customers`, the timetable plans it at night.

It never deletes anything, in the desk or here: who is gone upstream is suspended. It never writes to a source, never
takes a blank for a wish to delete, and never changes a field that the settings name no source of truth for.
"""
