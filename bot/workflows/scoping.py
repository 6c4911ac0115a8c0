"""The catalog that tells an alert's scope: the settings' own, with what GitLab knows only where that may decide."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import Alert
from backtrace_core.scope import Catalog, may_need_gitlab
from bot.workflows.house import House


async def catalog_for(house: House, alert: Alert) -> Catalog:
    """Costs no request where the alert names service and environment as the settings do."""
    catalog = house.settings.catalog
    if not may_need_gitlab(alert, catalog):
        return catalog
    projects = (project for service in catalog.services for project in service.all_projects)
    return replace(catalog, known=await house.source.environments(projects))
