"""What of an alert may be the message of an error, as code that raises it has it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from backtrace_core.alerts.stack import without_trace
from backtrace_core.model import Alert
from backtrace_core.words import words_in

Messages = tuple[tuple[str, str], ...]
"""Each once, as written and in lower case."""
_WORDS_OF_A_MESSAGE, _TELLING = 3, 2
_MOST_LINES, _LONGEST = 50, 300


def messages_of(alert: Alert) -> Messages:
    return tuple((message, message.lower()) for message in dict.fromkeys(_messages(alert)))


def _messages(alert: Alert) -> Iterator[str]:
    """What the sender took for one, and what follows on a colon: ``Refused: the session is too old now``."""
    for text in (*alert.error_terms, alert.title, *without_trace(alert.text).splitlines()[:_MOST_LINES]):
        pieces = text[:_LONGEST].split(": ")
        for start in range(len(pieces)):
            message = ": ".join(pieces[start:]).strip(" .\"'`")
            telling = list(islice(words_in(message), _TELLING))
            if len(message.split()) >= _WORDS_OF_A_MESSAGE and len(telling) == _TELLING:
                yield message
