"""The language of a message, as far as it can be told.

The script decides first, then frequent words, and only where these leave a doubt py3langid, whose model takes 1.5 s and
100 MB and is read when it is first needed.
"""

import re
import threading
from collections import Counter
from functools import cache
from itertools import islice
from typing import Any, Final

from automations.texts.language_words import ENGLISH, OTHERS, SHARED
from automations.texts.plain import written

UNKNOWN: Final = ""
"""What is answered for a text that is too short or unclear."""

_SCRIPTS: Final = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "Cyrillic": re.compile("[\u0400-\u052f]"),
    "Arabic": re.compile("[\u0600-\u06ff\u0750-\u077f]"),
    "Devanagari": re.compile("[\u0900-\u097f]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hy": re.compile("[\u0530-\u058f]"),
    "ka": re.compile("[\u10a0-\u10ff]"),
    "bn": re.compile("[\u0980-\u09ff]"),
    "ta": re.compile("[\u0b80-\u0bff]"),
    "te": re.compile("[\u0c00-\u0c7f]"),
    "Latin": re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
}
"""Letters by script, or by language where it has its own."""
_OF_SCRIPT: Final = {
    "Cyrillic": ("ru", "uk", "bg", "sr", "be", "mk", "kk"),
    "Arabic": ("ar", "fa", "ur"),
    "Devanagari": ("hi", "mr", "ne"),
    "Latin": (
        "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "no", "fi", "cs", "sk", "hu", "ro", "tr", "hr",
        "sl", "ca", "id", "vi", "et", "lt", "lv",
    ),
}  # fmt: skip
_COMMON: Final = sorted({language for languages in _OF_SCRIPT.values() for language in languages})
_EACH: Final = {"ja": 6, "ko": 3, "zh": 3}
"""How many Latin letters a letter stands for: these write a word in one or two. Japanese is known by its kana."""

_READ: Final = 2000
"""Characters that are looked at: a language shows at once."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SURE: Final = 0.5
"""Probability from which the model is believed about words that no list knows."""
_SURE_ALONE: Final = 0.9
"""The same for a single word."""


def language(text: str) -> str:
    """The ISO 639-1 code of the language that most of `text` is in; "" where that cannot be told.

    Names of products, error messages, codes and addresses are of no language. Of a text in two the larger part counts.
    """
    words = [word for word in written(text, _READ).words.split() if not _is_name(word)]
    prose = " ".join(words)
    script = _script(prose)
    if script == "Latin":
        return _by_words([word.lower().replace("’", "'") for word in _WORD.findall(prose)])
    if script in _OF_SCRIPT:
        return _ranked(prose, _OF_SCRIPT[script])[0][0]
    return script


def is_english(text: str) -> bool:
    """Whether rules made for English may read `text`: no other language was recognised in it.

    A text of which nothing is known, such as a bare error message, counts as English.
    """
    return language(text) in {"en", UNKNOWN}


def _is_name(word: str) -> bool:
    """Whether it is an identifier rather than a word: has digits, underscores, inner capitals, dots or slashes."""
    bare = word.strip(".,;:!?()[]{}\"'“”‘’<>*_-")
    inner = bare[1:]
    return any(letter.isdigit() or letter in "_/\\.=@#$%{}<>" for letter in bare) or (
        not bare.isupper() and any(letter.isupper() for letter in inner)
    )


def _script(text: str) -> str:
    """The script with the most letters, or its language; "" where there is hardly a letter."""
    letters = {name: len(pattern.findall(text)) * _EACH.get(name, 1) for name, pattern in _SCRIPTS.items()}
    if letters["ja"]:
        letters["ja"] += letters["zh"]
    name = max(letters, key=lambda one: letters[one])
    return name if letters[name] > 2 else UNKNOWN


def _by_words(words: list[str]) -> str:
    counted = Counter(words)
    english = sum(times * (0.5 if word in SHARED else 1.0) for word, times in counted.items() if word in ENGLISH)
    foreign = {code: sum(counted[word] for word in known if word in counted) for code, known in _foreign().items()}
    best = max(foreign.values())
    candidates = [code for code, count in foreign.items() if count == best]
    if english > best and english >= _ENOUGH * len(words):
        return "en"
    if best > english and best >= _ENOUGH * len(words) and (best > 1 or len(words) <= _FEW):
        return candidates[0] if len(candidates) == 1 else _ranked(" ".join(words), tuple(candidates))[0][0]
    return _by_model(words, english, candidates if best > english else [])


_ENOUGH: Final = 0.25
"""The part of the words that must be known: frequent words make nearly half of any running text."""
_FEW: Final = 2
"""Words among which a single known one decides: "Factura incorrecta"."""


@cache
def _foreign() -> dict[str, frozenset[str]]:
    return {code: words - ENGLISH for code, words in OTHERS.items()}


def _by_model(words: list[str], english: float, likely: list[str]) -> str:
    """By the model. It must be sure, or agree with the few words that are known."""
    if not words:
        return UNKNOWN
    ranked = _ranked(" ".join(words), _OF_SCRIPT["Latin"])
    code, probability = ranked[0]
    if code == "en":
        return "en" if probability >= _SURE or english else UNKNOWN
    if code in likely:
        return code
    if english:
        return "en" if english * 3 >= len(words) or dict(ranked)["en"] * 3 > probability else UNKNOWN
    return code if probability >= (_SURE if len(words) > 1 else _SURE_ALONE) else UNKNOWN


_lock: Final = threading.Lock()
_loaded: list[Any] = []


def _model() -> Any:
    """The model of py3langid for the common languages, read once however many threads ask for it."""
    with _lock:
        if not _loaded:
            from py3langid.langid import (  # type: ignore[import-untyped]  # the library has no types
                MODEL_FILE,
                LanguageIdentifier,
            )

            identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
            identifier.set_languages(_COMMON)
            _loaded.append(identifier)
        return _loaded[0]


def _ranked(text: str, languages: tuple[str, ...]) -> list[tuple[str, float]]:
    """These languages by their probability among themselves, the likeliest first."""
    found = [(str(code), float(part)) for code, part in _model().rank(text) if code in languages]
    total = sum(part for _, part in found) or 1.0
    return [(code, part / total) for code, part in islice(found, len(languages))]
