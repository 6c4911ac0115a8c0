"""What a message in a channel is to the bot: an alert that opens or joins an incident, one that is over, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from backtrace_core.alerts import parse_alert
from backtrace_core.alerts.gitlab_incident import SENDER
from backtrace_core.alerts.notices import deploy_notice
from backtrace_core.joining import Decision, Relation, Standing, below, decide, told_by
from backtrace_core.model import Alert, AlertStatus
from backtrace_core.scope import Catalog
from bot.holding import Holding
from bot.settings import Settings
from bot.slack import command
from bot.slack.hands import Shortcut
from bot.store import Around, Joined, NewIncident, Resolution, Store
from bot.store.messages import Rule
from bot.workflows import Starter

MOST_WORDS = 2000
SOON = timedelta(minutes=10)
"""How old a message may be whose edit is heard of first: what is older was left alone, or answered elsewhere."""

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it was delivered: ``event_id`` stays the same over Slack's retries.

    ``changed`` is the moment of this version of it, as Slack writes times.
    """

    event_id: str
    team: str
    channel: str
    message: Message
    is_edit: bool
    changed: str

    @property
    def ts(self) -> str:
        return str(self.message.get("ts", ""))

    @property
    def thread(self) -> str:
        return str(self.message.get("thread_ts") or "")


@dataclass(frozen=True, slots=True)
class Arrivals:
    settings: Settings
    store: Store
    start: Starter
    own_bot_id: str
    clock: Callable[[], datetime]

    async def take(self, event_id: str, team: str, channel: str, message: Message) -> None:
        """Keep what an alert is, and start what follows from it. Of all else nothing is kept.

        Of what programs post and is no alert, deployments that are told of are kept: they are evidence.
        """
        is_edit = message.get("subtype") == "message_changed"
        inner = message.get("message") if is_edit else message
        if not isinstance(inner, Mapping) or not self._is_heard(inner):
            return
        alert = parse_alert(inner, self.settings.catalog)
        # Of an edit the event has a time of its own; the mark ``edited`` is missing where apps edit blocks.
        changed = str((message.get("ts") or message.get("event_ts") or "") if is_edit else "")
        arrival = Arrival(event_id, team, channel, inner, is_edit, changed or str(inner.get("ts", "")))
        if alert is None:
            await self._note(arrival)
            return
        if alert.status is AlertStatus.RESOLVED:
            await self._resolve(arrival, alert)
        elif is_edit:
            await self._edit(arrival, alert)
        elif not await self._is_told_already(alert):
            await self._join(arrival, alert)

    async def _is_told_already(self, alert: Alert) -> bool:
        """GitLab tells the channel of incidents, also of those that Backtrace has opened or follows. What others post
        may link to one as well, and is an alert all the same."""
        links = tuple(link.url for link in alert.links)
        return alert.sender == SENDER and await self.store.incidents.is_paper_of_ours(links)

    async def ask(self, shortcut: Shortcut, name: str) -> str:
        """Somebody asks about a message. Returns why nothing follows, in words for them; empty where something does.

        An alert that is firing opens or joins an incident, also where its sender is not listened to, or its answer was
        held back. Whatever else it is becomes a question in the words of the message.
        """
        message = shortcut.message
        event, ts = f"{name}-{shortcut.channel}", str(message.get("ts", ""))
        arrival = Arrival(event, shortcut.team_id, shortcut.channel, message, is_edit=False, changed=ts)
        alert = parse_alert({"type": "message", **message}, self.settings.catalog)
        if alert is None or alert.status is not AlertStatus.FIRING:
            await self._question(shortcut, arrival, name)
            return ""
        joined = await self._joined(arrival, alert)
        incident = await self.store.incidents.existing(joined.incident_id)
        if incident.card_ts is not None:
            return command.has_card()
        if incident.answered_at is not None:
            # It was over, or given up, before it had a card.
            await self._question(shortcut, arrival, name)
            return ""
        await self.start.alert(incident.id)
        return ""

    async def _question(self, shortcut: Shortcut, arrival: Arrival, name: str) -> None:
        words, alert = text_of(shortcut.message), parse_alert(shortcut.message, self.settings.catalog)
        question = NewIncident(
            id=f"{arrival.team}-{arrival.channel}-{name}",
            team=arrival.team,
            channel=arrival.channel,
            thread_ts=arrival.thread or arrival.ts,
            received_at=moment(arrival.ts),
            alert=alert,
            question=words or "?",
            asked_by=shortcut.user,
            reply_to=shortcut.response_url,
        )
        await self.store.incidents.keep(arrival.event_id, question)
        await self.start.question(question.id)

    def _is_heard(self, message: Message) -> bool:
        """Not our own; of others all, or those that the settings name by bot or app."""
        if message.get("bot_id") == self.own_bot_id:
            return False
        profile = message.get("bot_profile")
        apps = (message, profile if isinstance(profile, Mapping) else {})
        named = {message.get("bot_id"), *(one.get("app_id") for one in apps)}
        return not self.settings.slack.senders or not named.isdisjoint(self.settings.slack.senders)

    async def _note(self, arrival: Arrival) -> None:
        notice = deploy_notice(arrival.message, self.settings.catalog)
        service = self.settings.catalog.find(notice.service) if notice and notice.service else None
        if notice is not None and service is not None:
            await self.store.notices.keep(arrival.channel, arrival.ts, service.name, notice)

    async def _resolve(self, arrival: Arrival, alert: Alert) -> None:
        # By whatever way the message came, and however often: the card moves on once.
        said_in = arrival.ts if arrival.is_edit else arrival.thread
        at = moment(arrival.changed) if arrival.is_edit else alert.received_at
        resolution = Resolution(arrival.channel, alert.fingerprint, at, said_in)
        for incident_id in await self.store.resolutions.resolve(resolution):
            await self.start.card(incident_id, f"resolved-{arrival.changed}")
        if arrival.is_edit:
            await self.store.messages.says_over(arrival.channel, arrival.ts, alert)

    async def _edit(self, arrival: Arrival, alert: Alert) -> None:
        # Unfurls and re-notifications arrive as edits: where the alert says what it said, nothing follows.
        at = moment(arrival.changed)
        joined = await self.store.messages.edit(arrival.channel, arrival.ts, alert, at)
        if joined is not None:
            await self.start.joined(joined.incident_id, f"{arrival.ts}-{arrival.changed}")
        elif at - moment(arrival.ts) <= SOON and await self.store.messages.get(arrival.channel, arrival.ts) is None:
            # Its message comes later (Slack delivers again what was refused), or became an alert by the edit.
            await self._join(arrival, alert)

    async def _join(self, arrival: Arrival, alert: Alert) -> None:
        joined = await self._joined(arrival, alert)
        # Started again when it is delivered again: the first delivery may have ended between the two.
        if joined.unanswered:
            if await self._is_held(joined.incident_id):
                return
            await self.start.alert(joined.incident_id)
        if joined.untold:
            await self.start.joined(joined.incident_id, joined.untold)

    async def _joined(self, arrival: Arrival, alert: Alert) -> Joined:
        new = new_incident(arrival, alert)
        rule = rule_of(alert, self.settings.catalog, timedelta(minutes=self.settings.bot.join_window_minutes))
        said_at = moment(arrival.changed) if arrival.is_edit else None
        return await self.store.messages.join(arrival.event_id, new, arrival.ts, rule, said_at)

    async def _is_held(self, incident_id: str) -> bool:
        """Whether it is not answered now; what was held may not be any more with a graver message."""
        incident = await self.store.incidents.existing(incident_id)
        is_held = await Holding(self.settings, self.store).holds(incident, self.clock())
        if is_held and incident.held_at is None:
            await self.store.incidents.hold(incident.id, self.clock())
        return is_held


