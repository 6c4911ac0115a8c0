from plainly.text import bullet, render

__all__ = ["bullet", "render"]
