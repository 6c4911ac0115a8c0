from decimal import Decimal

from coinage.money import Money


def parse(text):
    number, _, currency = text.partition(" ")
    return Money(int(Decimal(number) * 100), currency)
