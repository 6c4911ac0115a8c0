"""Linking a person in Slack to their own user in GitLab, and keeping that person's tokens.

docs/adr/0010 says what it defends against.
"""
