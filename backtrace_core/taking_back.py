"""Changes about another change: they take it back, or bring it again. By their titles, as git and people write them."""

from __future__ import annotations

import re

_TAKES_BACK = re.compile(r"^\W*(revert|back(ing|ed|s)? ?out|roll(ing|ed|s)? ?back)", re.IGNORECASE)
_BRINGS_AGAIN = re.compile(r"^\W*(re-?land|re-?appl(y|ies))", re.IGNORECASE)


def takes_back(title: str) -> bool:
    return bool(_TAKES_BACK.match(title))


def brings_again(title: str) -> bool:
    return bool(_BRINGS_AGAIN.match(title))


def is_about_another(title: str) -> bool:
    return takes_back(title) or brings_again(title)
