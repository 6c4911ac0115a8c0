"""From the bank's texts to values."""

import datetime
from decimal import Decimal


class RowParser:
    def __init__(self, options):
        self.date_format = options.text("formats", "date")
        self.decimal = options.text("formats", "decimal")
        self.thousands = options.text("formats", "thousands")

    def parse(self, row):
        booked = self.date(row["date"])
        amount = self.amount(row["amount"])
        return {
            "booked": booked,
            "amount": amount,
            "account": row["account"],
            "text": self.tidy(row["text"]),
        }

    def date(self, text):
        moment = datetime.datetime.strptime(text, self.date_format)
        return moment.date().isoformat()

    def amount(self, text):
        plain = text.replace(self.thousands, "")
        number = Decimal(plain.replace(self.decimal, "."))
        return int(number * 100)

    def tidy(self, text):
        words = text.split()
        return " ".join(words)
