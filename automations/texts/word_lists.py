"""Lists of words as they are written in these modules: one text, blanks between."""


def listed(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())
