"""``backtrace check``: the settings, and where GitLab can be reached how its token stands. Nothing is started."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backtrace_core.token_standing import Finding, Severity, TokenFacts, findings, timeline_written
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.gitlab.client import GitLabClient

FINE, PROBLEM = 0, 1


def run(settings: Settings) -> int:
    """See ``check``."""
    return asyncio.run(check(settings))


async def check(settings: Settings) -> int:
    """Print what was found, a sentence a line.

    0: nothing stands in the way; 1: nothing can be answered so, or GitLab or Slack could not be asked.
    """
    count = len(settings.catalog.services)
    services = "1 service" if count == 1 else f"{count} services"
    print(f"The settings are complete: {services}, Slack by {settings.slack.mode}.", flush=True)
    for line in (*_hook(settings), *_links(settings)):
        print(line)
    return max(_people(settings), await _gitlab(settings), await _slack(settings), await _application(settings))


def _people(settings: Settings) -> int:
    """Whether anybody is known, where the bot's token acts for them."""
    chosen = settings.gitlab
    if chosen.writes == "off" or chosen.act_as != "bot" or settings.people:
        return FINE
    print(
        'Problem: with act_as = "bot" the table [people] says who presses, and it is empty: nobody can roll back. '
        'Add a line for each person, such as U0123456789 = "mara" (Slack member id, GitLab username), or take act_as '
        "out."
    )
    return PROBLEM


async def _slack(settings: Settings) -> int:
    from bot.slack.client import SlackError, identify, make_client

    try:
        identity = await identify(make_client(settings.secrets.slack_bot_token, f"{settings.slack.api_url}/"))
    except SlackError as error:
        why = str(error).removeprefix("Slack: ")
        if error.permanent:
            print(f"Problem: Slack does not accept SLACK_BOT_TOKEN: {why}")
        else:
            print(f"Slack ({settings.slack.api_url}) could not be reached, so its token was not checked: {why}")
        return PROBLEM
    print(f"Slack accepts the bot token, of the workspace {identity.team_id}.")
    return FINE


async def _gitlab(settings: Settings) -> int:
    from bot.gitlab.client import GitLabError
    from bot.gitlab.timeline import has_timeline
    from bot.gitlab.token import read_token, read_version
    from bot.wiring import make_gitlab, utc_now

    gitlab = make_gitlab(settings.gitlab, settings.secrets.gitlab_token)
    try:
        facts = await read_token(gitlab, settings.catalog.projects, settings.catalog.incident_projects)
        version = await read_version(gitlab) if not facts.refused else ""
        timeline = await has_timeline(gitlab) if not facts.refused else None
        places = await _places(gitlab, settings, facts) if not facts.refused else ()
    except GitLabError as error:
        print(f"GitLab ({settings.gitlab.url}) could not be reached, so its token was not checked: {error}")
        return PROBLEM
    finally:
        await gitlab.close()
    chosen = settings.gitlab
    found = (
        *findings(facts, utc_now(), writes=chosen.writes == "on", rolls_back=chosen.act_as == "bot"),
        *places,
    )
    if not facts.refused:
        print(_introduced(settings.gitlab.url, version, facts))
    for finding in found:
        print(f"{finding.severity.value.capitalize()}: {finding.says}")
    if not facts.refused and not places and not _unread(facts):
        print("GitLab has all environments of the settings.")
    for line in _timeline(settings, facts, known=timeline):
        print(line)
    return PROBLEM if any(finding.severity is Severity.PROBLEM for finding in found) else FINE


async def _places(gitlab: GitLabClient, settings: Settings, facts: TokenFacts) -> tuple[Finding, ...]:
    from bot.check_places import place_findings
    from bot.rollback_pipeline import RollbackPipeline

    told = await asyncio.gather(
        *(
            place_findings(gitlab, one, settings.pipelines.get(one.name, RollbackPipeline()), _unread(facts))
            for one in settings.catalog.services
        )
    )
    return tuple(finding for several in told for finding in several)


def _unread(facts: TokenFacts) -> frozenset[str]:
    return frozenset(role.project for role in facts.roles if not role.readable)


def _hook(settings: Settings) -> Iterator[str]:
    """What is to be known of how GitLab's incidents are heard of."""
    chosen = settings.gitlab
    if chosen.incidents == "off" or settings.secrets.gitlab_webhook_secret:
        return
    missing = "BACKTRACE_GITLAB_WEBHOOK_SECRET is not set, so every delivery of GitLab's webhook is refused"
    if chosen.poll_s:
        yield f"Note: {missing}; its incidents are asked for every {chosen.poll_s:.0f} s instead."
    else:
        yield f"Warning: {missing}, and gitlab.poll_s is 0: GitLab's incidents are not heard of."


def _links(settings: Settings) -> Iterator[str]:
    """With whose rights production is changed, and what is missing for that."""
    from bot.linking.errors import NOT_SET_UP
    from bot.linking.linker import BACK

    chosen = settings.gitlab
    if chosen.writes == "off" or chosen.act_as == "bot":
        return
    if not chosen.oauth_client_id:
        yield f"Warning: {NOT_SET_UP}"
    elif settings.bot.public_url:
        yield f"People link their GitLab users by a page; GitLab sends them back to {settings.bot.public_url}{BACK}."
    else:
        yield "People link their GitLab users by GitLab's device grant (17.9 or newer), as bot.public_url is not set."


async def _application(settings: Settings) -> int:
    """Whether GitLab knows the application; by a code that nobody has, so nothing comes of it."""
    from bot.gitlab.client import GitLabError
    from bot.gitlab.oauth import Application, GitLabOAuth, OAuthRefused
    from bot.wiring import utc_now

    chosen = settings.gitlab
    if chosen.writes == "off" or chosen.act_as == "bot" or not chosen.oauth_client_id:
        return FINE
    secret = settings.secrets.gitlab_oauth_secret
    application = Application(chosen.url, chosen.oauth_client_id, secret, chosen.timeout_s, chosen.ca_file)
    oauth = GitLabOAuth(application, utc_now)
    try:
        await oauth.poll_device("backtrace-check")
    except OAuthRefused as error:
        if error.error not in ("invalid_client", "unauthorized_client"):
            return FINE
        print(f"Problem: GitLab does not know the application {chosen.oauth_client_id}, or its secret is another one.")
        return PROBLEM
    except GitLabError as error:
        print(f"GitLab could not be asked about the application {chosen.oauth_client_id}: {error}")
        return PROBLEM
    finally:
        oauth.close()
    return FINE


def _timeline(settings: Settings, facts: TokenFacts, *, known: bool | None) -> Iterator[str]:
    """Whether what happened is written to the timeline of incidents; where the token may not, a warning has said so."""
    if settings.gitlab.writes != "on":
        return
    if known is False:
        yield "Note: this GitLab has no timelines for incidents: what happened stands in the note alone."
    elif says := timeline_written(facts):
        yield says


def _introduced(url: str, version: str, facts: TokenFacts) -> str:
    where = f"GitLab {version} ({url})" if version else f"GitLab ({url})"
    scopes = "unknown" if facts.scopes is None else ", ".join(sorted(facts.scopes)) or "none"
    return f"{where} accepts the token; scopes: {scopes}, expires: {facts.expires_on or 'unknown'}."
