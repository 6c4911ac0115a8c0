"""Jobs: one, those of a pipeline, retry, cancel (docs.gitlab.com/api/jobs)."""

from __future__ import annotations

from sandbox.gitlab import deploying
from sandbox.gitlab.answers import Answer, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import Job
from sandbox.gitlab.shapes.deployments import job_entity
from sandbox.gitlab.shapes.projects import schedule_entity


def pipeline_jobs(call: Call) -> Answer:
    """Retried jobs are hidden unless asked for; newest first."""
    pipeline = call.id("pipeline")
    if pipeline not in call.state.pipelines:
        not_found()
    scope, retried = set(call.query.many("scope")), call.query.flag("include_retried")
    rows = [
        job
        for job in call.state.jobs.values()
        if job.pipeline_id == pipeline and (retried or not job.retried) and (not scope or job.status in scope)
    ]
    rows.sort(key=lambda job: job.id, reverse=True)
    return page_of(call, rows, lambda job: job_entity(call.state, job))


def jobs(call: Call) -> Answer:
    """All of the project, the newest id first."""
    scope = set(call.query.many("scope"))
    rows = [job for job in call.state.jobs.values() if not scope or job.status in scope]
    rows.sort(key=lambda job: job.id, reverse=True)
    return page_of(call, rows, lambda job: job_entity(call.state, job))


def job(call: Call) -> Answer:
    return Answer(job_entity(call.state, _job(call)))


def retry(call: Call) -> Answer:
    return Answer(job_entity(call.state, deploying.retry(call.state, _job(call), call.user)), 201)


def play(call: Call) -> Answer:
    """Start what waits for somebody; 200, not 201."""
    return Answer(job_entity(call.state, deploying.play(call.state, _job(call), call.user)))


def cancel(call: Call) -> Answer:
    return Answer(job_entity(call.state, deploying.cancel(call.state, _job(call), call.user)), 201)


def _job(call: Call) -> Job:
    return call.state.jobs.get(call.id("job")) or not_found()


def schedules(call: Call) -> Answer:
    """Shape from memory of docs.gitlab.com/api/pipeline_schedules; GITLAB.md does not print it."""
    scope = call.query.choice("scope", ("active", "inactive"))
    state = call.state
    rows = [one for one in state.schedules.values() if not scope or one.active is (scope == "active")]
    return page_of(call, rows, lambda one: schedule_entity(state, one))
