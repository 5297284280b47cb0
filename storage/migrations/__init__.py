"""The database's history: one module per step, applied in order by `storage.migrate`."""
