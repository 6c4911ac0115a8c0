"""Orders that wait to be taken, as the web shop hands them over."""

import json

_WAITING = """
[{"number": 1001, "customer": "ada", "card": "4000-1234", "lines": [["b-100", 1], ["f-200", 3]]},
 {"number": 1002, "customer": "bert", "card": "4000-5678", "lines": [["t-300", 2]]},
 {"number": 1003, "customer": "cleo", "card": null, "lines": [["f-200", 1], ["f-201", 6], ["t-300", 1]]}]
"""


def waiting_orders():
    rows = json.loads(_WAITING)
    return [normalised(row) for row in rows]


def normalised(row):
    order = {
        "number": row["number"],
        "customer": row["customer"].strip(),
        "card": row["card"],
        "lines": [],
    }
    for sku, quantity in row["lines"]:
        order["lines"].append((sku.upper(), int(quantity)))
    return order
