"""Real tracebacks of real programs: ``python -m bench.traces [--json] [--cases] [--seed N]``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from bench.results import keep
from bench.traces.cases import all_names, left_out
from bench.traces.figures import OURS, figures, listed, table
from bench.traces.track import SEED, measure


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.traces", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures, and with --cases every case, as JSON")
    parser.add_argument("--cases", action="store_true", help="also every case; those that are missed first")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="other neighbours; only the usual seed's figures are kept"
    )
    parser.add_argument("--only", default="", help="cases whose name begins like this; nothing is kept")
    options = parser.parse_args()
    names = [name for name in all_names() if str(name).startswith(options.only)]
    rows = measure(names, options.seed)
    found = figures(rows, left_out())
    if options.seed == SEED and not options.only:
        keep("traces", found)
    if options.json:
        print(json.dumps({**found, "rows": [asdict(row) for row in rows]} if options.cases else found, indent=2))
        return 0
    print(table(rows, left_out()))
    if options.cases:
        print("\nmissed:\n" + listed(rows, lambda row: row.places[OURS] != 1))
        print("\nfound:\n" + listed(rows, lambda row: row.places[OURS] == 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
