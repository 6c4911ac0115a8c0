"""A channel in which the bot is silent for a while, since somebody there asked for it."""

from __future__ import annotations

from dbos import DBOS

from bot.slack import command
from bot.slack.text import is_member_id, mention
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.showing import ANSWERING_TRIES, reply, worth_another_try


@DBOS.workflow(name="pause_channel")
async def pause_channel(pause_id: str) -> str:
    """Pause a channel, or go on in it, and say so to all there; who may not ask is told so alone.

    What fires meanwhile is kept, and answered once the time is over, where it still fires then.
    """
    return await say_pause(pause_id)


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def say_pause(house: House, pause_id: str) -> str:
    pause = await house.store.pauses.existing(pause_id)
    refusal = await house.audience.refusal(pause.team, pause.slack_user, pause.channel)
    if pause.channel not in house.settings.slack.channels:
        refusal = command.not_a_channel_of_ours()
    elif not refusal and pause.resumes and not await house.store.pauses.ends_one(pause):
        refusal = command.not_paused()
    if refusal:
        if pause.reply_to:
            await reply(house, pause.reply_to, refusal)
    else:
        await house.store.pauses.accept(pause_id, house.clock())
        # By a mention: the bot knows the names of few, and it is they themselves who asked.
        who = mention(pause.slack_user) if is_member_id(pause.slack_user) else "Somebody"
        words = command.goes_on(who) if pause.resumes else command.pauses(who, pause.until)
        await house.poster.say_once(pause.channel, None, words, f"pause-{pause_id}")
    await house.store.pauses.finish(pause_id, house.clock())
    return "refused" if refusal else "done"
