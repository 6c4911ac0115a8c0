"""The rules of evidence. One rule a file; each looks at one candidate and says one sentence, or nothing.

A new rule is a file and a line in :data:`RULES`.
"""

from __future__ import annotations

from collections.abc import Callable

from backtrace_core.evidence.blamed_line import blamed_line
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.deployed_before_onset import deployed_before_onset
from backtrace_core.evidence.frame_in_hunk import frame_in_hunk
from backtrace_core.evidence.named_in_alert import named_in_alert
from backtrace_core.evidence.nothing_in_common import nothing_in_common
from backtrace_core.evidence.only_tests_or_docs import only_tests_or_docs
from backtrace_core.evidence.other_service import other_service
from backtrace_core.evidence.reverted import reverted
from backtrace_core.evidence.symptom_fits import symptom_fits
from backtrace_core.evidence.words_shared import words_shared
from backtrace_core.model import Alert, Candidate, Evidence

Rule = Callable[[Candidate, Alert, Context], Evidence | None]

RULES: tuple[Rule, ...] = (
    deployed_before_onset,
    named_in_alert,
    words_shared,
    frame_in_hunk,
    blamed_line,
    symptom_fits,
    only_tests_or_docs,
    nothing_in_common,
    reverted,
    other_service,
)
