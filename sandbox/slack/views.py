"""Modals: ``views.open``, ``views.update``, and what a submit's answer does to them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.slack.blocks import check_view
from sandbox.slack.calls import Call, SlackError
from sandbox.slack.state import OpenView, SlackState
from sandbox.slack.stored import store_blocks
from sandbox.slack.team import Json

STACK_LIMIT = 3


def open_view(call: Call) -> Json:
    user = use_trigger(call.state, str(call.args.get("trigger_id") or ""))
    view = stored_view(call.state, checked_view(call.args.get("view")))
    call.state.views[user] = [OpenView(user, view)]
    call.state.touch()
    return {"view": view}


def update_view(call: Call) -> Json:
    """Found by ``view_id`` or ``external_id``; a ``hash`` that is no longer the view's own is a conflict."""
    view = checked_view(call.args.get("view"))
    held = _held(call)
    if call.args.get("hash") and call.args["hash"] != held.view["hash"]:
        raise SlackError("hash_conflict")
    replace_view(call.state, held, view)
    return {"view": held.view}


def use_trigger(state: SlackState, trigger_id: str) -> str:
    """The user whose trigger this is; a trigger works once and for three seconds."""
    trigger = state.triggers.get(trigger_id)
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    if state.clock() - trigger.issued_at > timedelta(seconds=state.options.trigger_lives_s):
        raise SlackError("expired_trigger_id")
    trigger.used = True
    return trigger.user


def checked_view(view: object) -> Json:
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]})
    problems = check_view(view)
    if problems:
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {says}" for says in problems]})
    return view


def stored_view(state: SlackState, given: Json) -> Json:
    """A view as Slack hands it out: with an id, a hash, the fields that were left out, and no input yet."""
    view_id = f"V{secrets.token_hex(5).upper()}"
    team = state.team
    return {
        "id": view_id,
        "team_id": team.team_id,
        "type": "modal",
        "title": given["title"],
        "submit": given.get("submit"),
        "close": given.get("close"),
        "blocks": store_blocks(given["blocks"], state.next_block_id),
        "private_metadata": given.get("private_metadata", ""),
        "callback_id": given.get("callback_id", ""),
        "external_id": given.get("external_id", ""),
        "state": {"values": {}},
        "hash": f"{state.next_ts()}.{secrets.token_hex(4)}",
        "clear_on_close": bool(given.get("clear_on_close")),
        "notify_on_close": bool(given.get("notify_on_close")),
        "root_view_id": view_id,
        "previous_view_id": None,
        "app_id": team.app_id,
        "app_installed_team_id": team.team_id,
        "bot_id": team.bot_id,
    }


def replace_view(state: SlackState, held: OpenView, given: Json) -> None:
    """Another content in the same window: id and place in the stack stay."""
    fresh = stored_view(state, given)
    held.view = {**fresh, **{key: held.view[key] for key in ("id", "root_view_id", "previous_view_id")}}
    state.touch()


def push_view(state: SlackState, below: OpenView, given: Json) -> None:
    stack = state.views[below.user]
    if len(stack) >= STACK_LIMIT:
        raise SlackError("push_limit_reached")
    fresh = stored_view(state, given)
    fresh |= {"root_view_id": below.view["root_view_id"], "previous_view_id": below.view["id"]}
    stack.append(OpenView(below.user, fresh))
    state.touch()


def close_view(state: SlackState, held: OpenView) -> None:
    state.views[held.user].remove(held)
    state.touch()


def with_values(view: Json, values: Mapping[str, Any]) -> Json:
    """A view's state after a person filled in its inputs: ``values`` by action id, else what stood there at first."""
    filled: dict[str, Json] = {}
    for block in view["blocks"]:
        element = block.get("element") if block["type"] == "input" else None
        if element is not None:
            filled[block["block_id"]] = {element["action_id"]: _value_of(element, values.get(element["action_id"]))}
    return {**view, "state": {"values": filled}}


def unanswered(view: Json) -> dict[str, str]:
    """Required inputs that are empty, as Slack's own client refuses them, by block id. ``view`` has its values."""
    missing = {}
    for block in view["blocks"]:
        if block["type"] != "input" or block.get("optional"):
            continue
        answer = view["state"]["values"][block["block_id"]][block["element"]["action_id"]]
        if not any(value for key, value in answer.items() if key != "type"):
            missing[block["block_id"]] = "Please complete this required field."
    return missing


def _value_of(element: Json, given: Any) -> Json:
    kind = element["type"]
    if kind in ("static_select", "radio_buttons"):
        chosen = _option(element, given) if given is not None else element.get("initial_option")
        return {"type": kind, "selected_option": chosen}
    if kind == "checkboxes":
        ticked = element.get("initial_options", []) if given is None else [_option(element, value) for value in given]
        return {"type": kind, "selected_options": ticked}
    return {"type": kind, "value": element.get("initial_value") if given is None else str(given)}


def _option(element: Json, value: Any) -> Json:
    groups = element.get("option_groups") or [element]
    for option in (option for group in groups for option in group.get("options", ())):
        if option["value"] == value:
            return {key: option[key] for key in ("text", "value")}
    raise LookupError(f"{element['action_id']} has no option {value}")


def _held(call: Call) -> OpenView:
    view_id, external_id = call.args.get("view_id"), call.args.get("external_id")
    for stack in call.state.views.values():
        for held in stack:
            if held.view["id"] == view_id or (external_id and held.view["external_id"] == external_id):
                return held
    raise SlackError("not_found")
