"""The complexity score of a query (GITLAB.md 3): an approximation of GitLab's own count, near its order of size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

LIMIT = 250
LARGEST_PAGE = 100
_FIXED = {"mergedAt": 5, "labels": 5, "assignees": 5, "approvedBy": 5, "commit": 2}
_CONNECTIONS = {"deployments", "mergeRequests", "issues", "incidentManagementEscalationPolicies"}


def cost_of(document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """1 for a field, more where GitLab says so; lists times 1 + 0.01 an item, but not those asked for by iid."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return round(
        sum(
            _selection(node.selection_set, fragments, variables)
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        )
    )


Fragments = Mapping[str, FragmentDefinitionNode]


def _selection(chosen: SelectionSetNode | None, fragments: Fragments, variables: Mapping[str, Any]) -> float:
    total = 0.0
    for node in chosen.selections if chosen else ():
        if isinstance(node, FieldNode):
            total += _field(node, fragments, variables)
        elif isinstance(node, FragmentSpreadNode):
            total += _selection(fragments[node.name.value].selection_set, fragments, variables)
        elif isinstance(node, InlineFragmentNode):
            total += _selection(node.selection_set, fragments, variables)
    return total


def _field(node: FieldNode, fragments: Fragments, variables: Mapping[str, Any]) -> float:
    below = _selection(node.selection_set, fragments, variables)
    own = _FIXED.get(node.name.value, 1)
    names = {argument.name.value for argument in node.arguments or ()}
    if node.name.value not in _CONNECTIONS or "iids" in names:
        return below + own
    return (below + own) * (1 + 0.01 * _items(node, variables))


def _items(node: FieldNode, variables: Mapping[str, Any]) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "first" and isinstance(argument.value, IntValueNode):
            return min(int(argument.value.value), LARGEST_PAGE)
        if argument.name.value == "first" and isinstance(argument.value, VariableNode):
            return min(int(variables.get(argument.value.name.value) or LARGEST_PAGE), LARGEST_PAGE)
    return LARGEST_PAGE
