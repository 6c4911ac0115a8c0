"""kill -9, faults and disorder, from the alert to the end: ``python -m bench.chaos --runs 300 [--seed N] [--jobs 2]``.

A clean run of each story is recorded first: its durable steps' boundaries, and what the embedded parties see: the
bot's effects, and its answers to deliveries. Half of the kills are drawn from these moments, half from the time between
two of them; each step has its share.
On top come random faults (429, 500, 502, a broken connection, one that breaks or times out after the write took
effect), and deliveries of Slack's and GitLab's that come twice, or in another order. The bot is started again, and each
story has to end well. What happened is counted by the embedded parties, what is on record is read from the bot's own
rows.

``--stories`` and ``--names`` (of steps and effects) play a part of it. ``--breaks`` plays a bot that is broken on
purpose (:mod:`tests.slow.broken`): the bench has to find that, and ``make test-slow`` holds it to it.
"""
