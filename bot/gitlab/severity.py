"""An incident's severity, which only GraphQL can set (``issueSetSeverity``)."""

from __future__ import annotations

from collections.abc import Mapping

from backtrace_core.model import Severity
from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.incident import Incident

_SET = """
mutation Grade($path: ID!, $iid: String!, $severity: IssuableSeverity!) {
  issueSetSeverity(input: {projectPath: $path, iid: $iid, severity: $severity}) { errors }
}
"""


async def set_severity(client: GitLabClient, incident: Incident, severity: Severity) -> None:
    """Set it; what GitLab has no word for (``info``) is its lowest one. Setting it twice does no harm.

    :raises GitLabRefused: where the token may not.
    """
    wanted = min(severity, Severity.LOW).name
    variables = {"path": incident.project, "iid": str(incident.iid), "severity": wanted}
    result = (await client.graphql(_SET, variables)).get("issueSetSeverity")
    if not isinstance(result, Mapping):
        raise GitLabRefused(200, "the token may not set it")
    errors = "; ".join(str(error) for error in result.get("errors") or ())
    if errors:
        raise GitLabRefused(200, errors)
