"""`handoff report run --each week`: many periods counted one after the other, and shown beside each other."""
