"""Whether a Slack member and a GitLab user may be one person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.store.link_attempts import Way


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """As ``users.info`` tells. ``name`` is what others see, ``handle`` the account's, ``email`` empty if hidden."""

    id: str
    name: str
    handle: str
    email: str
    workspace: str
    deleted: bool = False

    @property
    def shown(self) -> str:
        at = f" (@{self.handle})" if self.handle and self.handle != self.name else ""
        return f"{self.name or self.id}{at}"


@dataclass(frozen=True, slots=True)
class GitLabPerson:
    """As ``GET /user`` tells of the token's owner."""

    id: int
    username: str
    name: str
    email: str
    state: str = "active"
    bot: bool = False


def why_not(slack: SlackPerson, gitlab: GitLabPerson, people: Mapping[str, str], way: Way) -> str:
    """Why they may not be linked, in plain words for both; empty where they may.

    ``people`` is the administrator's table (Slack member id -> GitLab username): its word is above e-mail addresses.
    The addresses are in none of the sentences: each side would learn the other's.
    """
    named = people.get(slack.id, "")
    owners = [slack_id for slack_id, username in people.items() if username.casefold() == gitlab.username.casefold()]
    if gitlab.bot or gitlab.state != "active":
        return f"The GitLab user {gitlab.username} is {'a bot' if gitlab.bot else gitlab.state}."
    if named and named.casefold() != gitlab.username.casefold():
        return (
            f"In Backtrace's [people] table {slack.shown} is {named} in GitLab, and in GitLab {gitlab.username} was"
            " signed in. Sign in there as the right user and ask for a new link."
        )
    if owners and slack.id not in owners:
        return f"In Backtrace's [people] table {gitlab.username} in GitLab is another Slack member."
    if named:
        return ""
    return _by_mail(slack, gitlab, way)


def _by_mail(slack: SlackPerson, gitlab: GitLabPerson, way: Way) -> str:
    both_known = bool(slack.email and gitlab.email)
    remedy = "An administrator can name the pair in Backtrace's [people] table."
    if both_known and slack.email.casefold() != gitlab.email.casefold():
        return f"{slack.shown} in Slack and {gitlab.username} in GitLab have different e-mail addresses. {remedy}"
    if way == "device" and not both_known:
        # No page of ours has seen the browser: whoever typed GitLab's code may be anybody.
        return f"Nothing shows that {slack.shown} in Slack and {gitlab.username} in GitLab are one person. {remedy}"
    return ""
