class Money:
    def __init__(self, minor, currency):
        self.minor = minor
        self.currency = currency

    def text(self):
        return f"{self.minor / 100:.2f} {self.currency}"
