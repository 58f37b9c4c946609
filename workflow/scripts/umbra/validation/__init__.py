"""Ours beside what was published."""
