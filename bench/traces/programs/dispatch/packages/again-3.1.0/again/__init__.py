from again.policy import Policy

__all__ = ["Policy"]
