"""An incident's severity, which only GraphQL can set (``issueSetSeverity``)."""

from __future__ import annotations

from backtrace_core.model import Severity
from bot.gitlab.client import GitLabClient
from bot.gitlab.incident import Incident
from bot.gitlab.mutations import check_done

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
    check_done(await client.graphql(_SET, variables), "issueSetSeverity", "the token may not set it")
