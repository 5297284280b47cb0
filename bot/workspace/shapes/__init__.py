"""Block Kit as strict models: each key, length and surface Slack refuses, so that a bad block fails here first.

Limits are those of docs.slack.dev/reference/block-kit and the doc comments of @slack/types 3.2.0;
where sources differ, the lower.
"""
