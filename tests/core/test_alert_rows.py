"""Each sender's messages in other words, other states and other shapes than those that its reader was written for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import pytest

from backtrace_core.alerts.stack import frames_in
from backtrace_core.model import Frame
from tests.core.alert_rows import traces


def places(frames: Iterable[Frame]) -> set[tuple[str, int | None]]:
    return {(re.split(r"[/\\:]", frame.file)[-1], frame.line) for frame in frames}


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in traces.PRINTED], ids=[r[0] for r in traces.PRINTED])
def test_a_trace_is_read(text: str, expected: traces.Frames) -> None:
    """All places that a trace prints are found, and no other."""
    assert places(frames_in(text)) == set(expected)


PASTED = ["> ", ">", "web-1  | ", "    ", "| "]


@pytest.mark.parametrize("prefix", PASTED)
@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in traces.PRINTED], ids=[r[0] for r in traces.PRINTED])
def test_a_pasted_trace_is_read(prefix: str, text: str, expected: traces.Frames) -> None:
    """Quoted, indented, or out of collected logs: it is the same trace."""
    pasted = "\n".join(prefix + line for line in text.split("\n"))

    assert places(frames_in(f"```{pasted}```")) == set(expected)


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in traces.PRINTED], ids=[r[0] for r in traces.PRINTED])
def test_a_broken_off_trace_is_read(text: str, expected: traces.Frames) -> None:
    """Cut anywhere, what is still whole is found, and nothing is made up."""
    for end in range(0, len(text), 7):
        found = {file for file, _ in places(frames_in(text[:end]))}
        assert found <= {file for file, _ in expected}
