"""What a leg's own run does once somebody has asked to stop it: cancel its job, and say what is live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.gitlab import pipelines
from bot.gitlab import rollback as gitlab_rollback
from bot.gitlab.client import GitLabClient, GitLabError, GitLabUnavailable, OutcomeUnknown
from bot.gitlab.errors import NotSent
from bot.store import Rollback
from bot.store.rollbacks import STOPPED
from bot.workflows.house import House
from bot.workflows.names import usernames

STOPPING = "stopping"
SENDING = "sending"
"""The status of a leg from just before it is sent to GitLab until it is known what came of it."""


class StoppedError(Exception):
    """Somebody asked to stop the leg, so nothing of it may be sent any more."""


async def not_stopped(house: House, row: Rollback) -> None:
    """Look once more just before a write. Where it is stopped, the row is as it was before it was to be sent.

    :raises StoppedError: where somebody has asked to stop the leg by now.
    """
    if (await house.store.rollbacks.get(row.id)).stopped_by:
        await house.store.rollbacks.save(row.id, status=row.status, sent_at=row.sent_at)
        raise StoppedError


async def halt(house: House, row: Rollback) -> bool:
    """Cancel the leg's job, where somebody asked for that; whether that is news for the card."""
    job_id = row.job_id
    if not _is_to_stop(row) or job_id is None:
        return False
    return await _cancelled(house, row, lambda client: gitlab_rollback.cancel_job(client, row.project, job_id))


async def halt_pipeline(house: House, row: Rollback) -> bool:
    """The same for a leg's own pipeline. Where others deploy, nothing is cancelled: nobody waits for it any more."""
    pipeline_id = row.pipeline_id
    if not _is_to_stop(row):
        return False
    if pipeline_id is None:
        await never_began(house, row)
        return True
    return await _cancelled(house, row, lambda client: pipelines.cancel_pipeline(client, row.project, pipeline_id))


def _is_to_stop(row: Rollback) -> bool:
    return bool(row.stopped_by) and row.status != STOPPING


async def _cancelled(house: House, row: Rollback, cancel: Callable[[GitLabClient], Awaitable[object]]) -> bool:
    """What GitLab refuses is said, and the leg goes on; what it does not answer, or what could not be sent, is tried
    again at the next look, since cancelling twice does no harm."""
    try:
        async with house.acting(row.stopped_by, row.id) as client:
            await cancel(client)
    except (GitLabUnavailable, OutcomeUnknown, NotSent):
        return False
    except GitLabError as error:
        await _go_on(house, row, error)
        return True
    await house.store.rollbacks.save(row.id, status=STOPPING)
    return True


async def _go_on(house: House, row: Rollback, error: GitLabError) -> None:
    says = f"{row.says}; {await name_of(house, row.stopped_by)} could not stop it: {error}"
    await house.store.rollbacks.save(row.id, stopped_by="", says=says)


async def never_began(house: House, row: Rollback) -> None:
    """End a leg that was stopped before anything of it was started."""
    says = f"started {row.deed} of {row.label}, which {await name_of(house, row.stopped_by)} stopped before it began"
    if row.status == SENDING:
        # The bot died as it was sending, and looked in vain since.
        says = f"{says}, as far as GitLab shows"
    says += what_was_cancelled(row)
    await house.store.rollbacks.finish(row.id, STOPPED, f"{says}. {await _live_now(house, row)}", house.clock())


def what_was_cancelled(row: Rollback) -> str:
    """A sentence after what is said of a leg's end, where the deployment that it replaces was cancelled for it."""
    if row.cancelled_at is None:
        return ""
    return f". Before that the deployment that still ran there was cancelled (job {row.cancel_job_id})"


async def was_cancelled(house: House, row: Rollback) -> None:
    """End a leg whose deployment was cancelled because somebody stopped it."""
    says = f"started {row.deed} of {row.label}, which {await name_of(house, row.stopped_by)} stopped"
    mind = "What its job had changed by then stays"
    await house.store.rollbacks.finish(row.id, STOPPED, f"{says}. {await _live_now(house, row)}. {mind}", house.clock())


async def _live_now(house: House, row: Rollback) -> str:
    try:
        live = await gitlab_rollback.live_deployment(house.gitlab, row.project, row.environment, row.job_name)
    except GitLabError:
        return "What is live could not be read"
    return f"Live: deployment {live.id} ({live.sha[:8]})" if live is not None else "Nothing is live"


async def name_of(house: House, slack_user: str) -> str:
    return (await usernames(house)).get(slack_user) or f"Slack member {slack_user}"
