"""The worker of the background jobs."""
