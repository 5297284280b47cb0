"""The figures that say whether Handoff can be trusted: what is shown, by which command, and what was measured."""
