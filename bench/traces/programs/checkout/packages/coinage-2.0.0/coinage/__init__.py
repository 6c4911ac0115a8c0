from coinage.money import Money
from coinage.reading import parse

__all__ = ["Money", "parse"]
