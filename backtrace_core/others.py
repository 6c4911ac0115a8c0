"""The services that one depends on: what they shipped may be the cause too, and is marked as theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backtrace_core.model import Alert, Candidate, Gap, Harvest, Scope, Service
from backtrace_core.scope import environment_of_service
from backtrace_core.trace import trace


def scopes_beside(scope: Scope, services: Iterable[Service]) -> tuple[Scope, ...]:
    """Where to look for what the service depends on, one level deep: the same environment, in the same window.

    A service that has no such environment is left out: staging does not break by what payments ships to production.
    """
    wanted = [name.lower() for name in scope.service.depends_on]
    meant = scope.environment.partition("/")[0] if scope.environment.endswith("/*") else scope.environment
    found = []
    for service in services:
        environment = environment_of_service(service, meant) or environment_of_service(service, meant.partition("/")[0])
        if service.name.lower() in wanted and environment is not None:
            found.append(replace(scope, service=service, environment=environment))
    return tuple(found)


def candidates_of_others(harvests: Iterable[Harvest], alert: Alert) -> tuple[Candidate, ...]:
    """The candidates of other services, each with the service's name, and its project before its number."""
    return tuple(
        replace(found, service=harvest.scope.service.name, change=replace(found.change, prefix=found.change.project))
        for harvest in harvests
        for found in trace(harvest, alert)
    )


def gaps_of_others(harvests: Iterable[Harvest]) -> tuple[Gap, ...]:
    """One a service, in words that don't say that the alert's own service is unread."""
    rows = ((harvest.scope.service.name, harvest.gaps) for harvest in harvests)
    return tuple(Gap(gaps[0].source, f"all that {name} shipped", gaps[0].why) for name, gaps in rows if gaps)
