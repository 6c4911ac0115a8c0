"""A bot's merge request takes a new version of the shop's own sign-in library, and the library's change is at fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import World
from sandbox.worlds.senders import alertmanager

SUMMARY = "sign-in fails after a library's new version: the culprit is the library's merge request"
_PLACE = Place(number=61, path="shop/account", name="account", url="https://account.lindenshop.example")
_LIBRARY = Place(number=163, path="shop/linden-auth", name="linden-auth", url="https://docs.lindenshop.example")
_FILE = "linden_auth/tokens.py"


def build(t0: datetime, folder: Path) -> World:
    told, library = tell("library", _PLACE, t0, folder), tell("linden-auth", _LIBRARY, t0, folder)
    line = library.repository.line_of(_FILE, library.repository.tip, 'claims["tenant"]')
    text = (
        "account sign-in error rate jumped 8x\n"
        "7.2% of POST /signin return 500, usually 0.9%. Last error:\n"
        "```"
        '  File "/srv/account/account/views.py", line 11, in signin\n'
        f'  File "/usr/lib/python3.12/site-packages/{_FILE}", line {line}, in subject\n'
        "KeyError: 'tenant'"
        "```"
    )
    culprit = next(change for change in library.merge_requests if change.iid == 7)
    shipped = told.expect(52, state="open", card_says=("Reached account by", "!52", "linden-auth 1.4.2 → 1.5.0"))
    return told.world(
        SUMMARY,
        (library,),
        service="account",
        aliases=("signin",),
        alert=alertmanager("SigninErrorRateHigh account", "production critical", text),
        script=(),
        expect=replace(
            shipped,
            culprit=f"{library.project.path}!{culprit.iid}",
            via=52,
            author=culprit.author,
            work_item=culprit.closes[0],
        ),
        libraries=(("linden-auth", library.project.path),),
    )
