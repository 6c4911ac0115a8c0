"""The ``chat.*`` methods."""

from __future__ import annotations

from typing import Any

from sandbox.slack.calls import Call, SlackError, content_of, joined_channel, metadata_of, visible_channel
from sandbox.slack.state import SlackState
from sandbox.slack.stored import TEXT_LIMIT
from sandbox.slack.team import Json


def written_by_bot(state: SlackState) -> Json:
    """The fields of a current app's message: a ``user``, no subtype (alerts that use webhooks have one)."""
    team = state.team
    profile = {"id": team.bot_id, "app_id": team.app_id, "name": team.bot_name, "deleted": False, "icons": {}}
    return {
        "user": team.bot_user_id,
        "bot_id": team.bot_id,
        "app_id": team.app_id,
        "team": team.team_id,
        "bot_profile": {**profile, "updated": 0, "team_id": team.team_id},
    }


def post_message(call: Call) -> Json:
    channel = joined_channel(call)
    message = {**content_of(call.state, call.args), **written_by_bot(call.state)}
    metadata = metadata_of(call.args)
    if metadata:
        message["metadata"] = metadata
    if call.args.get("thread_ts"):
        message |= thread_fields(call.state, channel.id, call.args)
    stored = call.state.add(channel.id, message)
    return {"channel": channel.id, "ts": stored["ts"], "message": stored, **_cut_warning(call)}


def thread_fields(state: SlackState, channel_id: str, args: Json) -> Json:
    """Where a reply belongs. Slack itself takes any ``thread_ts``; here a bot that answers nothing is told so."""
    root = state.find(channel_id, str(args["thread_ts"]))
    if root is None:
        raise SlackError("thread_not_found")
    fields: Json = {"thread_ts": root.get("thread_ts", root["ts"])}
    if str(args.get("reply_broadcast", "")).lower() in ("1", "true"):
        fields["subtype"] = "thread_broadcast"
    return fields


def update(call: Call) -> Json:
    """Blocks are replaced as a whole, and ``text`` alone removes them. Attachments and metadata stay unless sent."""
    channel = joined_channel(call)
    ts = call.text("ts")
    message = call.state.find(channel.id, ts)
    if message is None:
        raise SlackError("message_not_found")
    if message.get("bot_id") != call.state.team.bot_id:
        raise SlackError("cant_update_message")
    changed = call.state.change(channel.id, ts, _changes(call, message))
    return {"channel": channel.id, "ts": ts, "text": changed["text"], "message": changed, **_cut_warning(call)}


def _changes(call: Call, message: Json) -> Json:
    args = call.args
    changes: Json = {}
    if args.get("text") or "blocks" in args or "attachments" in args:
        content = content_of(call.state, _kept(args, message))
        changes = {"text": content["text"]}
        if args.get("text") or "blocks" in args:
            changes["blocks"] = content.get("blocks")
        if "attachments" in args:
            changes["attachments"] = content.get("attachments")
    elif "metadata" not in args:
        raise SlackError("no_text")
    if "metadata" in args:
        changes["metadata"] = metadata_of(args)
    if not changes.get("blocks", message.get("blocks")):
        changes["edited"] = {"user": call.state.team.bot_user_id, "ts": message["ts"]}
    return changes


def _kept(args: Json, message: Json) -> Json:
    """The arguments of an update, with the old text where only attachments were sent."""
    if "blocks" in args or args.get("text"):
        return args
    return {**args, "text": message["text"]}


def post_ephemeral(call: Call) -> Json:
    channel = joined_channel(call)
    user = call.text("user")
    if call.state.team.user(user) is None or user not in call.state.team.members(channel):
        raise SlackError("user_not_in_channel")
    message = {**content_of(call.state, call.args), **written_by_bot(call.state)}
    if call.args.get("thread_ts"):
        message |= thread_fields(call.state, channel.id, call.args)
    return {"message_ts": call.state.show_only_to(user, channel.id, message)["ts"]}


def get_permalink(call: Call) -> Json:
    channel = visible_channel(call)
    ts = call.text("message_ts")
    message = call.state.find(channel.id, ts)
    if message is None:
        raise SlackError("message_not_found")
    link = f"https://{call.state.team.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.get("thread_ts", ts) != ts:
        link += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _cut_warning(call: Call) -> dict[str, Any]:
    if len(str(call.args.get("text") or "")) <= TEXT_LIMIT:
        return {}
    return {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
