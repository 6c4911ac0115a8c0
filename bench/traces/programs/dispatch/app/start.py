"""Work off what waits in the queues, once, and say what was done."""

import sys

from worker.loop import Loop
from worker.options import load_options
from worker.queues import Queues


def main(path):
    options = load_options(path)
    queues = Queues("migrations", options)
    loop = Loop(queues, options)
    for name in options.queue_names():
        done = loop.work_off(name)
        print(f"{name}: {done}")
    print(f"waiting: {queues.waiting()}")


if __name__ == "__main__":
    main(sys.argv[1])
