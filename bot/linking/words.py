"""What is said about linking, in plain words; whoever shows them escapes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.linking.pair import GitLabPerson, SlackPerson

LIVES = timedelta(minutes=10)
MINUTES = int(LIVES.total_seconds() // 60)

LINKED = "Linked:"
"""How the words begin that say that it worked."""
OVER = "This link is over. It works once, for 10 minutes. Ask for a new one in Slack: /backtrace link"
OTHER_BROWSER = (
    "Somebody came back from GitLab in another browser than the one in which the code from Slack was entered, so"
    " nothing was linked. If you did not do this, somebody tried to have another person's rights. Otherwise ask again:"
    " /backtrace link"
)
MANY_CODES = "Too many wrong codes were entered, so nothing was linked. Ask again: /backtrace link"
DENIED = "In GitLab it was not allowed, so nothing was linked."
LATE = "It was not finished within the time, so nothing was linked. Ask again: /backtrace link"
CUT_OFF = "Backtrace was stopped in the middle of it, so nothing was linked. Ask again: /backtrace link"
NO_ANSWER = "GitLab did not answer, so nothing was linked. Ask again: /backtrace link"
TOO_OLD = (
    "This GitLab is too old to link without a page (before 17.9). An administrator sets bot.public_url to an address of"
    " Backtrace that browsers reach."
)
WAIT = "Asking GitLab for a code…"
NOT_LINKED_YET = "not linked to a GitLab user yet"


def invitation(url: str, code: str) -> str:
    return (
        f"Open {url} in your browser and enter this code there: {code}\n"
        f"What you press in Backtrace then runs in GitLab with your own rights. It works once, for {MINUTES} minutes."
        " Give the code to nobody."
    )


def device_invitation(page: str, user_code: str) -> str:
    return (
        f"Open {page} in your browser, sign in to GitLab as yourself, and enter this code there: {user_code}\n"
        f"What you press in Backtrace then runs in GitLab with your own rights. Give the code to nobody."
    )


def linked(slack: SlackPerson, gitlab: GitLabPerson, url: str) -> str:
    return (
        f"{LINKED} {slack.shown} of the Slack workspace {slack.workspace} acts as {gitlab.username} ({gitlab.name}) in"
        f" {url} from now on. If these two are not one person, end it at once: /backtrace unlink in Slack, or in GitLab"
        " under Preferences > Applications."
    )


def refused(why: str) -> str:
    return f"{why} So nothing was linked."


def warning(slack: SlackPerson, username: str) -> str:
    """For whom the GitLab user belongs to, when somebody else tried to link it."""
    return (
        f"{slack.shown} tried to link their Slack user to {username}, which is your user in GitLab, and was refused. If"
        " you signed in there on a page that somebody sent you, tell your administrator."
    )


def linked_already(username: str) -> str:
    return f"You are linked: what you press runs as {username} in GitLab. /backtrace unlink ends that."


def unlinked(username: str) -> str:
    return (
        f"You are not {username} for Backtrace any more. GitLab is told to revoke its token; see Preferences >"
        " Applications there."
    )


def unlinked_only_here(username: str) -> str:
    """Where nobody links any more, and so nothing can speak for the application."""
    return (
        f"You are not {username} for Backtrace any more. As it is set up now it can't ask GitLab to revoke the token:"
        " end it there yourself, under Preferences > Applications."
    )


def not_linked() -> str:
    return "Your Slack user is not linked to a GitLab user."


def acts_as_bot() -> str:
    return 'Nobody has to link here: Backtrace acts with its own token (act_as = "bot") and checks your rights itself.'


def status(linked: Sequence[str], missing: Sequence[str], broken: Sequence[str], whom: str) -> str:
    """``whom``: of whom it tells. The rest are GitLab usernames."""
    if not (linked or missing or broken):
        return "No service says who is on call (on_call), and [people] is empty: there is nobody to look for."
    lines = [f"Of {whom}:"]
    lines += [f"• not linked yet: {', '.join(missing)}. They type /backtrace link"] if missing else []
    lines += (
        [f"• linked, but it is of no use any more: {', '.join(broken)}. They type /backtrace link"] if broken else []
    )
    lines += [f"• linked: {', '.join(linked)}"] if linked else []
    return "\n".join(lines if missing or broken else ["All are linked.", *lines])
