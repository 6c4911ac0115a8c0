"""How a service goes back, beside retrying the target's job: what that needs, and whether it can be done now."""

from __future__ import annotations

from backtrace_core.model import Deployment
from bot.gitlab import pipelines
from bot.rollback_pipeline import RollbackPipeline, says_where_to, why_not_told
from bot.workflows.house import House

NO_ONE = "no_one_allowed"
"""Of ``ci_pipeline_variables_minimum_override_role`` (docs.gitlab.com/api/projects)."""


def pipeline_for(house: House, service: str) -> RollbackPipeline:
    """What the service's rollback pipeline is told."""
    return house.settings.pipelines.get(service, RollbackPipeline())


async def pipeline_of(house: House, incident_id: str) -> RollbackPipeline:
    """The same for an incident's service."""
    verdict = (await house.store.incidents.existing(incident_id)).verdict
    return pipeline_for(house, verdict.scope.service.name if verdict else "")


async def pipeline_ready(house: House, service: str, target: Deployment) -> tuple[str, str]:
    """The ref on which the pipeline would run, and why it can't, if it can't.

    :raises GitLabError: when GitLab can't be asked.
    """
    pipeline = pipeline_for(house, service)
    if not says_where_to(pipeline):
        return "", f"The settings do not say any more what the pipeline of {service} is told."
    rules = await pipelines.project_rules(house.gitlab, target.project)
    ref = pipeline.ref or rules.default_branch
    if not ref:
        return "", f"{target.project} has no default branch to run the rollback's pipeline on: set rollback_ref."
    if pipeline.variables and rules.variables_role == NO_ONE:
        return ref, f"{target.project} lets nobody set a pipeline's variables: use rollback_inputs instead."
    facts = {"ref": target.ref, "environment": target.environment}
    if pipeline.needs_tag:
        facts["tag"] = await pipelines.tag_of(house.gitlab, target.project, target.ref, target.sha)
        if not facts["tag"]:
            return ref, f"Deployment {target.id} has no tag, and the rollback's pipeline is told one."
    return ref, why_not_told(pipeline, facts)
