"""The story: a deployment ships four merge requests, six minutes later people who were signed in can't sign in again.

New sessions keep their times with a zone, those from before have none; comparing the two fails.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, Told, tell
from sandbox.worlds.model import Firing, World
from sandbox.worlds.scripts import it_is_over, roll_back
from sandbox.worlds.senders import alertmanager

SUMMARY = "a web shop's sign-in fails after a deployment of four merge requests"
PLACE = Place(number=41, path="shop/web", name="web", url="https://www.lindenshop.example")
_FILE = "auth/session.py"


def build(t0: datetime, folder: Path) -> World:
    told = tell("login", PLACE, t0, folder)
    return told.world(
        SUMMARY,
        service="web",
        aliases=("webshop",),
        alert=alert_of(told),
        script=roll_back("mara") + it_is_over(),
        expect=told.expect(45, state="resolved"),
    )


def alert_of(told: Told) -> Firing:
    """What Alertmanager says of it."""
    line = told.repository.line_of(_FILE, told.named["bad"].sha, "now - started > LIFETIME")
    text = (
        "login error rate jumped 5x\n"
        "4.6% of POST /login return 500, usually 0.9%. Last error:\n"
        "```"
        f'  File "/srv/web/{_FILE}", line {line}, in is_expired\n'
        "TypeError: can't subtract offset-naive and offset-aware datetimes"
        "```"
    )
    return alertmanager("LoginErrorRateHigh web", "production critical", text)
