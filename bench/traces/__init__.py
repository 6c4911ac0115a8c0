"""Alerts with a real traceback: programs that really break, and whether the change that broke them is named."""
