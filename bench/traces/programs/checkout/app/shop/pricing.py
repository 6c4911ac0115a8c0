"""What a basket costs before taxes."""

import logging
from decimal import Decimal

from coinage import Money, parse

log = logging.getLogger(__name__)


class Pricing:
    def __init__(self, settings):
        self.currency = settings.get("shop", "currency")
        self.digits = settings.number("pricing", "round_to")
        self.bundle = settings.number("pricing", "bundle_size")
        self.discount = Decimal(settings.get("pricing", "bundle_discount"))

    def total(self, cart):
        amounts = [self.line_total(line) for line in cart.lines]
        total = sum(amounts)
        log.debug("%s pays %s", cart.customer, total)
        return total

    def line_total(self, line):
        price = self.unit_price(line.product)
        amount = price.amount * line.quantity
        amount -= self.bundle_discount(price, line.quantity)
        return self.rounded(amount)

    def unit_price(self, product):
        text = f"{product['price']} {self.currency}"
        return parse(text)

    def bundle_discount(self, price, quantity):
        bundles = quantity // self.bundle
        pieces = bundles * self.bundle
        return price.amount * pieces * self.discount

    def rounded(self, amount):
        step = Decimal(1).scaleb(-self.digits)
        return amount.quantize(step)

    def in_words(self, amount):
        money = Money(amount, self.currency)
        return money.text()
