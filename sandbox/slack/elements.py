"""Block Kit's smaller parts: text objects, buttons, menus, inputs. Same wording of problems as in ``blocks``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from sandbox.slack.team import Json

ANY_TEXT = ("plain_text", "mrkdwn")
_TEXT_FIELDS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
_COMMON = frozenset({"type", "action_id", "confirm", "focus_on_load"})


def problem(says: str, at: str) -> str:
    return f"{says} [json-pointer:{at}]"


def too_long(value: object, at: str, limit: int) -> Iterator[str]:
    """A string that is over its limit; other types are no strings at all. None is absent and fine."""
    if value is None:
        return
    if not isinstance(value, str):
        yield problem("must be a string", at)
    elif len(value) > limit:
        yield problem(f"must be less than {limit + 1} characters", at)


def list_problems(value: object, at: str, limit: int) -> Iterator[str]:
    """A list with 1 to ``limit`` items."""
    if not isinstance(value, list):
        yield problem("must be a list", at)
    elif not value:
        yield problem("must have at least 1 item", at)
    elif len(value) > limit:
        yield problem(f"no more than {limit} items allowed", at)


def unknown_fields(thing: Json, at: str, known: frozenset[str] | None) -> Iterator[str]:
    """Fields that Slack doesn't know in this type; None means that all are taken."""
    if known is None:
        return
    for key in sorted(set(thing) - known - {"type", "block_id"}):
        yield problem(f"invalid additional property: {key}", at)


def text_problems(value: object, at: str, limit: int, kinds: tuple[str, ...] = ANY_TEXT) -> Iterator[str]:
    """A text object of one of these kinds with 1 to ``limit`` characters."""
    if not isinstance(value, dict):
        yield problem("must be a text object", at)
        return
    kind = value.get("type")
    if kind not in kinds:
        yield problem(f"unsupported type: {kind}", f"{at}/type")
        return
    for key in sorted(set(value) - _TEXT_FIELDS[kind]):
        yield problem(f"invalid additional property: {key}", at)
    if not value.get("text"):
        yield problem("must be more than 0 characters", f"{at}/text")
    yield from too_long(value.get("text"), f"{at}/text", limit)


def url_problems(value: object, at: str) -> Iterator[str]:
    yield from too_long(value, at, 3000)
    if not isinstance(value, str) or urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
        yield problem("must be a http or https url", at)


def image_problems(image: Json, at: str) -> Iterator[str]:
    """An image, as a block or as an element: an address or a file of Slack's, and the words for who can't see it."""
    if not image.get("alt_text"):
        yield problem("missing required field: alt_text", at)
    yield from too_long(image.get("alt_text"), f"{at}/alt_text", 2000)
    if "image_url" in image:
        yield from url_problems(image["image_url"], f"{at}/image_url")
    elif not isinstance(image.get("slack_file"), dict):
        yield problem("missing required field: image_url or slack_file", at)
    if "title" in image:
        yield from text_problems(image["title"], f"{at}/title", 2000, ("plain_text",))


def element_problems(element: object, at: str) -> Iterator[str]:
    """Whatever may stand in an actions block, an input or as an accessory."""
    if not isinstance(element, dict):
        yield problem("must be an object", at)
        return
    kind = str(element.get("type"))
    if kind == "image":
        yield from image_problems(element, at)
        return
    if kind not in _ELEMENTS:
        yield problem(f"unsupported type: {kind}", f"{at}/type")
        return
    fields, check = _ELEMENTS[kind]
    yield from unknown_fields(element, at, fields | _COMMON if fields is not None else None)
    yield from too_long(element.get("action_id"), f"{at}/action_id", 255)
    if element.get("action_id") == "":
        yield problem("must be more than 0 characters", f"{at}/action_id")
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{at}/confirm")
    if "placeholder" in element:
        yield from text_problems(element["placeholder"], f"{at}/placeholder", 150, ("plain_text",))
    yield from check(element, at)


