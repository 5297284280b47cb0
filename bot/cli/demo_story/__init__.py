"""The demo's story: scenes in order, each played as people and applications act, and judged by what they would see.

A scene acts only through `/v1/failures` and `/_control`, and judges only by `/_control` and `/v1/cases`. It makes
its own case where it needs one, so that any scene may be skipped. `table.SCENES` has them all; a new one goes before
the last.
"""
