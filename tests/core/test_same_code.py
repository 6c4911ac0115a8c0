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
    return ", ".join(what_stays_same((edited(removed, added, path),), frozenset(("total",))))


@pytest.mark.parametrize(
    ("removed", "added", "same"),
    [
        ("", "# by the piece", LAYOUT),
        ("a = 1  # one", "a = 1", LAYOUT),
        ("", '"""What a line costs."""', LAYOUT),
        ("charge(card, cents)", "charge(\n    card,\n    cents,\n)", LAYOUT),
        ("    amount = price()\n    return amount", "    net = price()\n    return net", NAMES),
        ("names = [one.name for one in rows]", "names = [row.name for row in rows]", NAMES),
        ("return price(row)", "found = price(row)\nreturn found", NAMES),
        ("found = price(row)\nreturn found", "return price(row)", NAMES),
        ("", 'log.debug("total: %s", card)', LOGS),
        ("", "def refund(order):\n    return -order.sum", NEW),
    ],
)
def test_what_leaves_the_code_as_it_was(removed: str, added: str, same: str) -> None:
    """Comments, layout, a local name, a result with or without a name, logging; and functions aside."""
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
        ("def total(self, cart):", "def total(self, cart, strict):"),
        ("def total(self, cart):", "def total(self, cart, *, strict=False):"),
        ("return total\n", ""),
        ("", "import site_hooks"),
        ("from coins import Coin, parse", "from coins import Coin"),
        ("a = 1", "a = '1'"),
        ("return (a + b) * c", "return a + b * c"),
        ("whole = (a + b)\nreturn whole * c", "return a + b * c"),
        ("pop(items)\nuse(items.size())", "n = items.size()\npop(items)\nuse(n)"),
    ],
)
def test_what_may_do_something_else(removed: str, added: str) -> None:
    """Attributes, keys, texts, arguments and their order, brackets, what is read before and not after."""
    assert not kind(removed, added)


@pytest.mark.parametrize(
    ("removed", "added"),
    [
        ("        total += price", "    total += price"),
        ("    return found", "        return found"),
        ("return\nfound()", "return found()"),
        ("rates = (1,)", "rates = (1)"),
        ("return (a,)", "return (a)"),
        ("row = table[a,]", "row = table[a]"),
        ("x = '" + "a" * 600 + "' + old()", "x = '" + "a" * 600 + "' + broken()"),
        ("    total = (price\n        * quantity)", "    total = (price\n        * count_of(quantity))"),
        ("        * pieces", "        * weight"),
        ('    rows = run("""', '    rows = drop_all("""'),
        ('"""', "'''"),
        ("# frozen_string_literal: true", ""),
        ("#!/usr/bin/python3", "#!/usr/bin/python2"),
    ],
)
def test_layout_that_means_something(removed: str, added: str) -> None:
    """Blanks before a line, the end of one, a comma that makes a tuple, what is cut off or begins or ends elsewhere."""
    assert not kind(removed, added)


@pytest.mark.parametrize(
    ("path", "removed", "added"),
    [
        ("run.sh", "for f in ${name#old}; do", "for f in ${name#new}; do"),
        ("Dockerfile", "RUN curl http://a.example/x", "RUN curl http://b.example/y"),
        ("Dockerfile", "# one", "# two"),
        ("a.js", "fetch(/a\\//, old)", "fetch(/a\\//, other)"),
        ("a.js", "return\n  found;", "return found;"),
        ("a.js", "x = a\n(b)", "x = a;\n(b)"),
        ("a.c", "    * factor_old", "    * factor_new;"),
        ("a.go", "//go:build linux", "//go:build darwin"),
        ("a.sql", "/*! straight_join */", ""),
        ("a.sql", "select 5--3", "select 5--4"),
        ("web.ini", "motd = a # b", "motd = a # c"),
        ("values.yml", "  a: 1", "a: 1"),
        ("mail.txt", "# 5 pieces", "# 6 pieces"),
        ("a.html", "<p>a</p>", "<p>\na</p>"),
    ],
)
def test_comments_and_layout_of_other_languages(path: str, removed: str, added: str) -> None:
    """A mark that begins no comment there, a comment that is an order, a file whose comments nobody knows."""
    assert not kind(removed, added, path)


