"""From the sources to the letters."""

import asyncio
import logging

from digest.archive import Archive
from digest.days import by_day
from digest.letters import Letters
from digest.people import People
from digest.sources import source_of

log = logging.getLogger(__name__)


class DigestJob:
    def __init__(self, settings):
        self.settings = settings
        self.people = People(settings.value("people"))
        self.archive = Archive("migrations")
        self.letters_of = Letters(settings, self.people)

    async def letters(self):
        entries = await self.collect()
        kept = self.archive.keep(entries)
        log.debug("%s entries are kept", kept)
        days = by_day(self.archive.entries())
        return [self.letters_of.letter(day, found) for day, found in days]

    async def collect(self):
        rows = self.settings.value("sources")
        tasks = [self.read(row) for row in rows]
        found = await asyncio.gather(*tasks)
        return [entry for entries in found for entry in entries]

    async def read(self, row):
        source = source_of(row, self.settings)
        entries = await source.entries()
        return entries

    def closing(self):
        busiest = self.archive.busiest()
        name = self.people.name(busiest)
        return f"busiest: {name}"
