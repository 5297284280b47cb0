"""Texts of the desk as the mirror's rows can hold them. Pure."""

from typing import Final

LONGEST: Final = 255
"""Characters of a name or an address."""


def fitting(text: str, longest: int = LONGEST) -> str:
    """What both databases can store: no NUL and no lone surrogate, and no more than fits."""
    if len(text) <= longest and text.isprintable():
        return text
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()[:longest]
