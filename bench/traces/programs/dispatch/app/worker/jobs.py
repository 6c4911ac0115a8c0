"""One job: what it is for, and what its payload says."""

import json


class JobFailed(Exception):
    """A job that no further attempt will help."""


class Job:
    def __init__(self, number, queue, payload, attempts):
        self.number = number
        self.queue = queue
        self.payload = payload
        self.attempts = attempts

    def argument(self, name):
        return self.payload[name]

    def __str__(self):
        return f"{self.queue}#{self.number}"


def job_of(row):
    number, queue, payload, attempts = row
    return Job(number, queue, json.loads(payload), attempts)


def payload_of(values):
    return json.dumps(values, sort_keys=True)
