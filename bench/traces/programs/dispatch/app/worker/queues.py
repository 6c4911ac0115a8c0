"""The queues: a table of jobs."""

import logging
import sqlite3
from pathlib import Path

from worker.jobs import job_of, payload_of

log = logging.getLogger(__name__)

_JOBS = [
    ("mail", {"to": "ada@example.com", "subject": "Your order 1001", "order": 1001}),
    ("mail", {"to": "bert@example.com", "subject": "Your order 1002", "order": 1002}),
    ("thumbnails", {"path": "images/kite.jpg", "width": 1600, "height": 1200}),
    ("exports", {"orders": [[1001, "ada", 3675], [1002, "bert", 4284]]}),
]


class Queues:
    def __init__(self, folder, options):
        self.options = options
        self.connection = sqlite3.connect(":memory:")
        for path in sorted(Path(folder).glob("*.sql")):
            self.connection.executescript(path.read_text())
        for queue, values in _JOBS:
            self.put(queue, values)

    def put(self, queue, values):
        payload = payload_of(values)
        self.connection.execute("insert into job (queue, payload) values (?, ?)", (queue, payload))

    def take(self, queue):
        most = self.options.take()
        rows = self.connection.execute(
            "select id, queue, payload, attempts from job where queue = ? and done = 0 order by id limit ?",
            (queue, most),
        )
        return [job_of(row) for row in rows.fetchall()]

    def finish(self, job):
        self.connection.execute("update job set done = 1 where id = ?", (job.number,))
        log.debug("%s is done", job)

    def waiting(self):
        (count,) = self.connection.execute("select count(*) from job where done = 0").fetchone()
        return count
