"""The reading methods: who the bot is, channels, their history, people."""

from __future__ import annotations

import base64
import binascii
import copy
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.slack.calls import Call, SlackError, joined_channel, visible_channel
from sandbox.slack.team import Json, SlackChannel, SlackTeam, SlackUser


def auth_test(call: Call) -> Json:
    team = call.state.team
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.domain,
        "user": team.bot_name,
        "team_id": team.team_id,
        "user_id": team.bot_user_id,
        "bot_id": team.bot_id,
        "is_enterprise_install": False,
    }


def history(call: Call) -> Json:
    """Newest first, without the answers in threads (unless they were sent to the channel too)."""
    channel = joined_channel(call)
    shown = [message for message in call.state.in_channel(channel.id) if _in_channel_view(message)]
    shown = [message for message in shown if _is_readable(call, message["ts"])]
    return _page(call, sorted(shown, key=_order, reverse=True), usual=100, most=999)


def replies(call: Call) -> Json:
    """A thread, oldest first, its first message always leading."""
    channel = joined_channel(call)
    root = call.state.find(channel.id, call.text("ts"))
    if root is None:
        raise SlackError("thread_not_found")
    answers = [message for message in call.state.replies(channel.id, root["ts"]) if _is_readable(call, message["ts"])]
    return _page(call, [root, *sorted(answers, key=_order)], usual=1000, most=1000)


def info(call: Call) -> Json:
    return {"channel": _channel(call.state.team, visible_channel(call))}


def users_info(call: Call) -> Json:
    user = call.state.team.user(call.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user_of(call.state.team, user, call.state.clock())}


def _in_channel_view(message: Json) -> bool:
    is_reply = message.get("thread_ts", message["ts"]) != message["ts"]
    return not is_reply or message.get("subtype") == "thread_broadcast"


def _is_readable(call: Call, ts: str) -> bool:
    lag_s = call.state.options.history_lag_s
    has_arrived = not lag_s or call.state.clock().timestamp() - float(ts) >= lag_s
    return has_arrived and _in_time(call, ts)


def _in_time(call: Call, ts: str) -> bool:
    inclusive = call.flag("inclusive")
    oldest, latest = call.args.get("oldest"), call.args.get("latest")
    late_enough = (
        not oldest or _micros(ts) > _micros(str(oldest)) or (inclusive and _micros(ts) == _micros(str(oldest)))
    )
    early_enough = (
        not latest or _micros(ts) < _micros(str(latest)) or (inclusive and _micros(ts) == _micros(str(latest)))
    )
    return late_enough and early_enough


def _micros(ts: str) -> int:
    seconds, _, fraction = ts.partition(".")
    try:
        return int(seconds) * 1_000_000 + int(f"{fraction:0<6}"[:6])
    except ValueError as error:
        raise SlackError("invalid_ts_oldest") from error


def _order(message: Json) -> int:
    return _micros(message["ts"])


def _page(call: Call, messages: list[Json], *, usual: int, most: int) -> Json:
    start, size = _cursor(call), call.number("limit", usual, most)
    first = next((place for place, message in enumerate(messages) if message["ts"] == start), 0)
    if start and not any(message["ts"] == start for message in messages):
        raise SlackError("invalid_cursor")
    page, rest = messages[first : first + size], messages[first + size :]
    answer: Json = {"messages": [_shown(call, message) for message in page], "has_more": bool(rest)}
    if rest:
        answer["response_metadata"] = {"next_cursor": _pack(rest[0]["ts"])}
    return answer


def _shown(call: Call, message: Json) -> Json:
    shown = copy.deepcopy(message)
    if not call.flag("include_all_metadata"):
        shown.pop("metadata", None)
    return shown


def _pack(place: str) -> str:
    return base64.b64encode(f"next:{place}".encode()).decode() if place else ""


def _cursor(call: Call) -> str:
    """The place that a cursor names; empty without one."""
    cursor = str(call.args.get("cursor") or "")
    if not cursor:
        return ""
    try:
        kind, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if kind != "next":
        raise SlackError("invalid_cursor")
    return place


def _channel(team: SlackTeam, channel: SlackChannel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": False,
        "is_general": channel.name == "general",
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_member": channel.has_bot,
        "context_team_id": team.team_id,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _tells_email(team: SlackTeam) -> bool:
    return team.scopes is None or "users:read.email" in team.scopes


def user_of(team: SlackTeam, user: SlackUser, now: datetime) -> Json:
    offset = ZoneInfo(user.tz).utcoffset(now.astimezone(ZoneInfo(user.tz)))
    return {
        "id": user.id,
        "team_id": user.team_id or team.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name or user.name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {
            "real_name": user.real_name or user.name,
            "display_name": user.name,
            "team": user.team_id or team.team_id,
            **({"email": user.email} if user.email and not user.is_stranger and _tells_email(team) else {}),
        },
        "is_admin": False,
        "is_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        **({"is_stranger": True} if user.is_stranger else {}),
        "is_app_user": False,
        "updated": 0,
    }
