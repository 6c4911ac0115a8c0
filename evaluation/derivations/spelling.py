"""How alike alert and change are spelled, by their letters in threes, counted anew as letters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from backtrace_core.alerts.labels import without_keys
from backtrace_core.alerts.stack import without_trace
from backtrace_core.model import Change
from backtrace_core.scope import environment_name
from backtrace_core.words import FILLERS, stem
from evaluation.derivations.given import Claim, Given, Known, Said, claim, composed, is_about_another, quoted

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://\S+", re.IGNORECASE)
_WORD, _TOKEN = re.compile(r"[^\W_]+"), re.compile(r"[\w./\\$-]+")
_OPENING, _UNSEEN, _SILENT, _SPREAD, _CHANCE, _FAINT = 3000, 20, 50, 0.05, 0.02, 0.1
_SHORTEST, _ALIKE = 3, 0.4
_NEAR = 0.99
"""Of a bound: the product counts with half the digits, and takes some letters of other scripts for the same."""


def _words(text: str) -> list[str]:
    found = _WORD.findall(composed(text).lower())
    return [w for w in found if len(w) + (not w.isascii()) >= _SHORTEST and stem(w) not in FILLERS]


def _threes(words: Iterable[str]) -> Counter[str]:
    return Counter(f" {word} "[at : at + 3] for word in words for at in range(len(word)))


def _own(change: Change) -> list[str]:
    short = "\n".join((change.title, *(item.title for item in change.work_items)))
    return [*_words(short), *_words(short), *_words(_URL.sub(" ", change.description[:_OPENING]))]


def _asked(given: Given) -> list[str]:
    """What the alert says, without its trace, its keys, links, and the names of where it is from."""
    alert, scope = given.alert, given.harvest.scope
    told = _URL.sub(" ", "\n".join((alert.title, *alert.error_terms, without_keys(without_trace(alert.text)))))
    places = (scope.service.name, *scope.service.all_projects, scope.environment, *scope.environment.split("/"))
    known = {name.lower() for name in places} | {environment_name(name) for name in places}
    several = [
        token.strip("./\\$-").lower().removeprefix(f"{scope.service.name.lower()}-") for token in _TOKEN.findall(told)
    ]
    return [word for token in several if not {token, environment_name(token)} & known for word in _words(token)]


def _deviation(given: Given) -> float:
    """How far the change's likeness lies from the usual one, in standard deviations."""
    alike = _alike(given.known, tuple(_asked(given)))
    changes = given.known.changes
    usual = [0.0 if v < _CHANCE else v for k, v in alike.items() if not is_about_another(changes[k].title)]
    count = len(usual) + _SILENT
    mean = sum(usual) / count
    spread = math.sqrt(max(0.0, sum(each**2 for each in usual) / count - mean**2)) + _SPREAD
    own = alike.get(given.change.key, 0.0)
    return ((0.0 if own < _CHANCE else own) - mean) / spread


# The facts of one alert, and the alerts of one project, come one after the other.
@lru_cache(maxsize=4)
def _alike(known: Known, asked: tuple[str, ...]) -> Mapping[str, float]:
    """By key of each known change the cosine of its threes and of those that are asked."""
    texts, rarity = _weighted(known)
    unseen = math.log((len(texts) + _UNSEEN) / 0.5)
    worth = {three: (1 + math.log(n)) * rarity.get(three, unseen) for three, n in _threes(asked).items()}
    length = math.hypot(*worth.values()) or 1.0
    return {key: sum(own[t] * worth[t] for t in own.keys() & worth.keys()) / length for key, own in texts.items()}


@lru_cache(maxsize=2)
def _weighted(known: Known) -> tuple[Mapping[str, Mapping[str, float]], Mapping[str, float]]:
    """By key of each known change what its threes weigh, of length 1; by three how rare it is."""
    texts = {key: _threes(_own(change)) for key, change in known.changes.items()}
    having = Counter(three for threes in texts.values() for three in threes)
    rarity = {three: math.log((len(texts) + _UNSEEN) / (count + 0.5)) for three, count in having.items()}
    weighed = {key: {t: (1 + math.log(n)) * rarity[t] for t, n in threes.items()} for key, threes in texts.items()}
    return {key: _of_length_1(own) for key, own in weighed.items()}, rarity


def _of_length_1(weights: Mapping[str, float]) -> Mapping[str, float]:
    length = math.hypot(*weights.values()) or 1.0
    return {three: weight / length for three, weight in weights.items()}


def _like(said: Said, given: Given) -> bool:
    """It stands out, and of the words that are printed one is its own, the other the alert's, and both are alike. Where
    none are printed, not all of its threes that the alert has stand in words that are alike.
    """
    own, asked = set(_own(given.change)), set(_asked(given))
    if _deviation(given) < _FAINT * _NEAR:
        return False
    words = quoted(said["words"])
    if words:
        return words[0] in own and words[-1] in asked and _are_alike(words[0], words[-1])
    shared = _threes(own).keys() & _threes(asked).keys()
    alike = {t for one in own for other in asked if _are_alike(one, other) for t in _threes([one]) & _threes([other])}
    return not shared <= alike


def _are_alike(one: str, other: str) -> bool:
    own, others = set(_threes([one])), set(_threes([other]))
    return 2 * len(own & others) >= _ALIKE * (len(own) + len(others))


def _unlike(_: Said, given: Given) -> bool:
    return _deviation(given) <= -_FAINT * _NEAR


SPELLING: dict[str, tuple[Claim, ...]] = {
    "spelled_alike": (
        claim(
            r"Is spelled more like what {teller} says than changes usually are"
            r'(?:, as by (?P<words>"[^"]+"(?: and "[^"]+")?))?',
            _like,
        ),
        claim(r"Is spelled less like what {teller} says than changes usually are", _unlike),
    ),
}
