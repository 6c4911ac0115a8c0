"""Why nobody can be acted for. GitLab errors, so that whoever shows those shows these; the words say what to do."""

from __future__ import annotations

from bot.gitlab.errors import GitLabError

AGAIN = "/backtrace link"
NOT_SET_UP = (
    "Nobody can change production through Backtrace yet: it acts with each person's own rights in GitLab, and is not "
    "registered there. An administrator sets gitlab.oauth_client_id (docs/setup.md, step 7), or "
    'act_as = "bot".'
)


class ActingError(GitLabError):
    """There is no token to act with. Nothing was sent."""


class NotSetUpError(ActingError):
    def __init__(self) -> None:
        super().__init__(NOT_SET_UP)


class NotLinkedError(ActingError):
    def __init__(self) -> None:
        super().__init__(f"your Slack user is not linked to a GitLab user. Type {AGAIN}")


class LinkBrokenError(ActingError):
    """``username`` is the GitLab user that it was linked to."""

    def __init__(self, username: str, why: str) -> None:
        super().__init__(f"the link to {username} in GitLab is of no use any more: {why}. Type {AGAIN} to link again")
