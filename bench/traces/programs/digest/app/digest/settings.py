"""The digest's settings: one JSON file."""

import json
from pathlib import Path


class Settings:
    def __init__(self, values):
        self.values = values

    @classmethod
    def read(cls, path):
        text = Path(path).read_text(encoding="utf-8")
        return cls(json.loads(text))

    def value(self, name):
        return self.values[name]

    def reader(self, name):
        readers = self.value("readers")
        return readers[name]
