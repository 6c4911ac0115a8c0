"""What GitLab tells, by its webhook or when it is asked: kept before it is acknowledged, then worked on by a run.

A delivery and the poll about one incident are one: it is known by its project and number, never by the delivery.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backtrace_core.alerts.gitlab_incident import ToldIncident, alert_of_incident, services_of, told_by_hook
from backtrace_core.arrivals import Arrival, is_target
from backtrace_core.joining import OPENS, Decision, Relation
from backtrace_core.model import Alert
from backtrace_core.under_way import waits_for
from bot.arrivals import rule_of
from bot.cards import IncidentLink, IncidentState
from bot.gitlab.note import MARK
from bot.gitlab.shapes import MALFORMED, arrival_of_hook, switch_of_hook
from bot.rewording import reworded, tells_of
from bot.store import Around, Incident, NewIncident, Paper
from bot.workflows import House, Starter
from bot.workflows.turns import turn
from bot.workflows.withholding import channel_of

LISTENING = "gitlab-listening"
"""The mark of the moment from which on incidents are answered: not the project's whole past."""
MOVES_FOR = timedelta(days=1)
"""How long a deployment's end moves the cards of earlier incidents on."""

_KEY = re.compile(rf"{re.escape(MARK)}([A-Za-z0-9][A-Za-z0-9._-]{{0,200}}) -->")
_OURS = frozenset((IncidentState.ROLLING_BACK, IncidentState.ROLLED_BACK))
_FINAL = frozenset(("success", "failed", "canceled"))
_WARMING = frozenset(("deployment", "pipeline", "build"))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GitLabInbox:
    """``team`` is the Slack workspace in which cards are posted."""

    house: House
    start: Starter
    team: str

    async def begin(self) -> None:
        """To be called before anything is heard: a bot that starts for the first time answers from this moment on."""
        if await self.house.store.incidents.last_mark(LISTENING) is None:
            await self.house.store.incidents.mark(LISTENING, self.house.clock().isoformat())

    async def keep(self, key: str, payload: dict[str, Any]) -> None:
        """Keep what one delivery tells; what it sets off is started, not waited for."""
        house = self.house
        try:
            switch = switch_of_hook(payload, house.clock())
            told = told_by_hook(payload) if house.settings.gitlab.incidents == "on" else None
        except MALFORMED as error:
            log.warning("a hook of GitLab's has an unexpected form: %r", error)
            return
        if switch is not None:
            # Before the delivery counts as kept: GitLab sends again what was not answered.
            await house.store.flags.keep(key, switch)
        if told is not None:
            await self.take(told)
        kind = payload.get("object_kind")
        if kind == "deployment" and payload.get("status") in _FINAL:
            await self.deployment_ended(payload.get("deployment_id"), arrival_of_hook(payload))
        is_new = await house.store.incidents.is_new(f"gitlab-{key}", house.clock())
        if is_new and kind in _WARMING:
            house.nudge.set()
            house.nudge.clear()

    async def take(self, told: ToldIncident) -> None:
        """One incident, as it stands now, by whatever way that became known; taken twice it does nothing more."""
        # Two at once would decide by what both have read, and the older one could write last.
        async with turn(f"gitlab-{told.key}"):
            await self._take(told)

    async def _take(self, told: ToldIncident) -> None:
        own = await self.house.own.id()
        if told.by is not None and told.by == own:
            return
        if not services_of(told.project, self.house.settings.catalog):
            return
        if own is None or told.author_id == own:
            ours = await self._ours(told)
            if ours is not None:
                await self._keep_paper(told, ours.id, ours=True)
        paper = await self.house.store.papers.get(told.key)
        if paper is not None:
            # Started again when it is told again: the first time may have ended between the two.
            await self._go_on(paper)
            await self._changed(paper, told)
        elif told.author_id != own and await self._is_news(told):
            await self._opened(told)

    async def _ours(self, told: ToldIncident) -> Incident | None:
        """Our incident for which Backtrace opened this one; the answer that says so may still be on its way.

        Only where our own user is its author: anybody may copy the comment.
        """
        for key in _KEY.findall(told.description):
            incident = await self.house.store.incidents.get(key)
            if incident is not None:
                return incident
        return None

    async def _is_news(self, told: ToldIncident) -> bool:
        """Whether it was opened while Backtrace listened, or just now."""
        since = await self.house.store.incidents.last_mark(LISTENING)
        fresh = since is None or told.created_at >= datetime.fromisoformat(since)
        return told.is_open and (told.action == "open" or fresh)

    async def _opened(self, told: ToldIncident) -> None:
        alert = alert_of_incident(told, self.house.settings.catalog)
        new = self._new(told, alert)
        host = await self._host(told, new)
        await self._keep_paper(told, host or new.id, ours=False)
        paper = await self.house.store.papers.get(told.key)
        if paper is not None:
            if host is not None:
                await reworded(self.house, paper, told)
            await self._go_on(paper)

    async def _go_on(self, paper: Paper) -> None:
        """Start what an incident sets off: its own answer, or what is told on the card that it has joined."""
        if paper.ours:
            return
        incident = await self.house.store.incidents.existing(paper.incident_id)
        if incident.id == paper.id:
            # The record of a run is forgotten after a month, and an old incident must not be answered by today's facts.
            if incident.answered_at is None:
                await self.start.incident(incident.id)
            return
        is_paused = await self.house.store.pauses.is_paused(incident.channel, self.house.clock())
        if incident.answered_at is None and not is_paused:
            # Somebody thinks it grave enough for an incident; only a pause still holds it back.
            await self.start.alert(incident.id)
        if tells_of(incident, paper):
            # GitLab's post in the channel said less than the incident does; its trace may be under way.
            await self.start.retrace(incident.id, f"joined-{paper.id}")
        if incident.answered_at is None:
            return
        await self.start.joined(incident.id, paper.id)
        await self.start.card(incident.id, f"joined-{paper.id}")

    async def _host(self, told: ToldIncident, new: NewIncident) -> str | None:
        """The id of the incident that this one joins; None where it is kept as one of its own.

        GitLab's own post in the channel may have come first. Else by service, environment and time, as alerts do: not
        what is confidential, and no incident that has one in GitLab already.
        """
        store = self.house.store
        spoken_of = await store.incidents.spoken_of(told.label)
        if spoken_of is not None and new.alert is not None and await store.incidents.get(new.id) is None:
            in_its_place = replace(new, team=spoken_of.team, channel=spoken_of.channel)
            post = Decision(Relation.REPEATS, spoken_of.id)
            await store.messages.join(new.id, in_its_place, new.id, lambda _around: post)
            return spoken_of.id
        if told.confidential or not new.channel or new.alert is None:
            await store.incidents.keep(new.id, new)
            return None
        window = timedelta(minutes=self.house.settings.bot.join_window_minutes)
        by_alert = rule_of(new.alert, self.house.settings.catalog, window)

        def rule(around: tuple[Around, ...]) -> Decision:
            decision = by_alert(tuple(one for one in around if not one.has_paper))
            # Its paper would tell of the other trouble, and be assigned to whoever caused that.
            return OPENS if decision.relation is Relation.PERHAPS_ANOTHER else decision

        joined = await store.messages.join(new.id, new, new.id, rule)
        return joined.incident_id if joined.incident_id != new.id else None

    def _new(self, told: ToldIncident, alert: Alert) -> NewIncident:
        service = self.house.settings.catalog.find(alert.service) if alert.service else None
        return NewIncident(
            id=told.key,
            team=self.team,
            channel=channel_of(service, self.house.settings.slack.channels, told) or "",
            thread_ts=None,
            received_at=self.house.clock(),
            alert=alert,
            gitlab_incident=IncidentLink(told.label, told.url),
        )

    async def _keep_paper(self, told: ToldIncident, incident_id: str, *, ours: bool) -> None:
        await self.house.store.papers.keep(
            Paper(
                id=told.key,
                incident_id=incident_id,
                project=told.project,
                iid=told.iid,
                issue_id=told.issue_id,
                url=told.url,
                updated_at=told.updated_at,
                ours=ours,
                assigns=not ours,
                confidential=told.confidential,
                is_open=told.is_open,
            )
        )

    async def _changed(self, paper: Paper, told: ToldIncident) -> None:
        """What is new about it. Rows first, then runs, the paper's own row last: what was cut off in between is done
        again by whoever tells of it next."""
        # Hooks tell whole seconds, REST tells fractions.
        told_at, known_at = (moment.replace(microsecond=0) for moment in (told.updated_at, paper.updated_at))
        if told_at < known_at:
            return
        incident = await self.house.store.incidents.get(paper.incident_id)
        if incident is None:
            return
        cause = f"{told.updated_at.timestamp():.0f}"
        if paper.is_open and not told.is_open:
            await self.house.store.papers.close(incident.id, told.updated_at)
            await self.start.card(incident.id, f"closed-{cause}")
        elif told.is_open and not paper.is_open:
            await self.house.store.papers.reopen(incident.id)
            await self.start.card(incident.id, f"reopened-{cause}")
        if told.confidential and not paper.confidential:
            await self.house.store.papers.save(paper.id, confidential=True)
            await self.start.card(incident.id, f"confidential-{cause}")
        if await reworded(self.house, paper, told):
            await self.start.retrace(incident.id, cause)
        # Of two that were told in one second nobody knows which is the newer: what is confidential stays so.
        confidential = told.confidential or (paper.confidential and told_at == known_at)
        values = {"updated_at": told.updated_at, "is_open": told.is_open, "confidential": confidential}
        await self.house.store.papers.save(paper.id, **values)

    async def deployment_ended(self, number: object, arrival: Arrival) -> None:
        """Trace again what waits for the end of this deployment, and what somebody has gone back from with it."""
        for incident in await self.house.store.incidents.open_since(self.house.clock() - MOVES_FOR):
            verdict = incident.verdict
            # Of what Backtrace itself goes back, and cancels for it, the card tells already.
            if verdict is None or incident.state in _OURS:
                continue
            if is_target(verdict, arrival) or waits_for(verdict, number):
                await self.start.retrace(incident.id, f"deployment-{number}")
