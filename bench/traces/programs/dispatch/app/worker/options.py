"""The worker's options, with what each handler may ask of them."""

import tomllib


class Options:
    def __init__(self, tables):
        self.tables = tables

    def queue_names(self):
        return list(self.tables["queue"]["names"])

    def take(self):
        return int(self.tables["queue"]["take"])

    def limit(self, name):
        return self.tables["limits"][name]

    def of(self, name):
        return self.tables[name]


def load_options(path):
    with open(path, "rb") as file:
        return Options(tomllib.load(file))
