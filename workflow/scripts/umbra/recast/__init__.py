"""Limits of every channel, read as those of a model of one's own."""
