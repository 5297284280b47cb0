"""Rows and promises: tables, transactions, the audit chain. Knows neither automations nor bot."""
