"""The script that somebody writes on an afternoon: one client, one request after the other."""

from __future__ import annotations

from datetime import datetime

import gitlab


def trace(url: str, token: str, project_path: str, environment: str, since: datetime) -> int:
    """Read environment, deployments since ``since``, their merge requests, their diffs; returns the number of diffs."""
    client = gitlab.Gitlab(url, private_token=token, timeout=30, keep_base_url=True, per_page=100)
    project = client.projects.get(project_path)
    project.environments.list(name=environment, get_all=True)
    window = project.deployments.list(
        environment=environment,
        status="success",
        order_by="finished_at",
        sort="desc",
        finished_after=since.isoformat(),
        get_all=True,
    )
    files = 0
    for deployment in window:
        for change in client.http_list(f"{_path(project)}/deployments/{deployment.id}/merge_requests", get_all=True):
            diffs = client.http_list(f"{_path(project)}/merge_requests/{change['iid']}/diffs", get_all=True)
            files += len(diffs)
    return files


def _path(project: gitlab.base.RESTObject) -> str:
    return f"/projects/{project.id}"
