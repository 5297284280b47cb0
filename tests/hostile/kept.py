"""All that a database holds, the engine's own tables too."""

from sqlalchemy import inspect, text

from storage.engine import Database

THEIRS = ("information_schema", "pg_catalog", "pg_toast")


def every_table(database: Database) -> dict[str, str]:
    """The rows of every table there is, in one text for each, by the table's name with its schema."""
    found = {}
    with database.engine.connect() as connection:
        look = inspect(connection)
        for schema in look.get_schema_names():
            if schema in THEIRS:
                continue
            for name in look.get_table_names(schema=schema):
                rows = connection.execute(text(f'select * from "{schema}"."{name}"'))
                found[f"{schema}.{name}"] = "\n".join(repr(tuple(row)) for row in rows)
    return found
