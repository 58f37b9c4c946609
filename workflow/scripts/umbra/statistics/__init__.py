"""Limits and significances from HistFactory workspaces."""
