"""The application: what happens to an order from its basket to its receipt."""

import logging

from shop.cart import Cart
from shop.payment import Payment
from shop.pricing import Pricing
from shop.receipt import Receipts
from shop.settings import read_settings
from shop.stock import Stock
from shop.tax import Taxes

log = logging.getLogger(__name__)


class App:
    def __init__(self, settings):
        self.settings = settings
        self.stock = Stock("migrations")
        self.pricing = Pricing(settings)
        self.taxes = Taxes(settings)
        self.payment = Payment(settings)
        self.receipts = Receipts(settings)
        self.taken = []

    def handle(self, order):
        cart = Cart(order["customer"])
        for sku, quantity in order["lines"]:
            product = self.stock.product(sku)
            cart.add(product, quantity)
        return self.check_out(order, cart)

    def check_out(self, order, cart):
        net = self.pricing.total(cart)
        tax = self.taxes.of(cart, self.pricing)
        gross = net + tax
        state = self.payment.charge(
            order["customer"],
            gross,
            order.get("card"),
        )
        self.stock.take(cart)
        self.taken.append((order["number"], gross))
        log.info("order %s is %s", order["number"], state)
        return self.receipts.render(order, gross, state)

    def report(self):
        total = sum(gross for _, gross in self.taken)
        average = total / len(self.taken)
        return f"{len(self.taken)} orders, {average:.2f} on average, {self.stock.left()} pieces left"


def build_app(path):
    settings = read_settings(path)
    return App(settings)
