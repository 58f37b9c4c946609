"""Random generators that depend on names alone, so that the same input always gives the same output."""

import hashlib

import numpy as np


def generator(*names: str | int | float) -> np.random.Generator:
    """Return the random generator that belongs to a sequence of names.

    Parameters
    ----------
    *names
        What identifies the stream, such as machine, process, parameters and chunk. Text and numbers enter
        through the SHA-256 of their `repr`, never through `hash()`, which changes from run to run.

    Returns
    -------
    numpy.random.Generator
        A PCG64 generator; different names give independent streams.
    """
    return np.random.default_rng(np.random.SeedSequence(entropy(*names)))


def entropy(*names: str | int | float) -> int:
    """Return the 256-bit integer that `generator` seeds from, to be recorded beside the output."""
    text = "\x1f".join(repr(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
