"""Switching a feature flag off in one environment: looked at when the button is pressed, and again when it is done."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

from dbos import DBOS

from backtrace_core.flag import Flag, Strategy
from backtrace_core.flags import flag_places, state_of
from backtrace_core.globs import is_glob
from backtrace_core.model import Verdict
from bot.gitlab.client import GitLabError
from bot.gitlab.flags import flags_of, take_away
from bot.permissions import Permission
from bot.rights import Place
from bot.slack.flag_modal import FlagView, flag_modal, no_flag_modal
from bot.store import Action, Ending, Incident
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.linking import link_first
from bot.workflows.pressing import asks_for_two, end, end_failed, may_press, refusal_of
from bot.workflows.records import StepFailedError
from bot.workflows.showing import worth_another_try
from bot.workflows.tracing import trace_turn

log = logging.getLogger(__name__)

_TWO = "{service} asks for a second person in production, and a flag has none here: switch it in GitLab, with one."
_NOT_ALONE = "The flag {flag} can't be switched off in {environment} alone any more. Look at it in GitLab."


@DBOS.workflow(name="fill_flag_modal")
async def fill_flag_modal(action_id: str) -> None:
    """Somebody pressed "Switch off": look at the flag, and fill the modal that was opened at once."""
    try:
        await show_flag(action_id)
    except StepFailedError as error:
        await show_no_flag(action_id, error.why)


@DBOS.workflow(name="switch_flag_off")
async def switch_flag_off(action_id: str) -> str:
    """It was confirmed: take the strategy away, unless the flag has changed since."""
    try:
        if not await may_press(action_id):
            return "refused"
        why = await take_strategy_away(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to switch a feature flag off", error)
    return await end(action_id, "failed" if why else "done")


@step(tries=3, retry_if=worth_another_try)
async def show_flag(house: House, action_id: str) -> None:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    view, ending = await link_first(house, incident, action) or await _looked_at(house, incident, action.slack_user)
    await house.poster.update_view(action.detail, view)
    await house.store.actions.finish(action_id, ending, house.clock())


@step(tries=3, retry_if=worth_another_try)
async def show_no_flag(house: House, action_id: str, why: str) -> None:
    action = await house.store.actions.existing(action_id)
    await house.poster.update_view(action.detail, no_flag_modal(why))
    await house.store.actions.finish(action_id, Ending("failed", ""), house.clock())


async def _looked_at(house: House, incident: Incident, slack_user: str) -> tuple[dict[str, object], Ending]:
    """The modal, and how the press is kept on record."""
    found = await _view(house, incident, slack_user)
    if isinstance(found, str):
        return no_flag_modal(found), Ending("refused", found)
    return flag_modal(found), Ending("done", "")


async def _view(house: House, incident: Incident, slack_user: str) -> FlagView | str:
    """What the modal shows, or why it shows nothing."""
    verdict = incident.verdict
    refusal = await refusal_of(house, incident, slack_user)
    if refusal or verdict is None or not verdict.flag:
        return refusal or "The card names no feature flag any more."
    try:
        permission = await _rights(house, verdict, slack_user)
        flag, strategy = await _alone(house, verdict, verdict.flag)
    except GitLabError as error:
        return f"GitLab could not be asked: {error}"
    if not permission.allowed:
        return permission.why
    if flag is None or strategy is None:
        return _NOT_ALONE.format(flag=verdict.flag, environment=verdict.scope.environment)
    return FlagView(
        incident_id=incident.id,
        flag=flag.name,
        environment=verdict.scope.environment,
        strategy_id=strategy.id,
        says=strategy.says,
        state=flag.state_in(verdict.scope.environment),
        stays=_stays(flag, strategy, verdict),
        page=f"{house.settings.gitlab.url.rstrip('/')}/{verdict.scope.service.project}/-/feature_flags",
        username=permission.username or "",
    )


async def _rights(house: House, verdict: Verdict, slack_user: str) -> Permission:
    """The same right as for a rollback, which changes production no more than this does. Nobody has it where that needs
    two: a flag waits for no second person."""
    if asks_for_two(house, verdict):
        return Permission(allowed=False, why=_TWO.format(service=verdict.scope.service.name), username=None)
    scope, plan = verdict.scope, verdict.rollback
    live = plan.replaces if plan is not None else None
    ref = live.ref if live is not None else ""
    return await house.rights(slack_user, Place(scope.service.project, scope.environment, ref))


async def _alone(house: House, verdict: Verdict, name: str) -> tuple[Flag | None, Strategy | None]:
    flags = await flags_of(house.gitlab, verdict.scope.service.project)
    flag = next((one for one in flags if one.name == name), None)
    return flag, flag.removable_for(verdict.scope.environment) if flag is not None else None


def _stays(flag: Flag, gone: Strategy, verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """The other environments that its strategies name, and those of the service; none without another strategy."""
    named = [scope for one in flag.strategies if one is not gone for scope in one.scopes]
    if not named:
        return ()
    own = [one for one in verdict.scope.service.environments if not is_glob(one)]
    places = dict.fromkeys(place for place in (*named, *own) if place != verdict.scope.environment)
    return tuple((place, flag.state_in(place)) for place in places)


@step()
async def take_strategy_away(house: House, action_id: str) -> str:
    """Take it away, once. Returns why not, else nothing; both stand on the card."""
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    asked = json.loads(action.detail)
    if incident.verdict is None:
        raise RuntimeError(f"incident {incident.id} has no verdict, and its flag was switched")
    environment = incident.verdict.scope.environment
    why = await _take(house, action, incident.verdict, asked["flag"], asked["strategy"])
    tried = f"tried to switch the feature flag {asked['flag']} off in {environment}, without success: {why}"
    done = f"switched the feature flag {asked['flag']} off in {environment}"
    await house.store.actions.say(action_id, tried if why else done)
    async with trace_turn(incident.id):
        await _keep_state(house, incident.id, asked["flag"])
    return why


async def _keep_state(house: House, incident_id: str, name: str) -> None:
    """How the flag is now, for the card; where GitLab does not tell, what was read before is forgotten."""
    incident = await house.store.incidents.existing(incident_id)
    verdict = incident.verdict
    if verdict is None or all(one.name != name for one in verdict.flags):
        return
    try:
        now = {flag.name: flag for flag in await flags_of(house.gitlab, verdict.scope.service.project)}
    except GitLabError as error:
        log.warning("the flag %s could not be read again: %s", name, error)
        now = {}
    places = flag_places(verdict.scope, verdict.legs)
    flags = (
        state_of(now[name], places, house.clock(), one.page) if one.name == name else one
        for one in verdict.flags
        if one.name != name or name in now
    )
    await house.store.incidents.save_verdict(incident_id, replace(verdict, flags=tuple(flags)), incident.failure)


async def _take(house: House, action: Action, verdict: Verdict, name: str, strategy_id: int) -> str:
    """A strategy that is gone was taken away: by this run before it was killed, or by somebody."""
    if name != verdict.flag:
        # What the dialog carried comes from outside: no other flag of the project is switched by it.
        return "the card names another feature flag"
    try:
        flag, strategy = await _alone(house, verdict, name)
        if _lacks(flag, strategy_id):
            return ""
        if strategy is None or strategy.id != strategy_id:
            return "it has changed since"
        permission = await _rights(house, verdict, action.slack_user)
        if not permission.allowed:
            return permission.why
        return await _ask_for_it(house, action, verdict, (name, strategy_id))
    except GitLabError as error:
        return f"GitLab could not be asked ({error})"


async def _ask_for_it(house: House, action: Action, verdict: Verdict, what: tuple[str, int]) -> str:
    """Once. Whatever came of it, the flag tells: somebody may have been faster, or the answer got lost."""
    name, strategy_id = what
    try:
        async with house.acting(action.slack_user, action.id) as client:
            await take_away(client, verdict.scope.service.project, name, strategy_id)
    except GitLabError as error:
        flag, _ = await _alone(house, verdict, name)
        return "" if _lacks(flag, strategy_id) else f"GitLab did not do it ({error})"
    return ""


def _lacks(flag: Flag | None, strategy_id: int) -> bool:
    return flag is not None and all(one.id != strategy_id for one in flag.strategies)
