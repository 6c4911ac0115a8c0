"""Rows of a bank's file, by the names that the options give to its columns."""

import logging

from tabular import read_table

log = logging.getLogger(__name__)


def read_rows(path, options):
    columns = options.section("columns")
    table = read_table(path.read_text(), delimiter=";")
    log.debug("%s has %s rows", path.name, len(table))
    return [renamed(row, columns) for row in table]


def renamed(row, columns):
    found = {}
    for name, column in columns.items():
        value = row[column]
        found[name] = value.strip()
    return found
