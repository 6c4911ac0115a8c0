"""One run of the importer: files in, bookings out, a summary in the end."""

import logging
from pathlib import Path

from ledger.accounts import Accounts
from ledger.book import Book
from ledger.parsing import RowParser
from ledger.reading import read_rows
from ledger.summary import Summary

log = logging.getLogger(__name__)


class Importer:
    def __init__(self, options):
        self.options = options
        self.folder = Path(options.text("import", "folder"))
        self.batch = options.whole("import", "batch")
        self.accounts = Accounts(options.section("accounts"))
        self.parser = RowParser(options)
        self.book = Book("migrations")
        self.done = []

    def waiting(self):
        pattern = self.options.text("import", "pattern")
        return sorted(path.name for path in self.folder.glob(pattern))

    def import_file(self, name):
        rows = read_rows(self.folder / name, self.options)
        bookings = self.bookings_of(rows, name)
        for batch in self.batches(bookings):
            self.book.write(batch)
        self.done.append(name)
        log.info("%s: %s bookings", name, len(bookings))

    def bookings_of(self, rows, name):
        bookings = []
        for number, row in enumerate(rows, start=1):
            booking = self.parser.parse(row)
            booking["account"] = self.accounts.number(booking["account"])
            booking["source"] = f"{name}:{number}"
            bookings.append(booking)
        return bookings

    def batches(self, bookings):
        for start in range(0, len(bookings), self.batch):
            yield bookings[start : start + self.batch]

    def summary(self):
        summary = Summary(self.book, self.options)
        lines = summary.lines()
        return [f"{len(self.done)} files", *lines]
