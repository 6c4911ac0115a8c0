"""The change's own words — title, what it closes, description — are the alert's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.evidence.change_words import CODE, PATH, TITLE, WORK_ITEM
from backtrace_core.evidence.context import Context
from backtrace_core.likeness import WORDS_SHARED as RULE
from backtrace_core.model import BY_NO_DEPLOYMENT, Alert, Candidate, Change, Evidence, WorkItem
from backtrace_core.words import counted_words, stems_in

_MOST_ALSO = 3


def words_shared(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """The most telling word is said with the place where it stands."""
    change = candidate.change
    found = context.likeness.shared.get(change.key, {})
    here = {word: much for word, (field, much) in found.items() if field not in (CODE, PATH)}
    if not here:
        return None
    first = max(here, key=lambda word: (word in context.said, here[word], word))
    says, url, place = _says(change, found[first][0], first, context)
    weight = context.model.weight(RULE) * context.likeness.strength(change.key, RULE)
    alike = _forms(place)
    there = {word: much for word, much in here.items() if context.written(word) in alike.get(word, ())}
    return Evidence(RULE, weight, f"{says}{and_also(there, first, context)}", url)


def _says(change: Change, field: str, word: str, context: Context) -> tuple[str, str, str]:
    """The sentence, its page, and the text that it names."""
    written, teller = context.written(word), context.teller
    if field == WORK_ITEM and (item := _item_with(change, word)) is not None:
        says, url = what_it_does(change, word)
        return f'{says[0].upper()}{says[1:]}, and {teller} says "{written}"', url, item.title
    named = "name" if change.kind in BY_NO_DEPLOYMENT else "title"
    where, text = (named, change.title) if field == TITLE else ("description", change.description)
    forms = _forms(text).get(word, (written,))
    same = written in forms
    also = f"so does {teller}" if same else f'{teller} says "{written}"'
    return f'Its {where} says "{written if same else forms[0]}", and {also}', change.url, text


# The next alert asks about the same changes.
@lru_cache(maxsize=at_hand.CHANGES)
def _forms(text: str) -> Mapping[str, Sequence[str]]:
    """By word (a stem) how the text writes it, in lower case: ``price`` is no quotation of ``pricing``."""
    found: dict[str, list[str]] = {}
    for word, form in counted_words(text):
        found.setdefault(word, []).append(form.lower())
    return found


def and_also(here: Mapping[str, float], first: str, context: Context) -> str:
    """The next telling words: ``, "cart" and "total" too``."""
    telling = [word for word in here if word != first and word in context.said]
    also = sorted(telling, key=lambda word: (-here[word], word))[:_MOST_ALSO]
    return f", {listed([context.written(word) for word in also])} too" if also else ""


def listed(words: Sequence[str]) -> str:
    """``"cart", "total" and "tax"``; at least one word."""
    quoted = [f'"{word}"' for word in words]
    return " and ".join((", ".join(quoted[:-1]), quoted[-1])) if len(quoted) > 1 else quoted[0]


def _item_with(change: Change, word: str) -> WorkItem | None:
    return next((item for item in change.work_items if word in stems_in(item.title)), None)


def what_it_does(change: Change, word: str) -> tuple[str, str]:
    """``it closes #7 "Session lost"`` with the page, of the first work item whose title has the word."""
    item = next(item for item in change.work_items if word in stems_in(item.title))
    return f'it {"closes" if item.closes else "mentions"} #{item.iid} "{item.title}"', item.url
