"""The text of a day's letter."""

from pathlib import Path

from plainly import bullet, render


class Letters:
    def __init__(self, settings, people):
        self.layout = Path(settings.value("layout")).read_text(encoding="utf-8")
        self.longest = settings.value("longest")
        self.most = settings.value("per_person")
        self.people = people

    def letter(self, day, entries):
        shown = self.shown(entries)
        lines = [self.line(entry) for entry in shown]
        fields = {"day": day.isoformat(), "count": len(entries), "entries": "\n".join(lines)}
        return render(self.layout, fields)

    def shown(self, entries):
        counts = {}
        found = []
        for entry in entries:
            counts[entry.who] = counts.get(entry.who, 0) + 1
            if counts[entry.who] <= self.most:
                found.append(entry)
        return found

    def line(self, entry):
        initials = self.people.initials(entry.who)
        text = self.cut(entry.text)
        return bullet(f"{initials} {text}")

    def cut(self, text):
        if len(text) <= self.longest:
            return text
        return text[: self.longest - 1] + "…"
