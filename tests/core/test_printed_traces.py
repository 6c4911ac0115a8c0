"""Traces as interpreters print them: with the source below each frame, and with the causes of what was raised."""

from __future__ import annotations

import pytest

from backtrace_core.alerts import parse_alert
from backtrace_core.alerts.stack import frames_in, without_source
from backtrace_core.model import Service
from backtrace_core.scope import Catalog
from tests.core.builders import T0

CATALOG = Catalog((Service("checkout", "shop/checkout"),))

PYTHON = """Traceback (most recent call last):
  File "/srv/checkout/main.py", line 8, in main
    app = build_app("settings.toml")
          ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/checkout/shop/settings.py", line 17, in number
    env: str = self.get(table, key)
ValueError: invalid literal for int() with base 10: '5.5 s'"""

NODE = """/usr/src/app/src/store.js:4
  service = found.toLowerCase();
                  ^

TypeError: Cannot read properties of undefined (reading 'toLowerCase')
    at Store.find (/usr/src/app/src/store.js:4:19)

Node.js v20.20.2"""

WRAPPED = """Traceback (most recent call last):
  File "/opt/dispatch/worker/loop.py", line 31, in work_on
    result = self.policy.call(handler, job)
  File "/opt/dispatch/worker/handlers/mail.py", line 9, in handle
    mail = compose(job, layout)
KeyError: 'subject'

{sentence}

Traceback (most recent call last):
  File "/opt/dispatch/start.py", line 19, in main
    done = loop.work_off(name)
  File "/opt/dispatch/worker/loop.py", line 33, in work_on
    raise JobFailed(f"{{job}} failed") from error
worker.jobs.JobFailed: mail#1 failed"""

NODE_CAUSE = """file:///app/lib/tasks/index.mjs:7
  throw new Error(`no task of the kind ${task.kind}`, { cause: error });
        ^

Error: no task of the kind reminders
    at missing (file:///app/lib/tasks/index.mjs:7:9)
    at async Scheduler.runEntry (file:///app/lib/scheduler.mjs:28:17) {
  [cause]: TypeError: keyOf is not a function
      at grouped (file:///app/lib/groups.mjs:4:17)
      at part (file:///app/lib/tasks/report.mjs:15:18)
}"""


@pytest.mark.parametrize("trace", [PYTHON, NODE])
def test_source_lines_in_a_trace_are_no_labels(trace: str) -> None:
    """``app = build_app(...)`` names no service and ``env: str`` no environment: the heading does."""
    text = f":rotating_light: checkout production: ValueError\n```{trace}```"
    alert = parse_alert({"ts": f"{T0.timestamp():.6f}", "bot_id": "B1", "text": text}, CATALOG)

    assert alert is not None
    assert (alert.service, alert.environment) == ("checkout", "production")


def test_all_but_the_source_stays() -> None:
    """Frames, what was raised, and prose around them."""
    assert without_source(f"service: web\n{PYTHON}").split("\n") == [
        "service: web",
        "Traceback (most recent call last):",
        '  File "/srv/checkout/main.py", line 8, in main',
        '  File "/srv/checkout/shop/settings.py", line 17, in number',
        "ValueError: invalid literal for int() with base 10: '5.5 s'",
    ]
    assert without_source(NODE).split("\n")[:3] == ["/usr/src/app/src/store.js:4", "", NODE.split("\n")[4]]


@pytest.mark.parametrize(
    "sentence",
    [
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
    ],
)
def test_the_first_exception_of_a_chain_is_innermost(sentence: str) -> None:
    """Python prints the cause first, and whoever wrapped it last: the wrapper's raise is not where it began."""
    frames = frames_in(WRAPPED.format(sentence=sentence))

    assert [(frame.file.rpartition("/")[2], frame.line) for frame in frames] == [
        ("start.py", 19),
        ("loop.py", 33),
        ("loop.py", 31),
        ("mail.py", 9),
    ]


def test_node_s_cause_is_innermost() -> None:
    """It is printed below the error that was thrown because of it."""
    frames = frames_in(NODE_CAUSE)

    assert [frame.function for frame in frames] == ["Scheduler.runEntry", "missing", "part", "grouped"]
