"""The domain: what Handoff does, without a word about Slack, HTTP or screens."""
