"""Which button or menu of a message a person means, and the action that a press on it makes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.slack.stored import elements_of
from sandbox.slack.team import Json


def all_blocks(message: Json) -> Iterator[Json]:
    """The blocks of a message and of its attachments."""
    yield from message.get("blocks", ())
    for attachment in message.get("attachments", ()):
        yield from attachment.get("blocks", ())


def find_element(message: Json, action_id: str, value: str | None) -> tuple[Json, Json]:
    """The block and the element; for menus ``value`` is the option. LookupError names what there is instead."""
    there = [(block, element) for block in all_blocks(message) for element in elements_of(block)]
    for block, element in there:
        if element.get("action_id") == action_id and _offers(element, value):
            return block, element
    names = ", ".join(str(element["action_id"]) for _, element in there if "action_id" in element) or "none"
    raise LookupError(f"no button {action_id} (value {value}) in this message; there are: {names}")


def _offers(element: Json, value: str | None) -> bool:
    if element["type"] == "button":
        return value is None or element.get("value") == value
    return any(option["value"] == value for option in element.get("options", ()))


def action_of(element: Json, value: str | None) -> Json:
    """The entry of ``actions`` in a ``block_actions`` payload, without block and time."""
    action = {key: element[key] for key in ("type", "action_id")}
    if element["type"] == "button":
        return action | {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    chosen = next(option for option in element["options"] if option["value"] == value)
    return action | {"selected_option": {key: chosen[key] for key in ("text", "value")}}
