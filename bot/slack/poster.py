"""Everything the bot says in Slack. A card stands once: it is found again by the key in its metadata.

Every edit sends text, blocks and metadata together: ``chat.update`` with a text alone takes the blocks away
(docs.slack.dev, chat.update).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.blocks import Block, section
from bot.slack.card import Card
from bot.slack.client import CALL_ERRORS, TIMEOUT_S, Identity, SlackError, identify, slack_error
from bot.slack.modal import View
from bot.slack.text import escape_lines, is_member_id, mention

CARD = "backtrace_card"
MENTION = "backtrace_mention"
LINE = "backtrace_line"
_KEYS = {CARD: "incident", MENTION: "press", LINE: "line"}
"""Under which name the metadata of each kind of post carries what it is found by."""

PAGE_SIZE = 200
MOST_PAGES = 10
MOST_REPLY = 3000
OK = 200

_BAD_BLOCKS = frozenset(("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"))
_CLOSED_VIEW = frozenset(("not_found", "view_not_found", "expired_trigger_id"))
_WITH_METADATA: dict[str, Any] = {"include_all_metadata": True}
_NO_THREAD = frozenset(("thread_not_found", "message_not_found"))

log = logging.getLogger(__name__)

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Post:
    """A message with its metadata, as both ``chat.postMessage`` and ``chat.update`` take it."""

    text: str
    blocks: tuple[Block, ...]
    event_type: str
    payload: Mapping[str, str]

    def arguments(self) -> dict[str, Any]:
        metadata = {"event_type": self.event_type, "event_payload": dict(self.payload)}
        return {"text": self.text, "blocks": list(self.blocks), "metadata": metadata}


class Poster:
    """All methods raise :class:`SlackError`; its ``permanent`` says whether another try can help."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self._identity: Identity | None = None

    async def find_card(self, channel: str, thread_ts: str | None, key: str) -> str | None:
        """The ``ts`` of our own card with that key: in the thread, or among the channel's newest where it has none."""
        return await self._find(channel, thread_ts, CARD, key)

    async def post_card(self, channel: str, thread_ts: str | None, card: Card, key: str) -> str:
        """Post the card; returns its ``ts``. Look with :meth:`find_card` first: this one posts each time."""
        return await self._post(channel, thread_ts, _card(card, key))

    async def update_card(self, channel: str, ts: str, card: Card, key: str) -> None:
        post = _card(card, key)
        try:
            await _asked(self.client.chat_update(channel=channel, ts=ts, **post.arguments()))
        except SlackError as error:
            await _asked(self.client.chat_update(channel=channel, ts=ts, **_plain(post, error).arguments()))

    async def mention_once(self, channel: str, thread_ts: str | None, slack_ids: Sequence[str], key: str) -> None:
        """Ask people to look, by name and in the thread; a second time with the same key does nothing."""
        names = " ".join(mention(slack_id) for slack_id in slack_ids if is_member_id(slack_id))
        if not names or await self._find(channel, thread_ts, MENTION, key):
            return
        text = f"{names} please look at this."
        await self._post(
            channel, thread_ts, _Post(text, tuple(section((text,), MOST_REPLY)), MENTION, {_KEYS[MENTION]: key})
        )

    async def say_once(self, channel: str, thread_ts: str | None, text: str, key: str) -> None:
        """Say something for all, in the thread or in the channel; a second time with the same key does nothing.

        ``text`` is mrkdwn that is escaped already.
        """
        if not await self._find(channel, thread_ts, LINE, key):
            post = _Post(text, tuple(section((text,), MOST_REPLY)), LINE, {_KEYS[LINE]: key})
            await self._post(channel, thread_ts, post)

    async def permalink(self, channel: str, ts: str) -> str:
        """Where a message stands; empty for one that is gone."""
        try:
            answer = await _asked(self.client.chat_getPermalink(channel=channel, message_ts=ts))
        except SlackError as error:
            if not error.permanent:
                raise
            return ""
        return str(answer.get("permalink") or "")

    async def tell(self, channel: str, user: str, words: str) -> None:
        """Tell one person in a channel, seen by nobody else. ``words`` are plain text, which is escaped here."""
        text = escape_lines(words, MOST_REPLY)
        await _asked(self.client.chat_postEphemeral(channel=channel, user=user, text=text))

    async def reply(self, response_url: str, text: str, blocks: Sequence[Block] = ()) -> None:
        """Answer a command so that only its asker sees it. Works where the bot is no member, for half an hour.

        Without blocks ``text`` is plain words, which are escaped here; with blocks it is a card's text.
        """
        words = text if blocks else escape_lines(text, MOST_REPLY)
        webhook = AsyncWebhookClient(response_url, timeout=TIMEOUT_S)
        try:
            answer = await webhook.send(text=words, blocks=list(blocks) or None, response_type="ephemeral")
        except CALL_ERRORS as error:
            raise slack_error(error) from error
        if answer.status_code != OK:
            # The URL has expired or was used five times: nobody can be told any more.
            raise SlackError(f"response_url answered {answer.status_code}", permanent=answer.status_code < 500)  # noqa: PLR2004 - HTTP

    async def history_since(self, channel: str, ts: str, limit: int) -> tuple[Message, ...]:
        """The channel's messages after ``ts``, oldest first; of more than ``limit`` the newest."""
        found: list[Message] = []
        async for message in self._pages(
            self.client.conversations_history, channel=channel, oldest=ts, inclusive=False
        ):
            found.append(message)
            if len(found) >= limit:
                log.warning(
                    "channel %s had more than %d messages since %s: the oldest are left out", channel, limit, ts
                )
                break
        return tuple(sorted(found, key=lambda message: str(message.get("ts", ""))))

    async def replies_since(self, channel: str, thread_ts: str, ts: str, limit: int) -> tuple[Message, ...]:
        """The thread's answers after ``ts``, oldest first, at most ``limit``; none where the thread is gone."""
        # Slack puts the thread's first message before its answers, however old it is.
        thread = self._thread(channel, thread_ts, oldest=ts)
        found = [message async for message in thread if str(message.get("ts", "")) > ts]
        return tuple(found[-limit:])

    async def timezone(self, user: str) -> str:
        """The user's zone by its IANA name; UTC where Slack or this machine doesn't know it."""
        try:
            answer = await _asked(self.client.users_info(user=user))
            name = str(answer["user"]["tz"])
            ZoneInfo(name)
        except SlackError as error:
            if not error.permanent:
                raise
            return "UTC"
        except (KeyError, TypeError, ValueError, OSError):
            return "UTC"
        return name

    async def open_view(self, trigger_id: str, view: View) -> str:
        """Open a modal; returns its id. A trigger id lives three seconds and serves once."""
        answer = await _asked(self.client.views_open(trigger_id=trigger_id, view=view))
        return str(answer["view"]["id"])

    async def update_view(self, view_id: str, view: View) -> bool:
        """Fill the modal. One that its reader has closed meanwhile is no trouble: then False."""
        try:
            await _asked(self.client.views_update(view_id=view_id, view=view))
        except SlackError as error:
            if error.reason not in _CLOSED_VIEW:
                raise
            return False
        return True

    async def _post(self, channel: str, thread_ts: str | None, post: _Post) -> str:
        where: dict[str, Any] = {"channel": channel, "unfurl_links": False, "unfurl_media": False}
        where |= {"thread_ts": thread_ts} if thread_ts else {}
        try:
            answer = await _asked(self.client.chat_postMessage(**where, **post.arguments()))
        except SlackError as error:
            answer = await _asked(self.client.chat_postMessage(**where, **_plain(post, error).arguments()))
        return str(answer["ts"])

    async def _find(self, channel: str, thread_ts: str | None, event_type: str, key: str) -> str | None:
        own = await self._own_id()
        async for message in self._thread(channel, thread_ts):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            # Anybody's app may write this metadata: only what we posted ourselves is ours.
            is_own = message.get("bot_id") == own.bot_id or message.get("user") == own.bot_user_id
            if is_own and metadata.get("event_type") == event_type and payload.get(_KEYS[event_type]) == key:
                return str(message["ts"])
        return None

    async def _thread(self, channel: str, thread_ts: str | None, **when: str) -> AsyncIterator[Message]:
        if thread_ts is None:
            newest = await _asked(self.client.conversations_history(channel=channel, limit=PAGE_SIZE, **_WITH_METADATA))
            for message in newest.get("messages") or ():
                yield message
            return
        try:
            where = {"channel": channel, "ts": thread_ts, **when}
            replies = self._pages(self.client.conversations_replies, **where, **_WITH_METADATA)
            async for message in replies:
                yield message
        except SlackError as error:
            if error.reason not in _NO_THREAD:
                raise

    async def _pages(self, method: Callable[..., Awaitable[Any]], **arguments: Any) -> AsyncIterator[Message]:
        cursor = ""
        for _ in range(MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = await _asked(method(limit=PAGE_SIZE, **arguments, **more))
            for message in answer.get("messages") or ():
                yield message
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def _own_id(self) -> Identity:
        if self._identity is None:
            self._identity = await identify(self.client)
        return self._identity


async def _asked(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except CALL_ERRORS as error:
        raise slack_error(error) from error


def _card(card: Card, key: str) -> _Post:
    return _Post(card.text, card.blocks, CARD, {**card.facts, _KEYS[CARD]: key})


def _plain(post: _Post, error: SlackError) -> _Post:
    """The same post in one plain section, for a Slack that refuses its blocks; any other refusal is raised."""
    if error.reason not in _BAD_BLOCKS:
        raise error
    log.error("Slack refused the blocks of a %s (%s): it is posted as plain text", post.event_type, error.reason)
    return replace(post, blocks=tuple(section((post.text,), MOST_REPLY)))
