"""The settings file, read once."""

import logging
import tomllib

log = logging.getLogger(__name__)


class Settings:
    def __init__(self, tables):
        self._tables = tables

    def get(self, table, key):
        return self._tables[table][key]

    def number(self, table, key):
        return int(self.get(table, key))

    def table(self, name):
        return dict(self._tables[name])


def read_settings(path):
    with open(path, "rb") as file:
        tables = tomllib.load(file)
    log.debug("read %s", path)
    return Settings(tables)
