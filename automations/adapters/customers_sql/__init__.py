"""Customers from one query in any database that SQLAlchemy has a driver for. It is only read.

PostgreSQL and SQLite are what the tests read from; MySQL, MariaDB and Oracle are asked for a read-only transaction too.
"""
