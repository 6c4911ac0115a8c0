"""Words of texts and of code: whole tokens, the words inside them, and which words say nothing.

Compared words are lower case, singular by a few hand-made endings, at least three letters long and no numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from backtrace_core import stop_words

_TOKEN = re.compile(r"[\w./\\$-]+")
_PART = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://\S+", re.IGNORECASE)
_SHORTEST = 3
_LONGEST_TOKEN = 200

_WITH_IE = frozenset(("cookies", "movies", "zombies"))
_FILE = re.compile(
    r"\.(?:pyx?|rb|rake|erb|[cm]?jsx?|tsx?|vue|svelte|go|java|kt|scala|groovy|php|rs|cs|fs|exs?|swift|c|cc|cpp|h|hpp|m"
    r"|html|s?css|less|sql|sh|ya?ml|json|toml|ini|tf|lua|pl|r|dart|clj|hs)$",
    re.IGNORECASE,
)
_ENDINGS = (("sses", "ss"), ("ies", "y"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"))


def without_urls(text: str) -> str:
    """Links are where to look, not what happened: their words (hosts, receivers) match by chance."""
    return _URL.sub(" ", text)


def tokens(text: str) -> Iterator[str]:
    """Whole tokens as written: ``auth/session.py``, ``SESSION_TTL``, ``LoginErrorRate``; each once, trimmed."""
    for written in dict.fromkeys(_TOKEN.findall(_composed(text))):
        token = written.strip("./\\$-")
        if token and len(token) <= _LONGEST_TOKEN:
            yield token


def words_in(text: str) -> Iterator[str]:
    """The telling words inside tokens: snake, kebab, path and camel parts, folded, without stop words; each once."""
    for part in dict.fromkeys(_PART.findall(_composed(text))):
        yield from _words_of(part)


def _composed(text: str) -> str:
    """Marks that stand apart from their letter (file names of macOS) end a word, and compare with nothing."""
    return unicodedata.normalize("NFC", text)


# Parts of paths and titles come again and again: in other paths, in other changes, at the next alert.
@lru_cache(maxsize=20_000)
def _words_of(part: str) -> tuple[str, ...]:
    pieces = _CAMEL.findall(part) if part.isascii() else (part,)
    words = (fold(piece.lower()) for piece in pieces)
    return tuple(word for word in words if len(word) >= _shortest(word) and word not in STOP_WORDS)


def _shortest(word: str) -> int:
    return _SHORTEST if word.isascii() else 2


def fold(word: str) -> str:
    """``sessions`` -> ``session``, ``queries`` -> ``query``; a stemmer may do better one day."""
    if len(word) <= _SHORTEST or not word.endswith("s"):
        return word
    if word in _WITH_IE:
        return word[:-1]
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


_AS_WRITTEN = f"{stop_words.ENGLISH} {stop_words.ALERTS} {stop_words.CODE}".split()
STOP_WORDS = frozenset(_AS_WRITTEN) | frozenset(fold(word) for word in _AS_WRITTEN)


def is_file(token: str) -> bool:
    """A file of code or settings, with or without its folders: ``shop/login.py``, ``Cart.java``."""
    return bool(_FILE.search(token))


def is_identifier(token: str) -> bool:
    """A name that code gives and prose does not: ``refresh_token``, ``SessionExpired``; a path is none."""
    if len(token) <= _SHORTEST or "/" in token or "\\" in token or token.replace(".", "").isdigit():
        return False
    inner = token.strip("_")
    return "_" in inner or (any(c.isupper() for c in inner[1:]) and any(c.islower() for c in inner))
