"""Facts about a candidate that speak for it or against it: one rule a file, all of them in :mod:`.rules`."""
