"""Who is who."""


class People:
    def __init__(self, names):
        self.names = names

    def name(self, who):
        return self.names[who]

    def initials(self, who):
        first, last = self.name(who).split(" ")
        return f"{first[0]}{last[0]}"
