"""Tables: entries with how long something took."""

import csv
from pathlib import Path

from digest.entry import Entry


class TableSource:
    def __init__(self, name, path, options):
        self.name = name
        self.path = Path(path)
        self.separator = options["separator"]
        self.fields = options["fields"]

    async def entries(self):
        with self.path.open(encoding="utf-8") as file:
            rows = list(csv.reader(file, delimiter=self.separator))
        return [self.entry(row) for row in rows]

    def entry(self, row):
        values = dict(zip(self.fields, row, strict=True))
        seconds = int(values.pop("seconds"))
        values["text"] = f"{values['text']} ({self.span(seconds)})"
        return Entry.of(self.name, values)

    def span(self, seconds):
        minutes, rest = divmod(seconds, 60)
        return f"{minutes}:{rest:02d}"
