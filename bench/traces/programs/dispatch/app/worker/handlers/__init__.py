"""What can be done in the background, by the queue's name."""

import importlib


def handler_for(queue):
    module = importlib.import_module(f"worker.handlers.{queue}")
    return module.handle
