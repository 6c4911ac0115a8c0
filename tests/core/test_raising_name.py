"""What the trace's printed code is about, and which change touches that."""

from __future__ import annotations

from backtrace_core.alerts.stack import frames_in, printed_code
from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.raising_name import raising_name
from backtrace_core.model import Alert, Candidate, Change, Evidence, Hunk
from backtrace_core.raised import raised_of
from backtrace_core.touched import touched_of
from tests.core.builders import alert, before, change, changed, deployment, harvest

PYTHON = """Traceback (most recent call last):
  File "/srv/web/shop/app.py", line 37, in check_out
    gross = self.pricing.total(cart) + self.taxes.of(cart)
            ^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/web/shop/pricing.py", line 33, in line_total
    amount = price.cents * line.quantity - self.discount(price)
             ~~~~~~~~~~~~^~~~~~~~~~~~~~~
TypeError: can't multiply sequence by non-int of type 'str'"""
NODE = """/usr/src/app/src/products.js:8
  const product = context.store.product(context.params.id);
                                                       ^

TypeError: Cannot read properties of undefined (reading 'id')
    at handle (/usr/src/app/src/products.js:8:56)"""


def asked(text: str = PYTHON) -> Alert:
    return alert("shop: TypeError", text, frames=frames_in(text))


def edited(iid: int, path: str, removed: str, added: str) -> Change:
    return change(iid, f"Work {iid}", changed(path, Hunk(5, 1, 5, 1, "", ((5, added),), ((5, removed),))))


def judged(*changes: Change) -> Evidence | None:
    shipped = deployment(7, before(6))
    candidates = tuple(Candidate(each, shipped, ()) for each in changes)
    found = harvest((shipped, changes))
    return raising_name(candidates[0], asked(), context_of(candidates, asked(), found))


QUANTITY = edited(45, "shop/orders.py", "lines.append((sku, int(quantity)))", "lines.append((sku, str(quantity)))")
OTHERS = tuple(edited(90 + n, f"shop/part{n}.py", "x = 1", "x = 2") for n in range(5))


def test_the_code_that_a_trace_prints() -> None:
    """Python prints a line below each frame, and marks a piece; Node one line and one place, before which it counts."""
    assert list(printed_code(PYTHON)) == [
        (
            "/srv/web/shop/app.py",
            37,
            "gross = self.pricing.total(cart) + self.taxes.of(cart)",
            "self.pricing.total(cart)",
        ),
        (
            "/srv/web/shop/pricing.py",
            33,
            "amount = price.cents * line.quantity - self.discount(price)",
            "price.cents * line.quantity",
        ),
    ]
    assert list(printed_code(NODE)) == [
        (
            "/usr/src/app/src/products.js",
            8,
            "const product = context.store.product(context.params.id);",
            "const product = context.store.product(context.params.id",
        )
    ]
    assert list(printed_code('  File "a.py", line 1, in f\n  File "b.py", line 2, in g\nKeyError: 1')) == []


def test_names_count_less_the_farther_they_are() -> None:
    """What is marked, what stands beside it, what stands in the caller's line; everyday names not at all."""
    names = raised_of(asked()).names

    assert names["quantity"] == 1.0 > names["discount"] > names["taxes"] > 0
    assert names["pricing"] > names["taxes"]
    assert "self" not in names


def test_what_a_change_touches_of_a_line() -> None:
    """Of a line that stays but for one word that word, and what it is done to."""
    touched = touched_of(QUANTITY.files[0])

    assert (touched.gone, touched.new) == ({"int"}, {"str"})
    assert touched.has("quantity")
    assert not touched.has("lines")


def test_a_change_of_the_value_elsewhere() -> None:
    """No frame passes the file; the name tells where to look."""
    evidence = judged(QUANTITY, *OTHERS)

    assert evidence is not None
    assert evidence.says == (
        'Changes what is done with "quantity" in shop/orders.py, a name in the code that the stack trace prints'
    )


def test_what_all_touch_says_nothing() -> None:
    """The fewer candidates touch a name, the more it says; a change that touches none is not spoken of."""
    twins = tuple(edited(50 + n, f"shop/m{n}.py", "a(quantity)", "b(quantity)") for n in range(4))
    rare, common = judged(QUANTITY, *OTHERS), judged(QUANTITY, *twins)

    assert rare is not None
    assert common is None or common.weight < rare.weight / 2
    assert judged(OTHERS[0], *OTHERS[1:]) is None


def test_a_setting_that_the_line_reads_says_more() -> None:
    """The code is as it was, the value is not."""
    setting = edited(45, "shop.json", '"quantity": 4', '"quantity": "many"')
    by_setting, by_code = judged(setting, *OTHERS), judged(QUANTITY, *OTHERS)

    assert by_setting is not None
    assert by_code is not None
    assert by_setting.weight > by_code.weight
