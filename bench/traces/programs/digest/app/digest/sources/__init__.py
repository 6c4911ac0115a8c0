"""Where entries come from, by the reader that a source asks for."""

from digest.sources.lines import LineSource
from digest.sources.table import TableSource

_READERS = {"lines": LineSource, "table": TableSource}


def source_of(row, settings):
    reader = _READERS[row["reader"]]
    options = settings.reader(row["reader"])
    return reader(row["name"], row["file"], options)
