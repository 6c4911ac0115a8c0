"""Words of texts and of code: whole tokens, the words inside them, and which words say nothing.

Compared words are lower case and stemmed, and no numbers: ``expires`` and ``expired`` meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import Stemmer

from backtrace_core import at_hand, stop_words

_TOKEN = re.compile(r"[\w./\\$-]+")
_LETTERS = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SIGNS = r"\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_SIGNS}]+|[^{_SIGNS}]+")
"""Chinese and Japanese, which put no blank between words (unicode.org/charts), and what stands between."""
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://\S+", re.IGNORECASE)
_UNSPACED = re.compile(f"[{_SIGNS}]")
_SHORTEST, _SHORTEST_COUNTED, _PAIR = 3, 2, 2
_LONGEST_TOKEN = 200

_FILE = re.compile(
    r"\.(?:pyx?|rb|rake|erb|[cm]?jsx?|tsx?|vue|svelte|go|java|kt|scala|groovy|php|rs|cs|fs|exs?|swift|c|cc|cpp|h|hpp|m"
    r"|html|s?css|less|sql|sh|ya?ml|json|toml|ini|tf|lua|pl|r|dart|clj|hs)$",
    re.IGNORECASE,
)


def without_urls(text: str) -> str:
    """Links are where to look, not what happened: their words (hosts, receivers) match by chance."""
    return _URL.sub(" ", text)


def tokens(text: str) -> Iterator[str]:
    """Whole tokens as written: ``auth/session.py``, ``SESSION_TTL``, ``LoginErrorRate``; each once, trimmed."""
    yield from _trimmed(dict.fromkeys(_TOKEN.findall(_composed(text))))


def tokens_again(text: str) -> Iterator[str]:
    """The same, each as often as it comes."""
    yield from _trimmed(_TOKEN.findall(_composed(text)))


def _trimmed(several: Iterable[str]) -> Iterator[str]:
    for written in several:
        token = written.strip("./\\$-")
        if token and len(token) <= _LONGEST_TOKEN:
            yield token


def words_in(text: str) -> Iterator[str]:
    """The telling words inside tokens: snake, kebab, path and camel parts, stemmed, without stop words; each once.

    Of Latin letters at least three.
    """
    for part in dict.fromkeys(_PART.findall(_composed(text))):
        yield from (stem for stem, length in _stems_of(part) if length >= _SHORTEST and stem not in STOP_WORDS)


def spelled_words(text: str) -> Iterator[str]:
    """Letters and digits that stand together, lower case, without the commonest words of English; as often as they
    come.
    """
    for word in _LETTERS.findall(_composed(text).lower()):
        if _length(word) >= _SHORTEST and not _is_filler(word):
            yield word


@lru_cache(maxsize=at_hand.WORDS)
def _is_filler(word: str) -> bool:
    return stem(word) in FILLERS


def is_telling_word(word: str, form: str) -> bool:
    """Whether a stem, written like that, is one that :func:`words_in` finds."""
    return _length(form) >= _SHORTEST and word not in STOP_WORDS


def counted_words(text: str) -> Iterator[tuple[str, str]]:
    """What :func:`stems_in` finds, each with how the text writes it."""
    for part in _PART.findall(_composed(text)):
        for piece in _pieces(part):
            found = stem(piece)
            if _length(piece) >= _SHORTEST_COUNTED and found not in FILLERS:
                yield found, piece


def stems_in(text: str) -> list[str]:
    """All words but the commonest of English, as often as they come: what is counted to tell how rare a word is."""
    return [stem for part in _PART.findall(_composed(text)) for stem, _ in _stems_of(part) if stem not in FILLERS]


def _composed(text: str) -> str:
    """Marks that stand apart from their letter (file names of macOS) end a word, and compare with nothing."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


# Parts of paths and titles come again and again: in other paths, in other changes, at the next alert.
@lru_cache(maxsize=at_hand.WORDS)
def _stems_of(part: str) -> tuple[tuple[str, int], ...]:
    pieces = ((piece, _length(piece)) for piece in _pieces(part))
    return tuple((stem(piece), length) for piece, length in pieces if length >= _SHORTEST_COUNTED)


def _pieces(part: str) -> Sequence[str]:
    if part.isascii():
        return _CAMEL.findall(part)
    return [piece for run in _RUN.findall(part) for piece in _pieces_of_run(run)]


def _pieces_of_run(run: str) -> Sequence[str]:
    """Where words have no blanks between them, each two signs that stand side by side are taken for one."""
    if is_unspaced(run):
        return [run[at : at + _PAIR] for at in range(max(1, len(run) - 1))]
    return _CAMEL.findall(run) if run.isascii() else (run,)


def is_unspaced(word: str) -> bool:
    """Of a script that puts no blank between words."""
    return bool(word) and _UNSPACED.match(word) is not None


def _length(word: str) -> int:
    """Letters; of other scripts one says as much as two."""
    return len(word) if word.isascii() else len(word) + 1


def stem(word: str) -> str:
    """``Sessions`` -> ``session``, ``queries`` -> ``queri``: Porter's second stemmer for English (snowballstem.org)."""
    stemmed: str = _ENGLISH.stemWord(word.lower())
    return stemmed


# It is not safe to share between threads with its own cache, which the one above makes needless.
_ENGLISH = Stemmer.Stemmer("english", 0)


_AS_WRITTEN = f"{stop_words.ENGLISH} {stop_words.ALERTS} {stop_words.CODE}".split()
STOP_WORDS = frozenset(_AS_WRITTEN) | frozenset(stem(word) for word in _AS_WRITTEN)
FILLERS = frozenset(stem(word) for word in stop_words.ENGLISH.split())
COMMON_IN_ALERTS = frozenset(stem(word) for word in f"{stop_words.ALERTS} {stop_words.REPORTS}".split())
"""Words of which every other alert or report is made: they tell little, in whatever project."""


def is_file(token: str) -> bool:
    """A file of code or settings, with or without its folders: ``shop/login.py``, ``Cart.java``."""
    return bool(_FILE.search(token))


def is_identifier(token: str) -> bool:
    """A name that code gives and prose does not: ``refresh_token``, ``SessionExpired``; a path is none."""
    if len(token) <= _SHORTEST or "/" in token or "\\" in token or token.replace(".", "").isdigit():
        return False
    inner = token.strip("_")
    return "_" in inner or (any(c.isupper() for c in inner[1:]) and any(c.islower() for c in inner))
