"""Reading words without understanding them: language, negative tone, a classifier of the team's own, similar texts.

Pure functions of their input: no storage, no clock, no network. What is not sure says so instead of guessing.
"""
