"""The bookings, in a database that the migrations make."""

import sqlite3
from pathlib import Path


class Book:
    def __init__(self, folder):
        self.connection = sqlite3.connect(":memory:")
        for path in sorted(Path(folder).glob("*.sql")):
            self.connection.executescript(path.read_text())

    def write(self, bookings):
        for booking in bookings:
            self.insert(booking)
        self.connection.commit()

    def insert(self, booking):
        columns = ", ".join(booking)
        marks = ", ".join("?" for _ in booking)
        values = tuple(booking.values())
        self.connection.execute(f"insert into booking ({columns}) values ({marks})", values)

    def totals(self):
        rows = self.connection.execute(
            "select account, sum(amount), count(*) from booking group by account order by account"
        )
        return [self.total(row) for row in rows]

    def total(self, row):
        account, cents, count = row
        return {"account": account, "cents": cents, "count": count}
