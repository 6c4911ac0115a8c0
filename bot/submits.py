"""What a person confirms in a dialog: kept, and started, where it is what this person's own dialog offered.

All that a submit carries comes from outside.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import in_view
from bot.slack import modal
from bot.slack.cancel_modal import cancelling_modal, not_cancelled_modal
from bot.slack.flag_modal import no_flag_modal, switching_modal
from bot.slack.hands import FlagSubmit, Submit, SubmitAnswer
from bot.store import Action, NewRollback, Offer, Store
from bot.store.offers import How, cancelling
from bot.ways import way_of
from bot.workflows import Starter

KEEP_WITHIN_S = 2.0
"""Slack waits 3 s for an answer: what can't be kept by then is refused, so that Slack tries again."""

NOT_YOURS = "This dialog was not opened by you for this card. Press the button on the card yourself."
NOT_OFFERED = "This dialog does not say any more what can be done now. Press the button on the card again."
NOTHING_TICKED = "Nothing was ticked, so nothing was started."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submits:
    store: Store
    start: Starter
    clock: Callable[[], datetime]
    is_own_team: Callable[[str], bool]

    async def roll_back(self, submit: Submit) -> SubmitAnswer:
        """Keep a confirmed rollback and start it. Returns what the modal shows next."""
        async with asyncio.timeout(KEEP_WITHIN_S):
            offer = await self.store.offers.of(submit.view_id)
            why = _not_offered(submit, offer, is_ours=self.is_own_team(submit.team_id))
            if offer is None or why:
                log.warning("something was confirmed that was not offered so, by %s", submit.user)
                return SubmitAnswer(_refusal(offer, why))
            if offer.how is How.CANCEL:
                return await self._cancel(offer)
            rows, ours = await self.store.rollbacks.begin(
                NewRollback(
                    incident_id=offer.incident_id,
                    slack_user=offer.slack_user,
                    view_id=offer.view_id,
                    seen=offer.seen,
                    asked_at=self.clock(),
                    legs=offer.legs,
                    ticked=_ticked(submit, offer),
                    how=offer.how,
                    offered_at=offer.at,
                )
            )
            if not ours:
                return SubmitAnswer(modal.busy_modal(rows[0].slack_user, rows[0].asked_at, way_of(rows[0].how)))
            await self.start.rollback(rows[0].press_id)
            return SubmitAnswer(modal.checking_modal(way_of(offer.how)))

    async def _cancel(self, offer: Offer) -> SubmitAnswer:
        """Each deployment by a run of its own: what becomes of one hides nothing of the others."""
        for leg in offer.legs:
            action = Action(
                id=f"cancel_confirmed-{offer.view_id}-{leg.key}",
                incident_id=offer.incident_id,
                kind="cancel_confirmed",
                slack_user=offer.slack_user,
                at=self.clock(),
                detail=f"{offer.view_id} {leg.key}",
                facts=cancelling((leg,)),
            )
            if await self.store.actions.keep(action):
                await self.start.action(action)
        return SubmitAnswer(cancelling_modal())

    async def switch_flag(self, submit: FlagSubmit) -> SubmitAnswer:
        """Keep that a flag is to be switched off, and start it. Returns what the modal shows next."""
        async with asyncio.timeout(KEEP_WITHIN_S):
            incident = await self.store.incidents.get(submit.incident_id)
            if incident is None or not await self._opened(submit, "switch_flag"):
                log.warning("a flag's modal was submitted that was not opened for it, by %s", submit.user)
                return SubmitAnswer(no_flag_modal(NOT_YOURS))
            detail = json.dumps({"flag": submit.flag, "strategy": submit.strategy_id})
            name, facts = f"flag_off-{submit.view_id}", in_view.of_card(incident.verdict)
            action = Action(name, incident.id, "flag_off", submit.user, self.clock(), detail, facts=facts)
            if await self.store.actions.keep(action):
                await self.start.action(action)
            return SubmitAnswer(switching_modal())

    async def _opened(self, submit: Submit | FlagSubmit, kind: str) -> bool:
        """Whether this person's own press on this incident's card opened the modal: what it carries comes from outside,
        and the person who confirms is the one whose rights count."""
        press = await self.store.actions.of_view(submit.view_id, kind)
        is_theirs = press is not None and (press.slack_user, press.incident_id) == (submit.user, submit.incident_id)
        return is_theirs and self.is_own_team(submit.team_id)


def _not_offered(submit: Submit, offer: Offer | None, *, is_ours: bool) -> str:
    """Why a submit confirms nothing, empty where it does. All that it carries comes from outside: it has to be what
    this person's own modal offered, as it was shown last."""
    said = (submit.user, submit.incident_id)
    if offer is None or (offer.slack_user, offer.incident_id) != said or not is_ours:
        return NOT_YOURS
    ticked = _ticked(submit, offer)
    if offer.seen != submit.seen or not ticked <= {leg.key for leg in offer.legs}:
        return NOT_OFFERED
    return "" if ticked else NOTHING_TICKED


def _refusal(offer: Offer | None, why: str) -> dict[str, object]:
    is_cancelling = offer is not None and offer.how is How.CANCEL
    return not_cancelled_modal(why) if is_cancelling else modal.refusal_modal((why,))


def _ticked(submit: Submit, offer: Offer) -> frozenset[str]:
    """Of a single leg there is no tick to leave, nor where deployments are cancelled."""
    has_ticks = len(offer.legs) > 1 and offer.how is not How.CANCEL
    return submit.ticked if has_ticks else frozenset(leg.key for leg in offer.legs)
