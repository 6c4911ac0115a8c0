"""One thing that happened."""

import datetime


class Entry:
    def __init__(self, source, day, who, text):
        self.source = source
        self.day = day
        self.who = who
        self.text = text

    @classmethod
    def of(cls, source, values):
        day = parsed_day(values["day"])
        return cls(source, day, values["who"], values["text"])

    def row(self):
        return (self.source, self.day.isoformat(), self.who, self.text)


def parsed_day(text):
    day = datetime.date.fromisoformat(text)
    return day


def entry_of(row):
    source, day, who, text = row
    return Entry(source, parsed_day(day), who, text)
