"""Tests of the tables: what the database itself refuses."""
