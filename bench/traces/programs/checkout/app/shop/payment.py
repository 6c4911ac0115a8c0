"""Charging a customer's card through the provider."""

import logging

log = logging.getLogger(__name__)


class Declined(Exception):
    pass


class Payment:
    def __init__(self, settings):
        self.provider = PROVIDERS[settings.get("payment", "provider")]
        self.retries = settings.number("payment", "retries")
        self.timeout = settings.number("payment", "timeout_s")

    def charge(self, customer, amount, card):
        if card is None:
            return "invoice"
        for attempt in range(self.retries + 1):
            answer = self.provider(customer, to_cents(amount), card)
            if answer["state"] == "ok":
                return "paid"
            log.warning("attempt %s for %s: %s", attempt, customer, answer["state"])
        raise Declined(customer)


def to_cents(amount):
    return int(amount * 100)


def paylane(customer, cents, card):
    last = card.split("-")[1]
    return {"state": "ok" if cents > 0 else "empty", "id": f"{customer}-{last}"}


def voucher(customer, cents, card):
    return {"state": "ok" if len(card) > 4 else "unknown", "id": customer}


PROVIDERS = {"paylane": paylane, "voucher": voucher}
