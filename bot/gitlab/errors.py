"""What can go wrong with GitLab. Messages are plain text and may quote what GitLab said: escape them at the edge."""

from __future__ import annotations

from http import HTTPStatus


class GitLabError(Exception):
    """GitLab could not be asked, or said no."""


class GitLabRefused(GitLabError):  # noqa: N818 - what GitLab did is not always an error of ours
    """GitLab understood and said no: ``status`` is its 4xx, or 200 for a GraphQL answer that is all errors.

    ``retry_after_s`` is what a 429 asked to wait.
    """

    def __init__(self, status: int, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def is_missing(self) -> bool:
        """GitLab has no such thing, or hides that it has it."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def is_hidden(self) -> bool:
        """The same, or it says that this token may not see it."""
        return self.is_missing or self.status == HTTPStatus.FORBIDDEN


class GitLabUnavailable(GitLabError):  # noqa: N818 - named like its neighbour
    """No usable answer: a server's error, a timeout, a broken connection, something that is not JSON.

    ``transient`` says whether another try can help.
    """

    def __init__(self, message: str, *, transient: bool = True) -> None:
        super().__init__(message)
        self.transient = transient


class GitLabUnreadable(GitLabUnavailable):
    """An answer of a form that nobody expects: cut short, an error page, another kind of JSON. The next may be well."""


class OutcomeUnknown(GitLabError):  # noqa: N818 - the name says what a caller must reckon with
    """A write whose answer was lost: it may have taken effect. Look before writing again."""


class NotSent(GitLabError):  # noqa: N818 - named like its neighbours
    """There was no token to send a request with, as GitLab did not answer when asked for one. Nothing happened."""
