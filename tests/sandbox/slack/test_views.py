"""Modals: triggers, updates, what a submit's answer does, and pressing what is there."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from sandbox.slack.views import unanswered, with_values
from tests.sandbox.slack.bot import MODAL, serve
from tests.sandbox.slack.conftest import ALERTS, PUBLIC, Clock
from tests.sandbox.slack.test_web_api import error_of

VANI = "U0VANI0001"
LOADING: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Checking …"},
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "One moment"}}],
}


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: Slack, client: AsyncWebClient, clock: Clock
) -> None:
    """Invented, used and old triggers are refused by different words."""
    trigger, late = slack.state.next_trigger(VANI), slack.state.next_trigger(VANI)
    view = (await client.views_open(trigger_id=trigger, view=LOADING))["view"]
    used = await error_of(client.views_open(trigger_id=trigger, view=LOADING))
    clock.forward(3.1)

    assert {"id", "hash", "state", "root_view_id", "callback_id", "private_metadata"} <= set(view)
    assert used == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.x", view=LOADING)) == "invalid_trigger_id"
    assert await error_of(client.views_open(trigger_id=late, view=LOADING)) == "expired_trigger_id"


async def test_a_wrong_view_is_explained(slack: Slack, client: AsyncWebClient) -> None:
    """Slack answers invalid_arguments with a sentence for each problem."""
    wrong = {**LOADING, "title": {"type": "plain_text", "text": "x" * 25}}
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=slack.state.next_trigger(VANI), view=wrong)

    assert refused.value.response["error"] == "invalid_arguments"
    assert "/view/title" in refused.value.response["response_metadata"]["messages"][0]


async def test_update_keeps_the_id_and_minds_the_hash(slack: Slack, client: AsyncWebClient) -> None:
    """A filled modal replaces the loading one; an update that saw an older one is refused; a closed one is gone."""
    opened = (await client.views_open(trigger_id=slack.state.next_trigger(VANI), view=LOADING))["view"]
    filled = (await client.views_update(view_id=opened["id"], view=MODAL, hash=opened["hash"]))["view"]
    stale = await error_of(client.views_update(view_id=opened["id"], view=LOADING, hash=opened["hash"]))
    shown = await slack.view_of(VANI) or {}
    slack.state.views.clear()

    assert (filled["id"], shown["title"]["text"], stale) == (opened["id"], "Roll back", "hash_conflict")
    assert await error_of(client.views_update(view_id=opened["id"], view=LOADING)) == "not_found"


async def test_a_view_is_found_by_its_external_id(slack: Slack, client: AsyncWebClient) -> None:
    """The app's own name for a view works as well as Slack's."""
    view = {**LOADING, "external_id": "mine"}
    await client.views_open(trigger_id=slack.state.next_trigger(VANI), view=view)
    updated = await client.views_update(external_id="mine", view=MODAL)

    assert updated["view"]["callback_id"] == "sure"


async def submitted(slack: Slack, client: AsyncWebClient, answer: web.Response) -> Any:
    async def handle(_request: web.Request) -> web.Response:
        return answer

    await client.views_open(trigger_id=slack.state.next_trigger(VANI), view=MODAL)
    async with serve(handle) as slack.request_url:
        return await slack.submit(VANI, values={"reason": "x"})


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        (web.json_response({"response_action": "update", "view": LOADING}), ["Checking …"]),
        (web.json_response({"response_action": "push", "view": LOADING}), ["Roll back", "Checking …"]),
        (web.json_response({"response_action": "clear"}), []),
        (web.Response(), []),
    ],
    ids=["update", "push", "clear", "empty"],
)
async def test_what_an_answer_does_to_the_modal(
    slack: Slack, client: AsyncWebClient, answer: web.Response, titles: list[str]
) -> None:
    """update replaces, push stacks, clear closes all, an empty answer closes this one."""
    reply = await submitted(slack, client, answer)

    assert [held.view["title"]["text"] for held in slack.state.views[VANI]] == titles
    assert (reply.view or {"title": {"text": None}})["title"]["text"] == (titles[-1] if titles else None)


async def test_a_failing_submit_keeps_the_modal(slack: Slack, client: AsyncWebClient) -> None:
    """When the bot fails or answers with a view that Slack refuses, the person still has the modal."""
    failed = await submitted(slack, client, web.Response(status=500))
    refused = await submitted(slack, client, web.json_response({"response_action": "update", "view": {}}))

    assert (failed.error, refused.error) == ("dispatch_failed", "invalid_arguments")
    assert await slack.view_of(VANI) is not None


async def test_a_modal_without_submit_cant_be_submitted(slack: Slack, client: AsyncWebClient) -> None:
    """There is nothing to press in a modal that only tells something, and none without an open one."""
    with pytest.raises(LookupError):
        await slack.submit(VANI)
    await client.views_open(trigger_id=slack.state.next_trigger(VANI), view=LOADING)

    with pytest.raises(PermissionError):
        await slack.submit(VANI)


def test_values_of_every_kind_of_input() -> None:
    """Inputs are filled by action id, keep what stood there, and required empty ones are named."""
    option = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
    kinds = {
        "select": {"type": "static_select", "options": [option]},
        "radio": {"type": "radio_buttons", "options": [option], "initial_option": option},
        "boxes": {"type": "checkboxes", "options": [option]},
        "words": {"type": "plain_text_input", "initial_value": "before"},
    }
    blocks = [
        {"type": "input", "block_id": name, "element": {**element, "action_id": name}}
        for name, element in kinds.items()
    ]
    empty = with_values({"blocks": blocks}, {})
    full = with_values({"blocks": blocks}, {"select": "1", "boxes": ["1"], "words": "after"})

    assert set(unanswered(empty)) == {"select", "boxes"}
    assert unanswered(full) == {}
    assert full["state"]["values"]["select"]["select"]["selected_option"] == option
    assert full["state"]["values"]["boxes"]["boxes"]["selected_options"] == [option]
    assert full["state"]["values"]["words"]["words"]["value"] == "after"
    assert empty["state"]["values"]["words"]["words"]["value"] == "before"
    with pytest.raises(LookupError):
        with_values({"blocks": blocks}, {"select": "2"})


MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("one", "two")],
}
ONLY_BORIS = {
    "type": "button",
    "action_id": "mine",
    "text": {"type": "plain_text", "text": "Mine"},
    "visible_to_user_ids": ["U0BORIS001"],
}


async def test_only_what_is_there_can_be_pressed(slack: Slack, client: AsyncWebClient) -> None:
    """No such button, no such option, a button for somebody else, a message or channel that one can't see: refused."""
    blocks = [{"type": "actions", "elements": [MENU, ONLY_BORIS]}]
    ts = (await client.chat_postMessage(channel=ALERTS, text="x", blocks=blocks))["ts"]

    with pytest.raises(LookupError, match="more, mine"):
        await slack.press(VANI, ALERTS, ts, "go")
    with pytest.raises(LookupError):
        await slack.press(VANI, ALERTS, ts, "more", "three")
    with pytest.raises(PermissionError):
        await slack.press(VANI, ALERTS, ts, "mine")
    with pytest.raises(LookupError):
        await slack.press(VANI, ALERTS, "1.000000", "more", "one")
    with pytest.raises(LookupError):
        await slack.press("U0NOBODY01", ALERTS, ts, "more", "one")
    with pytest.raises(LookupError):
        await slack.say(VANI, "C0NOWHERE1", "x")


async def test_an_option_is_pressed_by_its_value(slack: Slack, client: AsyncWebClient) -> None:
    """The payload of a menu carries the option; the message may be an ephemeral one or an attachment."""
    blocks = [{"type": "actions", "elements": [MENU]}]
    await client.chat_postEphemeral(channel=ALERTS, user=VANI, text="x", blocks=blocks)
    (ephemeral,) = await slack.ephemerals(VANI)
    attached = await slack.post_webhook(PUBLIC, {"attachments": [{"blocks": blocks}]})

    await slack.press(VANI, ALERTS, ephemeral["ts"], "more", "two")
    await slack.press(VANI, PUBLIC, attached, "more", "one")
    told = [exchange.request for exchange in slack.recorded if exchange.kind == "delivery"]

    assert [body["actions"][0]["selected_option"]["value"] for body in told] == ["two", "one"]
    assert [("message" in body, body["container"]["is_ephemeral"]) for body in told] == [(False, True), (True, False)]
