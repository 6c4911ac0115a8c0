"""What is kept and not answered now: its channel is paused, or its service wants quiet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backtrace_core.model import Alert, Severity
from backtrace_core.scope import service_of
from bot.calm import CALM, GIVES_UP_AFTER
from bot.settings import Settings
from bot.store import Incident, Store


@dataclass(frozen=True, slots=True)
class Holding:
    settings: Settings
    store: Store

    async def holds(self, incident: Incident, now: datetime) -> bool:
        """Whether an alert is not answered now; questions always are, and what was split off by a person too."""
        if incident.question is not None or incident.alert is None:
            return False
        if await self.store.pauses.is_paused(incident.channel, now):
            return True
        service = service_of(incident.alert, self.settings.catalog)
        calm = self.settings.calm.get(service.name, CALM) if service else CALM
        return calm.holds(await self._severity(incident, incident.alert), now)

    async def _severity(self, incident: Incident, alert: Alert) -> Severity | None:
        """The gravest that was said of it; None where one message doesn't say."""
        said = [one.alert.severity for one in await self.store.messages.of(incident.id)] or [alert.severity]
        stated = [severity for severity in said if severity is not None]
        return min(stated) if len(stated) == len(said) else None

    def is_past(self, incident: Incident, now: datetime) -> bool:
        """Whether what was held is not answered any more."""
        return now - incident.received_at > GIVES_UP_AFTER
