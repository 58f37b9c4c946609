"""Kinds of fit: a class each, found in the registry by the record of the channel's `fit`."""
