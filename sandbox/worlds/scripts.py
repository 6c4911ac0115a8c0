"""What people do once a card stands."""

from __future__ import annotations

from sandbox.worlds.model import Step


def roll_back(user: str) -> tuple[Step, ...]:
    """Press the button, confirm in the modal, wait until the old version is live."""
    return (Step("press", user, "roll_back"), Step("submit", user), Step("wait", value="rolled_back"))


def it_is_over() -> tuple[Step, ...]:
    """The sender says that the trouble ended."""
    return (Step("resolve"), Step("wait", value="resolved"))
