"""How much the pure functions remember of what they worked out."""

PATHS = 100_000
"""Paths, in each cache by path. A great window changes 20,000 files, gone through several times in the same order: a
cache that is a little too small has always just dropped what is asked for next."""
WORDS = 50_000
"""Parts of texts and of code: a repository has some ten thousand different ones."""
CHANGES = 300
"""Changes whose words are counted: those of a usual window. Of a great one they would take a hundred megabytes."""