def new_incident(arrival: Arrival, alert: Alert) -> NewIncident:
    """The incident that the message opens where it joins none."""
    name = f"{arrival.team}-{arrival.channel}-{arrival.ts}"
    thread = arrival.thread or arrival.ts
    return NewIncident(name, arrival.team, arrival.channel, thread, moment(arrival.ts), alert=alert)


def rule_of(alert: Alert, catalog: Catalog, window: timedelta) -> Rule:
    """Where an alert belongs: by :mod:`backtrace_core.joining`, and before that by the thread that it stands in."""
    told = told_by(alert, catalog)

    def rule(around: tuple[Around, ...]) -> Decision:
        standing = tuple(_standing(one, catalog) for one in around)
        decision = decide(told, standing, window)
        home = next((found for one, found in zip(around, standing, strict=True) if one.is_home), None)
        if home is None or decision.relation in (Relation.REPEATS, Relation.REOPENS):
            return decision
        return below(home)

    return rule


def _standing(one: Around, catalog: Catalog) -> Standing:
    said = tuple(told_by(alert, catalog) for alert in one.alerts)
    return Standing(one.incident_id, said, one.fingerprints, one.last_at, one.resolved_at, one.gone_back_at)


def moment(ts: str) -> datetime:
    """:raises ValueError: for what is no time of Slack's."""
    return datetime.fromtimestamp(float(ts), UTC)


def text_of(message: Message) -> str:
    """The words of any message: its text, else what its attachments say in short."""
    attachments = message.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else {}
    short = first.get("fallback") if isinstance(first, Mapping) else ""
    return next(
        (text.strip()[:MOST_WORDS] for text in (message.get("text"), short) if isinstance(text, str) and text), ""
    )