@pytest.mark.parametrize(
    ("removed", "added"),
    [
        ("    send(timeout=5)", "    send(limit=5)"),
        ("def send(text, timeout=5):", "def send(text, limit=5):"),
        ("timeout = 5\nlimits = [timeout]", "limit = 5\nlimits = [limit]"),
        ("    title = Text()", "    name = Text()"),
        ("    title = Text()\n    shown = title", "    name = Text()\n    shown = name"),
        ("    n = size()\n    return dict(n=n)", "    m = size()\n    return dict(m=m)"),
        ("    n = size()\n    return f'{n}'", "    m = size()\n    return f'{n}'"),
        ("    total = add()\n    return total", "    sum = add()\n    return sum"),
        ("    global seen\n    seen = 1\n    return seen", "    global met\n    met = 1\n    return met"),
        ("    a = read(b)\n    return a", "    b = read(b)\n    return b"),
        ("x = [one for one in one.rows]", "x = [row for row in row.rows]"),
    ],
)
def test_names_that_others_know(removed: str, added: str) -> None:
    """Arguments, parameters, what a module or a class gives others, names inside of texts, those of Python itself."""
    assert not kind(removed, added)


@pytest.mark.parametrize(
    "added",
    [
        "    logger.info(f'avg {total / count}')",
        '    log.debug("total: %s", card.number)',
        '    log.debug("total: %s", card + 1)',
        '    log.debug("total: %s", card[0])',
        "    log.pop(card)",
        '    log.debug("one"); card = None',
        "    log.info('all') if pay() else stop()",
    ],
)
def test_logging_that_does_something(added: str) -> None:
    """Values that are worked out for it, other calls, a second statement."""
    assert not kind("", added)


@pytest.mark.parametrize(
    "added",
    [
        "def total(cart):\n    return None",
        "def __getattr__(name):\n    return True",
        "def helper():\n    return 1\n\nregistry.clear()",
        "def helper(found=search()):\n    return 1",
        "def helper(): return clear()\nhelper()",
        "@app.before_request\ndef check():\n    raise Refused",
        "    def is_valid(self):\n        return False",
        "class Cart:\n    done = clear()",
    ],
)
def test_new_code_that_may_be_reached(added: str) -> None:
    """A function on the trace, a method that a base class may have, what runs as the module is read."""
    assert not kind("", added)
    assert not what_stays_same((edited("", "def refund(order):\n    return 1"),), frozenset())


def test_javascript_too() -> None:
    """Its comments, and a result that got a name; what has no braces may end a branch, and a name be a key."""
    assert kind("", "  // once, at the start", "src/app.js") == LAYOUT
    assert kind("", "/** Once. */", "src/app.js") == LAYOUT
    assert kind("return f(x);", "const found = f(x);\nreturn found;", "src/app.js") == NAMES
    assert not kind("return f(x);", "found = f(x);\nreturn found;", "src/app.js")
    assert not kind("", "  console.log(`to ${user.address.city}`);", "src/app.js")
    assert not kind("", "  console.log('here');", "src/app.js")
    assert kind("", "export function again(x) {\n  return f(x);\n}", "src/app.js") == NEW
    assert not kind("", "export function again(x) {\n  return f(x);\n}\nclear();", "src/app.js")
    assert kind("  const n = f();\n  g(n);", "  const m = f();\n  g(m);", "src/app.js") == NAMES
    assert not kind("  const n = f();\n  g(`${n}`);", "  const m = f();\n  g(`${n}`);", "src/app.js")
    assert not kind("  const n = f();\n  g({ a, n });", "  const m = f();\n  g({ a, m });", "src/app.js")
    assert not kind("export const n = f();\ng(n);", "export const m = f();\ng(m);", "src/app.js")
    assert not kind("const n = f();\nreturn { n };", "const m = f();\nreturn { m };", "src/app.js")
    assert not kind("", "  reset() {\n    this.served = 0;\n  }", "src/app.js")


