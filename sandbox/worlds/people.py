"""Who works at the shop. The same people appear in all told worlds."""

from __future__ import annotations

from sandbox.worlds.model import User

_HOST = "lindenshop.example"
DEVELOPER, MAINTAINER, OWNER = 30, 40, 50


def _person(number: int, name: str, access_level: int, slack_id: str, timezone: str) -> User:
    username = name.split(maxsplit=1)[0].lower()
    return User(number, username, name, f"{username}@{_HOST}", access_level, slack_id, timezone=timezone)


PEOPLE = (
    _person(14, "Kim Okafor", OWNER, "U02KEH41T9D", "Europe/London"),
    _person(17, "Mara Lindqvist", MAINTAINER, "U02L8RQ5C0M", "Europe/Stockholm"),
    _person(23, "Tomas Novak", DEVELOPER, "U02V6JW2YHA", "Europe/Prague"),
    _person(31, "Vani Raghavan", DEVELOPER, "U03B19XNTFK", "Europe/Berlin"),
    _person(32, "Jonas Brandt", DEVELOPER, "U03B2M7ZQ4E", "Europe/Berlin"),
    _person(40, "Aiko Tanabe", DEVELOPER, "U04DPC80SJR", "Europe/Berlin"),
    _person(46, "Luca Ferri", DEVELOPER, "U051WHG3N6V", "Europe/Rome"),
    _person(52, "Fatima Haddad", DEVELOPER, "U05U7TKA2XB", "Europe/Paris"),
    User(58, "renovate-bot", "Renovate Bot", f"renovate@{_HOST}", DEVELOPER, slack_id="", bot=True, timezone="Etc/UTC"),
)
BY_USERNAME = {user.username: user for user in PEOPLE}
