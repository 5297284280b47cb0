"""A help desk in a process of its own, for tests that kill the bot and must find the desk as it was left.

`server` keeps its tickets in a file and can be told to be slow or to answer 500 after it has committed; `adapter`
speaks to it through the `HelpDesk` port and is held to the same conformance suite as every other adapter.
"""
