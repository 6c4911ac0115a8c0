"""The hops that a harvest states, each with the page where a person can check it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backtrace_core.facts import (
    change_node,
    deployment_node,
    environment_node,
    file_node,
    person_node,
    work_item_node,
)
from backtrace_core.model import Change, ChangeKind, Deployment, Fact, Relation
from bot.sources.reading import SOURCE
from bot.sources.shipped import Cargo


def facts_of(deployments: Iterable[Deployment], changes: Iterable[Change], cargo: Sequence[Cargo]) -> tuple[Fact, ...]:
    """Every hop between environment, deployments, changes, files, people and work items."""
    return (
        *(fact for deployment in deployments for fact in _of_deployment(deployment)),
        *(fact for load in cargo for fact in _of_cargo(load)),
        *(fact for change in changes for fact in _of_change(change)),
    )


def _of_deployment(deployment: Deployment) -> Iterable[Fact]:
    node = deployment_node(deployment)
    place = environment_node(deployment.project, deployment.environment)
    yield Fact(node, Relation.IN_ENVIRONMENT, place, SOURCE, deployment.url)
    if deployment.deployer is not None:
        yield Fact(person_node(deployment.deployer), Relation.DEPLOYED_BY, node, SOURCE, deployment.url)


def _of_cargo(load: Cargo) -> Iterable[Fact]:
    node = deployment_node(load.deployment)
    for change in load.changes:
        yield Fact(change_node(change), Relation.DEPLOYED_TO, node, SOURCE, load.deployment.url)


def by_no_deployment(changes: Iterable[Change], environment: str) -> Iterable[Fact]:
    """That flags and jobs changed the environment; what else is known of them stands with the other changes."""
    for change in changes:
        place = environment_node(change.project, environment)
        yield Fact(change_node(change), Relation.CHANGED_IN, place, SOURCE, change.url)


def _of_change(change: Change) -> Iterable[Fact]:
    node = change_node(change)
    if change.author is not None:
        yield Fact(person_node(change.author), Relation.AUTHORED, node, SOURCE, change.url)
    if change.merged_by is not None:
        yield Fact(person_node(change.merged_by), Relation.MERGED, node, SOURCE, change.url)
    diff = f"{change.url}/diffs" if change.kind is ChangeKind.MERGE_REQUEST else change.url
    # Of changes that were not worth reading nobody follows the files; there may be tens of thousands.
    for file in (file for file in change.files if not file.text_skipped):
        yield Fact(node, Relation.HAS_FILE, file_node(change.project, file.path), SOURCE, diff)
    for item in change.work_items:
        relation = Relation.CLOSES if item.closes else Relation.MENTIONS
        yield Fact(node, relation, work_item_node(item), SOURCE, item.url)
