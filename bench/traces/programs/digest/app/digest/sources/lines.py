"""Log files: one entry a line."""

from pathlib import Path

from digest.entry import Entry


class LineSource:
    def __init__(self, name, path, options):
        self.name = name
        self.path = Path(path)
        self.separator = options["separator"]
        self.fields = options["fields"]

    async def entries(self):
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [self.entry(line) for line in lines]

    def entry(self, line):
        parts = line.split(self.separator)
        values = dict(zip(self.fields, parts, strict=True))
        return Entry.of(self.name, values)
