"""Words with buttons that one person alone sees, in the channel or the thread where they pressed."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Block
from bot.slack.client import CALL_ERRORS, slack_error
from bot.slack.text import escape_lines

MOST = 3000


async def offer(
    client: AsyncWebClient, where: tuple[str, str | None], user: str, words: str, shown: Sequence[Block]
) -> None:
    """``where`` is the channel and the thread, if any; ``words`` are plain text, ``shown`` says the same.

    :raises SlackError: when Slack does not show it.
    """
    channel, thread_ts = where
    try:
        await client.chat_postEphemeral(
            channel=channel, user=user, text=escape_lines(words, MOST), blocks=list(shown), thread_ts=thread_ts
        )
    except CALL_ERRORS as error:
        raise slack_error(error) from error
