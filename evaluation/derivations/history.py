"""What the project's known changes say, what kind of trouble it is, and whose change it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.alerts.labels import without_keys
from backtrace_core.alerts.stack import without_trace
from backtrace_core.migrations import is_migration
from backtrace_core.scope import environment_name
from backtrace_core.symptom import SYMPTOMS, Symptom
from backtrace_core.words import tokens
from evaluation.derivations.given import (
    Claim,
    Given,
    Said,
    at_file,
    claim,
    code_of,
    has_word,
    page_at,
    paths_of,
    words_of,
)
from evaluation.derivations.spoken import item_pages

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://\S+", re.IGNORECASE)
_SPEAKING = 50


def _goes_with(said: Said, given: Given) -> bool:
    """Counted: the known changes that touch the place, and those of them whose title or description has the word."""
    there = given.known.touching(said["place"])
    both = [each for each in there if has_word(said["word"], f"{each.title}\n{each.description}")]
    own = given.change.key in {each.key for each in there}
    return own and (len(both), len(there)) == (int(said["both"]), int(said["there"])) and _asked(said["word"], given)


def _asked(word: str, given: Given) -> bool:
    return has_word(word, given.asked)


def _place_page(said: Said, given: Given) -> Iterator[str]:
    place = said["place"]
    inside = [file.path for file in given.change.files if file.path == place or file.path.startswith(place)]
    yield page_at(given.change, inside[0] if place.endswith("/") and inside else place)
    if not inside:
        yield given.change.url


def _like(said: Said, given: Given) -> bool:
    """The other one is a known change, has words of this one, and words that the alert says."""
    own, asked = given.known.words(given.change.key), set(words_of(given.asked))
    other = given.known.by_label.get(said["label"])
    if other is None or other.key == given.change.key:
        return False
    theirs = given.known.words(other.key)
    return bool(theirs & own) and bool(theirs & asked)


def _less_like(_: Said, given: Given) -> bool:
    """Others speak of what the alert says, and some known change has as much in common with one of them."""
    judged = {each.change.key for each in given.candidates}
    speaking = [key for key in given.known.speaking(given.asked) if key not in judged][:_SPEAKING]
    own = _likeness(given.change.key, speaking, given)
    others = (key for key in (*speaking, *given.known.changes) if key != given.change.key)
    return bool(speaking) and any(_likeness(key, speaking, given) >= own for key in others)


def _likeness(key: str, speaking: list[str], given: Given) -> float:
    """The share of words that it has in common with the likest of them, itself aside."""
    words = given.known.words(key)
    several = (given.known.words(each) for each in speaking if each != key)
    return max((len(words & theirs) / max(1, len(words | theirs)) for theirs in several), default=0.0)


def _same_subject(_: Said, given: Given) -> bool:
    """A known change has words of both: that is how words go together."""
    own, asked = given.known.words(given.change.key), set(words_of(given.asked))
    return any(given.known.words(key) & own and given.known.words(key) & asked for key in given.known.changes)


def _of_other_things(_: Said, given: Given) -> bool:
    """Most of its words are none of the alert's."""
    own = given.known.words(given.change.key)
    return 2 * len(own & _wrong(given)) <= len(own)


def _no_word(_: Said, given: Given) -> bool:
    return not _wrong(given) & given.known.words(given.change.key)


def _wrong(given: Given) -> set[str]:
    """The words that say what is wrong: where the trace passed does not, and where the alert is from neither."""
    alert, scope = given.alert, given.harvest.scope
    told = _URL.sub(" ", "\n".join((alert.title, *alert.error_terms, without_keys(without_trace(alert.text)))))
    places = "\n".join((scope.service.name, *scope.service.all_projects, scope.environment))
    known = {environment_name(token.lower()) for token in tokens(places)}
    wrong = {word for token in tokens(told) if environment_name(token.lower()) not in known for word in words_of(token)}
    return wrong - set(words_of(places))


def _symptoms(name: str, given: Given) -> Iterator[Symptom]:
    """Of that name, where the alert has a word of it."""
    words = {*words_of(given.asked), *(token.lower() for token in tokens(given.asked))}
    yield from (each for each in SYMPTOMS if each.name == name and each.said & words)


def _migrates(said: Said, given: Given) -> bool:
    own = given.file(said["path"]) is not None and is_migration(said["path"])
    return own and any(each.by_migration for each in _symptoms(said["symptom"], given))


def _causes(text: str, said: Said, given: Given) -> bool:
    return any(each.causes & set(words_of(text)) for each in _symptoms(said["symptom"], given))


def _by_path(said: Said, given: Given) -> bool:
    file = given.file(said["path"])
    return file is not None and _causes("\n".join(paths_of(file)), said, given)


def _by_code(said: Said, given: Given) -> bool:
    file = given.file(said["path"])
    has = file is not None and has_word(said["word"], code_of(file))
    return has and _causes(said["word"], said, given)


def _by_title(said: Said, given: Given) -> bool:
    return has_word(said["word"], given.change.title) and _causes(said["word"], said, given)


def _by_item(said: Said, given: Given) -> bool:
    for item in given.change.work_items:
        if (str(item.iid), item.title, item.closes) == (said["iid"], said["item"], said["did"] == "closes"):
            return _causes(item.title, said, given)
    return False


def _other_service(said: Said, given: Given) -> bool:
    service = given.harvest.scope.service
    known = said["other"].lower() in [name.lower() for name in service.depends_on]
    return known and said["service"] == service.name and given.candidate.service == said["other"]


_ABOUT = r"{Teller} is about (?P<symptom>.+?), and it"

HISTORY: dict[str, tuple[Claim, ...]] = {
    "goes_with": (
        claim(
            r'Touches (?P<place>.+): (?P<both>\d+) of the (?P<there>\d+) known changes there say "(?P<word>[^"]+)", '
            r"as {teller} does",
            _goes_with,
            _place_page,
        ),
    ),
    "like_another": (
        claim(r"Is like (?P<label>\S+), which speaks of what {teller} says", _like),
        claim(r"Is less like the changes that speak of what {teller} says than others are", _less_like),
    ),
    "same_subject": (
        claim(
            r"Is about what {teller} is about, by the words that go together in this project",
            _same_subject,
        ),
        claim(r"Has no word of what {teller} says is wrong", _no_word),
        claim(r"Speaks mostly of other things than {teller}", _of_other_things),
    ),
    "symptom_fits": (
        claim(_ABOUT + r" changes the database \((?P<path>.+)\)", _migrates, at_file),
        claim(_ABOUT + r' changes code about "(?P<word>.+)" in (?P<path>.+)', _by_code, at_file),
        claim(_ABOUT + r" changes (?P<path>.+)", _by_path, at_file),
        claim(_ABOUT + r's title is about "(?P<word>.+)"', _by_title),
        claim(
            _ABOUT + r' (?P<did>closes|mentions) #(?P<iid>\d+) "(?P<item>.+)"',
            _by_item,
            item_pages,
        ),
    ),
    "other_service": (claim(r"Belongs to (?P<other>.+), on which (?P<service>.+) depends", _other_service),),
}
