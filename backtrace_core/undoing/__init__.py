"""What going back takes away, beside code: the database's shape, settings, packages, machines, and fixes.

Nothing here was run: it is read from diffs, and says so.
"""
