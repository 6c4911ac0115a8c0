"""The words that answer ``/backtrace``, seen by the asker only. Plain text: whoever sends it escapes it. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from backtrace_core.scope import Catalog
from bot.slack import blocks
from bot.slack.blocks import Block

COMMAND = "/backtrace"
TRACE = "trace_alert"
"""The callback id of the message shortcut."""
MOST_SERVICES = 20

EXAMPLES = (
    "TypeError in is_expired",
    "web login errors since 30m",
    "shop/web production since 2h 500s on login",
)

LONGEST_PAUSE = timedelta(days=1)
USUAL_PAUSE = timedelta(hours=1)
_PAUSE = re.compile(r"pause(?:\s+(?:for\s+)?(\d{1,4})\s*([mhd])\w*)?", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

_INVITE = "To let Backtrace answer here for everybody, invite it: /invite @Backtrace"


def usage() -> str:
    return "\n".join(
        (
            "Backtrace looks for the change that caused a trouble. Ask like this:",
            *(f"• {COMMAND} {example}" for example in EXAMPLES),
            "The first word may be a service, the second an environment.",
            '"since" says when it began: 14:00, 30m, 2h, 1d, or a date with a time such as 2026-11-22T14:00.',
            "Times are in your own time zone, the one set in Slack.",
            f"{COMMAND} pause 2h keeps Backtrace silent here (if not said 1h, at most 1d); {COMMAND} resume ends it.",
            f"{COMMAND} audit shows who pressed what on the cards of this channel, and what came of it.",
            f"{COMMAND} link lets Backtrace act in GitLab as you when you press; {COMMAND} unlink ends that, and",
            f"{COMMAND} link status says who of those on call has not linked yet.",
            "All other words say what is wrong: error names, functions, files and paths help most.",
        )
    )


def pause_of(words: str) -> timedelta | None:
    """For how long ``pause 2h`` asks to be silent, an hour where it doesn't say, a day at most; zero for ``resume``.

    None where the words ask for neither: then they are a question.
    """
    if words.lower() == "resume":
        return timedelta()
    asked = _PAUSE.fullmatch(words)
    if asked is None:
        return None
    number, unit = asked.groups()
    return min(int(number) * _UNITS[unit.lower()], LONGEST_PAUSE) if number else USUAL_PAUSE


_OF_OURS = re.compile(
    r"(?:pause|resume|audit|unlink|help)(?:\s.*)?|link(?:\s+\S+){0,2}|roll\s?back", re.IGNORECASE | re.DOTALL
)
_COMMANDS = ("pause", "resume", "audit", "unlink", "link", "help")
_ONE_WORD = re.compile(r"([a-z]+)(?:\s+(?:status|(?:for\s+)?\d{1,4}\s*[mhd]?\w*))?", re.IGNORECASE)
"""A word, with no more behind it than a command takes."""


def mistyped(words: str) -> str:
    """What to answer to words that begin as a command of ours and are none: they are no question; empty where they are
    one. ``words`` were read as a command before."""
    if _OF_OURS.fullmatch(words) is None:
        swapped, meant = _swapped(words)
        return f'"{swapped}" is no command; perhaps you meant {COMMAND} {meant}.\n{usage()}' if meant else ""
    if words.lower().startswith("roll"):
        return f"Going back is a button on a card: ask about the trouble first.\n{usage()}"
    return f'"{words.split(maxsplit=1)[0].lower()}" is a command, and the rest of it was not understood.\n{usage()}'


def _swapped(words: str) -> tuple[str, str]:
    """A command whose letters changed places, and which; empty where it is none: a service may be called "audio"."""
    found = _ONE_WORD.fullmatch(words)
    word = found[1].lower() if found else ""
    meant = next((one for one in _COMMANDS if one[0] == word[:1] and sorted(one) == sorted(word)), "")
    return (word, meant) if meant else ("", "")


def pausing() -> str:
    return "Backtrace tells the channel in a moment."


def pauses(who: str, until: datetime) -> str:
    """``who`` is a mention. mrkdwn."""
    clock = f"<!date^{int(until.timestamp())}^{{date_short_pretty}} {{time}}|{until:%d %b %H:%M} UTC>"
    return (
        f"{who} has paused Backtrace in this channel until {clock}. Alerts are kept meanwhile; those that still fire"
        f" then are answered. You can still ask with `{COMMAND}` meanwhile. `{COMMAND} resume` ends it."
    )


def goes_on(who: str) -> str:
    answers = "Backtrace answers alerts here again, also those that came meanwhile and still fire"
    return f"{who} has ended the pause: {answers}."


def not_paused() -> str:
    return "Backtrace is not paused in this channel, so there is nothing to end. It answers alerts here."


def not_a_channel_of_ours() -> str:
    return "Backtrace answers no alerts in this channel, so there is nothing to pause."


def no_presses_here() -> str:
    return "Backtrace answers no alerts in this channel, so nobody has pressed anything here."


def has_card() -> str:
    return "This alert belongs to an incident that has its card already. It stands in the thread of its first alert."


def not_understood(reason: str) -> str:
    """``reason`` is the sentence that says what could not be read."""
    return f"{reason}\n{usage()}"


def looking() -> str:
    return "Looking for what changed…"


def other_workspace() -> str:
    return "Backtrace answers members of its own workspace only."


def not_in_this_channel() -> str:
    return "Not in this channel: this service may not be shown here. Ask in its own channel."


def unknown_service(why: str, shown: Catalog) -> str:
    """``shown`` are the services that may be named to the asker; ``why`` is a sentence or two, empty if all is said."""
    names = [service.name for service in shown.services[:MOST_SERVICES]]
    more = " …" if len(shown.services) > MOST_SERVICES else ""
    unclear = f"It is not clear which service this is about. Backtrace knows {', '.join(names)}{more}."
    return f"{why or unclear} Name one first, for example: {COMMAND} {names[0]} login errors"


def invite_blocks() -> tuple[Block, ...]:
    """What stands below a card that only its asker can see."""
    return tuple(blocks.context((f"Only you can see this. {_INVITE}",), 300))


def unreadable_channel() -> str:
    return f"Backtrace can't see this channel, so it can't tell who would read its answer. {_INVITE}"