def _button(button: Json, at: str) -> Iterator[str]:
    yield from text_problems(button.get("text"), f"{at}/text", 75, ("plain_text",))
    yield from too_long(button.get("value"), f"{at}/value", 2000)
    yield from too_long(button.get("accessibility_label"), f"{at}/accessibility_label", 75)
    if "url" in button:
        yield from url_problems(button["url"], f"{at}/url")
    if "style" in button and button["style"] not in ("primary", "danger"):
        yield problem("must be primary or danger", f"{at}/style")


def _confirm(confirm: object, at: str) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield problem("must be an object", at)
        return
    yield from text_problems(confirm.get("title"), f"{at}/title", 100, ("plain_text",))
    yield from text_problems(confirm.get("text"), f"{at}/text", 300)
    for key in ("confirm", "deny"):
        yield from text_problems(confirm.get(key), f"{at}/{key}", 30, ("plain_text",))


def _overflow(menu: Json, at: str) -> Iterator[str]:
    yield from _options(menu.get("options"), f"{at}/options", 5)
    if isinstance(menu.get("options"), list) and len(menu["options"]) == 1:
        yield problem("must have at least 2 items", f"{at}/options")


def _select(menu: Json, at: str) -> Iterator[str]:
    if "option_groups" not in menu:
        yield from _options(menu.get("options"), f"{at}/options", 100)
        return
    groups = menu["option_groups"]
    yield from list_problems(groups, f"{at}/option_groups", 100)
    for number, group in enumerate(groups if isinstance(groups, list) else ()):
        place = f"{at}/option_groups/{number}"
        yield from text_problems(group.get("label"), f"{place}/label", 75, ("plain_text",))
        yield from _options(group.get("options"), f"{place}/options", 100)


def _choices(element: Json, at: str) -> Iterator[str]:
    yield from _options(element.get("options"), f"{at}/options", 10)


def _options(options: object, at: str, limit: int) -> Iterator[str]:
    yield from list_problems(options, at, limit)
    for number, option in enumerate(options if isinstance(options, list) else ()):
        place = f"{at}/{number}"
        if not isinstance(option, dict):
            yield problem("must be an object", place)
            continue
        yield from unknown_fields(option, place, frozenset({"text", "value", "description", "url"}))
        yield from text_problems(option.get("text"), f"{place}/text", 75)
        if not option.get("value"):
            yield problem("missing required field: value", place)
        yield from too_long(option.get("value"), f"{place}/value", 150)
        if "description" in option:
            yield from text_problems(option["description"], f"{place}/description", 75)
        if "url" in option:
            yield from url_problems(option["url"], f"{place}/url")


def _plain_text_input(field: Json, at: str) -> Iterator[str]:
    for key in ("max_length", "min_length"):
        length = field.get(key)
        if length is not None and (not isinstance(length, int) or not 0 <= length <= 3000):
            yield problem("must be a number from 0 to 3000", f"{at}/{key}")


def _anything(_element: Json, _at: str) -> Iterator[str]:
    yield from ()


_Check = Callable[[Json, str], Iterator[str]]
_ELEMENTS: Mapping[str, tuple[frozenset[str] | None, _Check]] = {
    "button": (frozenset({"text", "url", "value", "style", "accessibility_label", "visible_to_user_ids"}), _button),
    "overflow": (frozenset({"options"}), _overflow),
    "static_select": (frozenset({"placeholder", "options", "option_groups", "initial_option"}), _select),
    "multi_static_select": (None, _select),
    "checkboxes": (frozenset({"options", "initial_options"}), _choices),
    "radio_buttons": (frozenset({"options", "initial_option"}), _choices),
    "plain_text_input": (
        frozenset({"placeholder", "initial_value", "multiline", "min_length", "max_length", "dispatch_action_config"}),
        _plain_text_input,
    ),
    **dict.fromkeys(
        (
            "users_select", "conversations_select", "channels_select", "external_select", "datepicker", "timepicker",
            "datetimepicker", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input",
            "multi_users_select", "multi_conversations_select", "multi_channels_select", "workflow_button",
        ),
        (None, _anything),
    ),
}  # fmt: skip
