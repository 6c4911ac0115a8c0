import time


class Policy:
    """Since 4.0 the function is called with the number of the attempt first."""

    def __init__(self, attempts, wait):
        self.attempts = attempts
        self.wait = wait

    def call(self, function, *args):
        for attempt in range(1, self.attempts + 1):
            try:
                return function(attempt, *args)
            except OSError:
                if attempt == self.attempts:
                    raise
                time.sleep(self.wait)
        return None
