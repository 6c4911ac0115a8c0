"""The chart of accounts, as far as the importer needs it."""

import logging

log = logging.getLogger(__name__)


class UnknownAccount(Exception):
    pass


class Accounts:
    def __init__(self, numbers):
        self.numbers = numbers

    def number(self, name):
        if name not in self.numbers:
            raise UnknownAccount(f"no account is called {name}")
        number = int(self.numbers[name])
        log.debug("%s is %s", name, number)
        return number

    def is_income(self, number):
        first = str(number)[0]
        return first == "8"
