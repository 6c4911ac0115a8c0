"""What a person sees who has pressed something and is not linked yet. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.slack import blocks
from bot.slack.after_buttons import ROLL_FORWARD
from bot.slack.blocks import Block
from bot.slack.cancel_button import CANCEL
from bot.slack.cancel_modal import checking_cancel_modal, not_cancelled_modal
from bot.slack.card_buttons import ROLL_BACK, SWITCH_FLAG
from bot.slack.flag_modal import TITLE, checking_flag_modal, no_flag_modal
from bot.slack.modal import BACK, FORWARD, Way, checking_modal, notice, refusal_modal
from bot.slack.text import escape, is_web_url

View = dict[str, Any]

OPEN_LINK = "backtrace:open_link"
MOST_SAYS = 2500


@dataclass(frozen=True, slots=True)
class Wish:
    """What was pressed before. ``button`` is its action id, ``name`` what stands on it, ``go_on`` on the next one.
    ``opens`` is the modal that it opens with, ``refuses`` the one that says why nothing comes of it."""

    button: str
    name: str
    go_on: str
    opens: Callable[[], View]
    refuses: Callable[[str], View]


def _either(way: Way) -> tuple[Callable[[], View], Callable[[str], View]]:
    return partial(checking_modal, way), lambda why: refusal_modal((why,), way=way)


WISHES = {
    "roll_back": Wish(ROLL_BACK, "Roll back", "Go on with the rollback", *_either(BACK)),
    "roll_forward": Wish(ROLL_FORWARD, FORWARD.title, "Go on rolling forward", *_either(FORWARD)),
    "cancel": Wish(CANCEL, "Cancel deployment", "Go on cancelling", checking_cancel_modal, not_cancelled_modal),
    "switch_flag": Wish(SWITCH_FLAG, TITLE, "Go on switching it off", checking_flag_modal, no_flag_modal),
}
"""The kinds of press that a person who is not linked yet can go on with afterwards."""


def link_modal(url: str, code: str, minutes: int, wish: Wish) -> View:
    """``url`` is the page that wants the ``code``; the modal is filled by itself once the person is linked."""
    why = "Backtrace changes production with your own rights in GitLab, so it has to know who you are there."
    how = f"Open the page and enter this code there: `{escape(code, 40)}`. It works once, for {minutes} minutes."
    then = "This window then goes on by itself: everything is checked anew, and nothing is started before you confirm."
    others = "Somebody who is linked can press meanwhile. Give the code to nobody."
    body = blocks.section(("*Link your GitLab account first.*", why, how), 2000)
    if is_web_url(url):
        body += blocks.actions([blocks.url_button(OPEN_LINK, "Open the page", url, "Open the page")], "link")
    return notice(wish.name, [*body, *blocks.context((then, others), 900)])


def go_on(says: str, incident_id: str, wish: Wish) -> list[Block]:
    """The words that say who is linked, and a button that opens the modal, which was closed meanwhile."""
    again = blocks.danger_button(wish.button, wish.go_on, incident_id, f"{wish.go_on}: opens the checks")
    body = blocks.section((escape(says, MOST_SAYS), f"You had pressed *{wish.name}*: go on here."), 2900)
    return [*body, *blocks.actions([again], "linked")]
