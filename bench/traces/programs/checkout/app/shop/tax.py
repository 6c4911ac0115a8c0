"""Value added tax, by category."""

from decimal import Decimal


class Taxes:
    def __init__(self, settings):
        self.rates = settings.table("tax")
        self.country = settings.get("shop", "country")

    def of(self, cart, pricing):
        taxes = Decimal(0)
        for category, lines in cart.by_category().items():
            rate = self.rate(category)
            net = sum(pricing.line_total(line) for line in lines)
            taxes += pricing.rounded(net * rate)
        return taxes

    def rate(self, category):
        name = self.rates[category]
        return Decimal(self.rates[name])