def test_settings_are_no_code() -> None:
    """A key of another name is another key; only comments of them change nothing."""
    assert not kind("bank = 1200", "fees = 1200", "ledger.ini")
    assert kind("", "# how long to wait", "worker.toml") == LAYOUT


def test_all_of_a_change_has_to_stay() -> None:
    """One other file that may do something, a moved file, an unread one: then nothing is said."""
    same, other = edited("", "# a"), edited("a = 1", "a = 2", "shop/tax.py")
    moved = replace(changed("b.py"), old_path="a.py", renamed_file=True)
    unread = replace(changed("c.py"), text_skipped=True)

    assert what_stays_same((same,), frozenset()) == (LAYOUT,)
    assert what_stays_same((same, edited("a", "b", "tests/test_cart.py")), frozenset()) == (LAYOUT,)
    assert not any(what_stays_same((same, each), frozenset()) for each in (other, moved, unread))
    assert not what_stays_same((), frozenset())


def test_a_test_that_the_trace_passes_runs() -> None:
    """Whatever its folder is called."""
    files = (edited("", "# a"), edited("a = 1", "a = 2", "tests/cart.py"))

    assert what_stays_same(files, frozenset(), frozenset(("shop/cart.py",))) == (LAYOUT,)
    assert not what_stays_same(files, frozenset(), frozenset(("tests/cart.py",)))


def weighed(asked: Alert, *files: FileDiff) -> tuple[Evidence, ...]:
    shipped = deployment(7, before(6)), (change(45, "Work", *files),)
    found = harvest(shipped)
    return rank(trace(found, asked), asked, found).suspects[0].evidence


def test_such_a_change_is_not_blamed_for_the_lines_that_it_holds() -> None:
    """The line that raised stands in its hunk, and has the error's words: it did not make them."""
    asked = alert("TypeError: can't multiply", TRACE, frames=frames_in(TRACE))
    renamed = edited(
        "    amount = line.price * line.pieces\n    return amount", "    own = line.price * line.pieces\n    return own"
    )
    facts = {fact.rule: fact for fact in weighed(asked, renamed)}

    assert facts[RULE].says == "Changes only names inside of a function: the code does what it did"
    assert facts[RULE].weight < 0
    assert not facts.keys() & {"frame_in_hunk", "blamed_line", "raising_name", "literal_in_lines", "message_in_lines"}


def test_a_name_that_is_missing_speaks_for_a_renaming() -> None:
    """``NameError``: some place still has the old name."""
    text = TRACE.replace("TypeError: can't multiply", "NameError: name 'amount' is not defined")
    asked = alert("NameError: name 'amount' is not defined", text, frames=frames_in(text))
    rules = [
        fact.rule for fact in weighed(asked, edited("  amount = a()\n  return amount", "  own = a()\n  return own"))
    ]

    assert RULE not in rules
    assert "frame_in_hunk" in rules


def test_a_frame_in_a_line_that_logs() -> None:
    """It is the new line that raised."""
    asked = alert("TypeError: can't multiply", TRACE, frames=frames_in(TRACE))
    rules = [fact.rule for fact in weighed(asked, edited("", '    log.debug("total: %s", card)'))]

    assert RULE not in rules
    assert "frame_in_hunk" in rules


def test_new_functions_are_not_said_to_leave_the_code() -> None:
    """Only that no frame passes them."""
    asked = alert("TypeError: can't multiply", TRACE, frames=frames_in(TRACE))
    new = tuple(enumerate(("def refund(order):", "    return 1"), start=90))
    facts = {f.rule: f for f in weighed(asked, changed("shop/cart.py", Hunk(90, 0, 90, 2, "", new)))}

    assert facts[RULE].says == "Adds only functions that the stack trace does not pass"


def test_without_a_trace_nothing_is_said() -> None:
    """Nobody knows then which functions were passed."""
    assert RULE not in [fact.rule for fact in weighed(alert("CartErrors", "cart is slow"), edited("", "# cart"))]
