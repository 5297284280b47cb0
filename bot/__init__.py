"""Slack, HTTP and the process. Chooses the adapters, starts the engine, shows what storage holds."""
