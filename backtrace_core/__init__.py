"""The pure core of Backtrace: read an alert, walk back, weigh the evidence, decide on a rollback.

Nothing here waits, reads a clock, an environment variable or a file, logs, or talks to anybody. Time and facts come in
as arguments; answers go out as values of :mod:`backtrace_core.model`.
"""
