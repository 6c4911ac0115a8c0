"""Taking jobs, handing them to their handler, trying again."""

import logging

from again import Policy

from worker.handlers import handler_for
from worker.jobs import JobFailed

log = logging.getLogger(__name__)


class Loop:
    def __init__(self, queues, options):
        self.queues = queues
        self.options = options
        self.policy = Policy(options.of("retry")["attempts"], options.of("retry")["wait_s"])

    def work_off(self, name):
        limit = self.options.limit(name)
        done = 0
        for job in self.queues.take(name):
            if done == limit:
                break
            done += self.work_on(job)
        return done

    def work_on(self, job):
        handler = handler_for(job.queue)
        try:
            result = self.policy.call(handler, job, self.options)
        except Exception as error:
            raise JobFailed(f"{job} failed") from error
        log.info("%s: %s", job, result)
        self.queues.finish(job)
        return 1
