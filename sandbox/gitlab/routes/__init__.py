"""The REST API below ``/api/v4``: one line for each call, with the least role that GitLab asks for."""

from __future__ import annotations

from sandbox.gitlab.routes import deployments, instance, issues, jobs, merge_requests, notes, projects, repository
from sandbox.gitlab.routing import DEVELOPER, GUEST, MAINTAINER, REPORTER, Route

P = "projects/:project"

ROUTES: tuple[Route, ...] = (
    Route("GET", "version", instance.version),
    Route("GET", "metadata", instance.metadata),
    Route("GET", "user", instance.current),
    Route("GET", "users", instance.users),
    Route("GET", "personal_access_tokens/self", instance.own_token),
    Route("GET", "groups/:group/members/:user", projects.group_member),
    Route("GET", "groups/:group/members/all/:user", projects.group_member),
    Route("GET", "groups/:group/protected_environments", projects.group_protected_environments),
    Route("GET", P, projects.project, GUEST),
    Route("GET", f"{P}/members/all", projects.members, GUEST),
    Route("GET", f"{P}/members/all/:user", projects.one_member, GUEST),
    Route("GET", f"{P}/protected_environments", projects.protected_environments, REPORTER),
    Route("GET", f"{P}/protected_branches", projects.protected_branches, REPORTER),
    Route("GET", f"{P}/protected_tags", projects.protected_tags, REPORTER),
    Route("GET", f"{P}/labels", projects.labels, GUEST),
    Route("POST", f"{P}/labels", projects.create_label, REPORTER),
    Route("POST", f"{P}/hooks", projects.create_hook, MAINTAINER),
    Route("GET", f"{P}/environments", deployments.environments, REPORTER),
    Route("GET", f"{P}/environments/:environment", deployments.environment, REPORTER),
    Route("GET", f"{P}/deployments", deployments.deployments, REPORTER),
    Route("GET", f"{P}/deployments/:deployment", deployments.deployment, REPORTER),
    Route("GET", f"{P}/deployments/:deployment/merge_requests", deployments.merge_requests, REPORTER),
    Route("GET", f"{P}/merge_requests", merge_requests.merge_requests, REPORTER),
    Route("GET", f"{P}/merge_requests/:merge_request", merge_requests.merge_request, REPORTER),
    Route("GET", f"{P}/merge_requests/:merge_request/commits", merge_requests.commits_of, REPORTER),
    Route("GET", f"{P}/merge_requests/:merge_request/diffs", merge_requests.diffs, REPORTER),
    Route("GET", f"{P}/merge_requests/:merge_request/closes_issues", merge_requests.closes_issues, REPORTER),
    Route("GET", f"{P}/merge_requests/:merge_request/related_issues", merge_requests.related_issues, REPORTER),
    Route("GET", f"{P}/repository/compare", repository.compare, REPORTER),
    Route("GET", f"{P}/repository/commits", repository.commits, REPORTER),
    Route("GET", f"{P}/repository/commits/:sha", repository.commit, REPORTER),
    Route("GET", f"{P}/repository/commits/:sha/diff", repository.commit_diff, REPORTER),
    Route("GET", f"{P}/repository/commits/:sha/merge_requests", repository.commit_merge_requests, REPORTER),
    Route("GET", f"{P}/repository/files/:file/blame", repository.blame, REPORTER),
    Route("GET", f"{P}/repository/files/:file/raw", repository.raw_file, REPORTER),
    Route("GET", f"{P}/pipelines/:pipeline/jobs", jobs.pipeline_jobs, REPORTER),
    Route("GET", f"{P}/jobs/:job", jobs.job, REPORTER),
    Route("POST", f"{P}/jobs/:job/retry", jobs.retry, DEVELOPER),
    Route("POST", f"{P}/jobs/:job/cancel", jobs.cancel, DEVELOPER),
    Route("GET", f"{P}/issues", issues.issues, GUEST),
    Route("POST", f"{P}/issues", issues.create, GUEST),
    Route("GET", f"{P}/issues/:issue", issues.issue, GUEST),
    Route("PUT", f"{P}/issues/:issue", issues.update, GUEST),
    Route("GET", f"{P}/issues/:issue/notes", notes.notes, GUEST),
    Route("POST", f"{P}/issues/:issue/notes", notes.create, GUEST),
    Route("PUT", f"{P}/issues/:issue/notes/:note", notes.update, GUEST),
)
