"""The error comes out of a package whose version the change takes; or it is one that a new major version brings."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_core.bumps import bumps_of, same_package
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.links import file_url
from backtrace_core.frame_paths import inside_library, is_own
from backtrace_core.model import Alert, Bump, Candidate, Evidence, Family, Frame

RULE = "bumped_package"
RAISED, PASSED, MAJOR = 6.5, 1.5, 3.0
"""Believed. It raised; the trace passes it; only the kind of error fits (semver.org, 8: a major version may break)."""


def bumped_package(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    if not (alert.frames or context.raised.packages):
        return None
    bumps = [bump for file in candidate.change.files for bump in bumps_of(file)]
    found = max(((*_said(bump, alert, context), bump) for bump in bumps), key=lambda each: each[0], default=None)
    if found is None or not found[0]:
        return None
    weight, what, family, bump = found
    says = f"Takes {bump.package} {bump.new} in place of {bump.old}, and {what}"
    return Evidence(RULE, weight, says, file_url(candidate.change, bump.path), family)


def _said(bump: Bump, alert: Alert, context: Context) -> tuple[float, str, Family]:
    package = same_package(bump.package)
    raising = {*_packages(_raising(alert.frames)), *map(same_package, context.raised.packages)}
    if package in raising:
        return RAISED, "that package raised the error", Family.PLACE
    if package in _packages(alert.frames):
        return PASSED, "the stack trace passes that package", Family.PLACE
    if context.raised.by_interface and alert.frames and _major(bump.old) != _major(bump.new):
        return MAJOR, "the error is one as a new major version brings", Family.MECHANISM
    return 0.0, "", Family.MECHANISM


def _raising(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Those farther in than all own code; ``frames`` are innermost last."""
    own = max((place for place, frame in enumerate(frames) if is_own(frame.file)), default=-1)
    return frames[own + 1 :]


def _packages(frames: tuple[Frame, ...]) -> Iterator[str]:
    for frame in frames:
        parts = (inside_library(frame.file) or "").split("/")
        scoped = parts[0].startswith("@") and len(parts) > 1
        if parts[0]:
            yield same_package("/".join(parts[: 2 if scoped else 1]))


def _major(version: str) -> str:
    """Of a version below 1 the minor one: those may break as well (semver.org, 4)."""
    parts = version.split(".")
    return ".".join(parts[:2]) if parts[0] == "0" else parts[0]
