"""People of a git history as users: a username each, made from the e-mail address."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from sandbox.worlds.landings import Landing, Person
from sandbox.worlds.model import User
from sandbox.worlds.people import DEVELOPER, MAINTAINER

_FIRST_ID = 101
_ODD = re.compile(r"[^a-z0-9_.-]+")
_GITHUB_NUMBER = re.compile(r"^\d+\+")
_BOT = re.compile(r"\[bot\]|\brenovate\b|\bdependabot\b", re.IGNORECASE)


def users_of(landings: Iterable[Landing]) -> dict[str, User]:
    """Users by e-mail address, in the order in which they first appear. Whoever merged most is maintainer."""
    known = list(landings)
    merged = Counter(step.merger.email for step in known if not _is_bot(step.merger))
    maintainer = merged.most_common(1)[0][0] if merged else ""
    users: dict[str, User] = {}
    for person in (person for step in known for person in (step.author, step.merger)):
        if person.email not in users:
            level = MAINTAINER if person.email == maintainer else DEVELOPER
            users[person.email] = _user(len(users), person, _username(person, users.values()), level)
    return users


def _user(n: int, person: Person, username: str, level: int) -> User:
    bot = _is_bot(person)
    slack_id = "" if bot else f"U0{(n + 1) * 15_485_863:09X}"
    return User(_FIRST_ID + n, username, person.name, person.email, level, slack_id, bot=bot)


def _username(person: Person, taken: Iterable[User]) -> str:
    local = _GITHUB_NUMBER.sub("", person.email.partition("@")[0])
    wanted = _ODD.sub("-", local).strip("-._") or "somebody"
    used = {user.username for user in taken}
    return next(name for name in _names(wanted, len(used)) if name not in used)


def _names(wanted: str, used: int) -> list[str]:
    return [wanted, *(f"{wanted}{n}" for n in range(2, used + 3))]


def _is_bot(person: Person) -> bool:
    return bool(_BOT.search(person.name) or _BOT.search(person.email))
