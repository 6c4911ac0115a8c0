"""The rules of evidence. One rule a file; each looks at one candidate and says one sentence, or nothing.

A new rule is a file and a line in :data:`RULES`.
"""

from __future__ import annotations

from collections.abc import Callable

from backtrace_core.evidence.blamed_line import blamed_line
from backtrace_core.evidence.bumped_package import bumped_package
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.deployed_before_onset import deployed_before_onset
from backtrace_core.evidence.frame_in_hunk import frame_in_hunk
from backtrace_core.evidence.goes_with import goes_with
from backtrace_core.evidence.gone_before_onset import gone_before_onset
from backtrace_core.evidence.kind_of_change import kinds_of_change
from backtrace_core.evidence.like_another import like_another
from backtrace_core.evidence.literal_in_lines import literal_in_lines
from backtrace_core.evidence.message_in_lines import message_in_lines
from backtrace_core.evidence.moved_file import moved_file
from backtrace_core.evidence.name_shared import name_shared
from backtrace_core.evidence.named_in_alert import named_in_alert
from backtrace_core.evidence.new_in_version import new_in_version
from backtrace_core.evidence.not_in_version import not_in_version
from backtrace_core.evidence.often_changed import often_changed
from backtrace_core.evidence.other_service import other_service
from backtrace_core.evidence.outlived import outlived
from backtrace_core.evidence.raising_name import raising_name
from backtrace_core.evidence.reverted import reverted
from backtrace_core.evidence.same_code import same_code
from backtrace_core.evidence.same_subject import same_subject
from backtrace_core.evidence.schema_in_error import schema_in_error
from backtrace_core.evidence.setting_in_error import setting_in_error
from backtrace_core.evidence.size_of_change import size_of_change
from backtrace_core.evidence.spelled_alike import spelled_alike
from backtrace_core.evidence.suspected_by_sender import suspected_by_sender
from backtrace_core.evidence.symptom_fits import symptom_fits
from backtrace_core.evidence.title_said import title_said
from backtrace_core.evidence.words_in_code import words_in_code
from backtrace_core.evidence.words_shared import words_shared
from backtrace_core.model import Alert, Candidate, Evidence

Rule = Callable[[Candidate, Alert, Context], Evidence | None]

RULES: tuple[Rule, ...] = (
    deployed_before_onset,
    named_in_alert,
    name_shared,
    words_in_code,
    words_shared,
    title_said,
    spelled_alike,
    same_subject,
    like_another,
    goes_with,
    message_in_lines,
    literal_in_lines,
    frame_in_hunk,
    blamed_line,
    raising_name,
    suspected_by_sender,
    moved_file,
    setting_in_error,
    schema_in_error,
    bumped_package,
    symptom_fits,
    often_changed,
    size_of_change,
    same_code,
    reverted,
    gone_before_onset,
    outlived,
    not_in_version,
    new_in_version,
    other_service,
)


OF_LINES: frozenset[Rule] = frozenset((message_in_lines, literal_in_lines, frame_in_hunk, blamed_line, raising_name))
"""Those that go by changed lines: where the code does what it did, its lines say nothing."""


def evidence_for(candidate: Candidate, alert: Alert, context: Context) -> tuple[Evidence, ...]:
    """All that the rules say of a candidate, in the order of the rules."""
    is_same = candidate.change.key in context.same
    said = (rule(candidate, alert, context) for rule in RULES if not (is_same and rule in OF_LINES))
    return (*(each for each in said if each is not None), *kinds_of_change(candidate, alert, context))
