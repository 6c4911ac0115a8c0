"""The ini file of the importer."""

import configparser


class Options:
    def __init__(self, parser):
        self.parser = parser

    def text(self, section, key):
        return self.parser.get(section, key)

    def whole(self, section, key):
        return self.parser.getint(section, key)

    def section(self, name):
        return dict(self.parser.items(name))


def read_options(path):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    return Options(parser)
