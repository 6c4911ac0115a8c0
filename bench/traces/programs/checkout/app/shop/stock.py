"""Products and how many of each are left: a database that the migrations make."""

import logging
import sqlite3
from pathlib import Path

log = logging.getLogger(__name__)

_PRODUCTS = [
    ("B-100", "Atlas", "books", "24.90", 1200, 40),
    ("F-200", "Tea", "food", "3.50", 100, 500),
    ("F-201", "Honey", "food", "6.20", 450, 80),
    ("T-300", "Kite", "toys", "18.00", 320, 25),
]


class Stock:
    def __init__(self, folder):
        self.database = sqlite3.connect(":memory:")
        self.database.row_factory = sqlite3.Row
        self.migrate(Path(folder))
        self.fill()

    def migrate(self, folder):
        for path in sorted(folder.glob("*.sql")):
            script = path.read_text()
            self.database.executescript(script)
            log.debug("ran %s", path.name)

    def fill(self):
        self.database.executemany(
            "insert into product (sku, name, category, price, grams, pieces) values (?, ?, ?, ?, ?, ?)",
            _PRODUCTS,
        )

    def product(self, sku):
        row = self.database.execute(
            "select sku, name, category, price, grams from product where sku = ?", (sku,)
        ).fetchone()
        return dict(row)

    def take(self, cart):
        for line in cart.lines:
            self.take_pieces(line.product["sku"], line.quantity)

    def take_pieces(self, sku, quantity):
        self.database.execute("update product set pieces = pieces - ? where sku = ?", (quantity, sku))

    def left(self):
        row = self.database.execute("select sum(pieces) as pieces from product").fetchone()
        return row["pieces"]
