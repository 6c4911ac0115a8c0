"""The line that a customer gets by mail."""

from pathlib import Path


class Receipts:
    def __init__(self, settings):
        self.path = Path(settings.get("receipt", "template"))
        self.width = settings.number("receipt", "width")
        self.currency = settings.get("shop", "currency")

    def render(self, order, gross, state):
        template = self.template()
        values = self.values(order, gross, state)
        return self.shortened(template.format(**values))

    def template(self):
        text = self.path.read_text()
        return text.strip()

    def values(self, order, gross, state):
        return {
            "number": order["number"],
            "customer": order["customer"].title(),
            "total": f"{gross:.2f}",
            "currency": self.currency,
            "state": state,
        }

    def shortened(self, text):
        if len(text) <= self.width:
            return text
        return text[: self.width - 3] + "..."
