"""The nodes that facts connect, and how their keys are written.

Every source makes its nodes here, so that two sources that speak of one thing mean the same node.
"""

from __future__ import annotations

import re

from backtrace_core.model import Change, Deployment, Node, NodeKind, Person, WorkItem

_LAST_NUMBER = re.compile(r"(\d+)\D*$")


def environment_node(project: str, name: str) -> Node:
    return Node(NodeKind.ENVIRONMENT, f"{project}/{name}")


def deployment_node(deployment: Deployment) -> Node:
    """Keyed by the id, which is unique in one GitLab."""
    return Node(NodeKind.DEPLOYMENT, str(deployment.id))


def change_node(change: Change) -> Node:
    return Node(NodeKind.CHANGE, change.key)


def person_node(person: Person) -> Node:
    return Node(NodeKind.PERSON, person.username)


def file_node(project: str, path: str) -> Node:
    return Node(NodeKind.FILE, f"{project}:{path}")


def line_node(project: str, path: str, line: int) -> Node:
    return Node(NodeKind.FILE, f"{project}:{path}#L{line}")


def work_item_node(item: WorkItem) -> Node:
    return Node(NodeKind.WORK_ITEM, f"{item.project}#{item.iid}")


def deployment_id(node: Node) -> int | None:
    """The id in a deployment's key; sources that prefix it (``shop/web/71``) are understood too."""
    found = _LAST_NUMBER.search(node.key) if node.kind is NodeKind.DEPLOYMENT else None
    return int(found[1]) if found else None
