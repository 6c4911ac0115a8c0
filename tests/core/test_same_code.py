"""Changes after which the code does what it did are told from those that may have broken it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.alerts.stack import frames_in
from backtrace_core.evidence.same_code import RULE
from backtrace_core.model import Alert, Evidence, FileDiff, Hunk
from backtrace_core.rank import rank
from backtrace_core.same_code import LAYOUT, LOGS, NAMES, NEW, what_stays_same
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest

TRACE = (
    'Traceback (most recent call last):\n  File "shop/cart.py", line 5, in total\n'
    "    amount = line.price * line.pieces\nTypeError: can't multiply"
)


def edited(removed: str, added: str, path: str = "shop/cart.py") -> FileDiff:
    old = tuple(enumerate(removed.splitlines(), start=5))
    new = tuple(enumerate(added.splitlines(), start=5))
    return changed(path, Hunk(5, len(old), 5, len(new), "", new, old))


def kind(removed: str, added: str, path: str = "shop/cart.py") -> str:
    return what_stays_same((edited(removed, added, path),), frozenset(("total",)))


@pytest.mark.parametrize(
    ("removed", "added", "same"),
    [
        ("", "# by the piece", LAYOUT),
        ("a = 1  # one", "a = 1", LAYOUT),
        ("", '"""What a line costs."""', LAYOUT),
        ("charge(card, cents)", "charge(\n    card,\n    cents,\n)", LAYOUT),
        ("from coins import Coin, parse", "from coins import Coin\nfrom coins import parse", LAYOUT),
        ("amount = price()\nreturn amount", "net = price()\nreturn net", NAMES),
        ("for sku, pieces in rows:\n    add(sku, pieces)", "for sku, count in rows:\n    add(sku, count)", NAMES),
        ("names = [one.name for one in rows]", "names = [row.name for row in rows]", NAMES),
        ("net = price()\nlog(f'{net} of {x.net}')", "sum_ = price()\nlog(f'{sum_} of {x.net}')", NAMES),
        ("return price(row)", "found = price(row)\nreturn found", NAMES),
        ("found = price(row)\nreturn found", "return price(row)", NAMES),
        ("", 'log.debug("total: %s", card)', LOGS),
        ("", "def refund(order):\n    return -order.sum", NEW),
        ("def total(self, cart):", "def total(self, cart, *, strict=False):", NEW),
    ],
)
def test_what_leaves_the_code_as_it_was(removed: str, added: str, same: str) -> None:
    """Comments, layout, a local name, a value with or without a name, logging, what nobody calls."""
    assert kind(removed, added) == same


@pytest.mark.parametrize(
    ("removed", "added"),
    [
        ("row['price']", "row['net_price']"),
        ("price = row.price\nreturn price", "price = row.net\nreturn price"),
        ("self.price = price(row)", "self.net = price(row)"),
        ("lines.append((sku, int(pieces)))", "lines.append((sku, str(pieces)))"),
        ("return charge(card)", "return charge(basket)"),
        ("return a(b, c)", "return a(c, b)"),
        ("", "def total(cart):\n    return None"),
        ("", "def __eq__(self, other):\n    return True"),
        ("", "@app.before_request\ndef check():\n    raise Refused"),
        ("def total(self, cart):", "def total(self, cart, strict):"),
        ("", 'log.debug("total: %s", card.number)'),
        ("return total\n", ""),
        ("", "import site_hooks"),
        ("from coins import Coin, parse", "from coins import Coin"),
        ("a = 1", "a = '1'"),
    ],
)
def test_what_may_do_something_else(removed: str, added: str) -> None:
    """Attributes, keys, texts, arguments and their order, a function that the trace passes or a language calls."""
    assert not kind(removed, added)


def test_javascript_too() -> None:
    """Its comments, its constants, the values inside of its texts, its methods."""
    named = "const answer = serve(x);\nlog(`${answer.status} ${x.answer}`);"

    assert kind("", "  // once, at the start", "src/app.js") == LAYOUT
    assert kind(named, named.replace("const answer", "const reply").replace("${answer.", "${reply."), "a.js") == NAMES
    assert kind("return f(x);", "const found = f(x);\nreturn found;", "src/app.js") == NAMES
    assert kind("", "  reset() {\n    this.served = 0;\n  }", "src/app.js") == NEW
    assert not kind("", "  if (closed) {\n    reset();\n  }", "src/app.js")


def test_settings_are_no_code() -> None:
    """A key of another name is another key; only comments of them change nothing."""
    assert not kind("bank = 1200", "fees = 1200", "ledger.ini")
    assert kind("", "# how long to wait", "worker.toml") == LAYOUT


def test_all_of_a_change_has_to_stay() -> None:
    """One other file that may do something, a moved file, an unread one: then nothing is said."""
    same, other = edited("", "# a"), edited("a = 1", "a = 2", "shop/tax.py")
    moved = replace(changed("b.py"), old_path="a.py", renamed_file=True)
    unread = replace(changed("c.py"), text_skipped=True)

    assert what_stays_same((same,), frozenset()) == LAYOUT
    assert what_stays_same((same, edited("a", "b", "tests/test_cart.py")), frozenset()) == LAYOUT
    assert not any(what_stays_same((same, each), frozenset()) for each in (other, moved, unread))
    assert not what_stays_same((), frozenset())


def weighed(asked: Alert, *files: FileDiff) -> tuple[Evidence, ...]:
    shipped = deployment(7, before(6)), (change(45, "Work", *files),)
    found = harvest(shipped)
    return rank(trace(found, asked), asked, found).suspects[0].evidence


def test_such_a_change_is_not_blamed_for_the_lines_that_it_holds() -> None:
    """The line that raised stands in its hunk, and has the error's words: it did not make them."""
    asked = alert("TypeError: can't multiply", TRACE, frames=frames_in(TRACE))
    renamed = edited("amount = line.price * line.pieces\nreturn amount", "own = line.price * line.pieces\nreturn own")
    facts = {fact.rule: fact for fact in weighed(asked, renamed)}

    assert facts[RULE].says == "Changes only names inside of a function: the code does what it did"
    assert facts[RULE].weight < 0
    assert not facts.keys() & {"frame_in_hunk", "blamed_line", "raising_name", "literal_in_lines", "message_in_lines"}


def test_a_name_that_is_missing_speaks_for_a_renaming() -> None:
    """``NameError``: some place still has the old name."""
    text = TRACE.replace("TypeError: can't multiply", "NameError: name 'amount' is not defined")
    asked = alert("NameError: name 'amount' is not defined", text, frames=frames_in(text))
    rules = [fact.rule for fact in weighed(asked, edited("amount = a()\nb(amount)", "own = a()\nb(own)"))]

    assert RULE not in rules
    assert "frame_in_hunk" in rules


def test_without_a_trace_nothing_is_said() -> None:
    """Nobody knows then which functions were passed."""
    assert RULE not in [fact.rule for fact in weighed(alert("CartErrors", "cart is slow"), edited("", "# cart"))]
