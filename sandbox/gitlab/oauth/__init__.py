"""GitLab's own OAuth: authorization code with PKCE, the device grant, refresh with rotation, revocation."""

from sandbox.gitlab.oauth.grants import Application, OAuth
from sandbox.gitlab.oauth.routes import ROOT, respond

__all__ = ["ROOT", "Application", "OAuth", "respond"]
