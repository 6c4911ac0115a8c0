"""All entries that ever were, in a database that the migrations make."""

import logging
import sqlite3
from pathlib import Path

from digest.entry import entry_of

log = logging.getLogger(__name__)


class Archive:
    def __init__(self, folder):
        self.database = sqlite3.connect(":memory:")
        for path in sorted(Path(folder).glob("*.sql")):
            self.database.executescript(path.read_text(encoding="utf-8"))

    def keep(self, entries):
        for entry in entries:
            self.insert(entry)
        return len(entries)

    def insert(self, entry):
        row = entry.row()
        self.database.execute("insert into entry (source, day, who, text) values (?, ?, ?, ?)", row)

    def entries(self):
        rows = self.database.execute("select source, day, who, text from entry order by day, source, who")
        return [entry_of(row) for row in rows]

    def busiest(self):
        row = self.database.execute(
            "select who, count(*) as entries from entry group by who order by entries desc, who limit 1"
        ).fetchone()
        return row[0]
