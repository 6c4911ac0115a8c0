"""What the run says in the end."""

from ledger.accounts import Accounts


class Summary:
    def __init__(self, book, options):
        self.book = book
        self.currency = options.text("summary", "currency")
        self.top = options.whole("summary", "top")
        self.accounts = Accounts(options.section("accounts"))

    def lines(self):
        totals = self.book.totals()
        largest = sorted(totals, key=self.size, reverse=True)
        shown = [self.line(total) for total in largest[: self.top]]
        return [*shown, self.balance(totals)]

    def size(self, total):
        return abs(total["cents"])

    def line(self, total):
        mark = "+" if self.accounts.is_income(total["account"]) else "-"
        amount = self.amount(total["cents"])
        return f"{mark} {total['account']}: {amount} in {total['count']}"

    def balance(self, totals):
        cents = sum(total["cents"] for total in totals)
        return f"balance {self.amount(cents)}"

    def amount(self, cents):
        whole, rest = divmod(abs(cents), 100)
        return f"{whole}.{rest:02d} {self.currency}"
