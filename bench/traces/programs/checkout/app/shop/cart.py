"""A basket of one customer."""

import logging

log = logging.getLogger(__name__)


class Line:
    def __init__(self, product, quantity):
        self.product = product
        self.quantity = quantity

    def weight(self):
        return self.product["grams"] * self.quantity


class Cart:
    def __init__(self, customer):
        self.customer = customer
        self.lines = []

    def add(self, product, quantity):
        known = self.find(product["sku"])
        if known is not None:
            known.quantity += quantity
            return known
        line = Line(product, quantity)
        self.lines.append(line)
        log.debug("%s takes %s", self.customer, product["sku"])
        return line

    def find(self, sku):
        for line in self.lines:
            if line.product["sku"] == sku:
                return line
        return None

    def weight(self):
        return sum(line.weight() for line in self.lines)

    def by_category(self):
        groups = {}
        for line in self.lines:
            category = line.product["category"]
            groups.setdefault(category, []).append(line)
        return groups
