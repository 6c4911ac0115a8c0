"""Entries by day, the oldest day first."""

from itertools import groupby


def by_day(entries):
    ordered = sorted(entries, key=day_of)
    return [(day, list(found)) for day, found in groupby(ordered, key=day_of)]


def day_of(entry):
    return entry.day
