"""How large a channel becomes: its points, jobs, events and files follow from several keys."""

import math

from umbra.config.bounds import MOST_CHUNKS, MOST_EVENTS, MOST_HYPOTHESES, MOST_JOBS
from umbra.config.records import Channel
from umbra.core.errors import UmbraError


def check(channel: Channel, points: int) -> None:
    """Check the sizes that follow from several keys.

    Parameters
    ----------
    channel
        The channel.
    points
        Number of its hypotheses, lifetimes and interpretations not counted.

    Raises
    ------
    UmbraError
        For the first that is beyond `umbra.config.bounds`.
    """
    jobs = math.ceil(points / channel.masses.block_points)
    _refuse_more("masses/points_per_job", jobs, MOST_JOBS, f"jobs for {points} points")
    hypotheses = points * max(1, len(channel.lifetimes_mm)) * len(channel.interpretations)
    _refuse_more("masses", hypotheses, MOST_HYPOTHESES, "points, lifetimes and interpretations multiplied")
    for sample in channel.samples.values():
        where, masses = f"samples/{sample.name}/events", max(1, len(sample.masses_gev))
        _refuse_more(where, sample.events * masses, MOST_EVENTS, f"events of {masses} masses together")
    toys = channel.significance
    chunks = math.ceil(toys.toys / toys.chunk_toys)
    _refuse_more("significance/chunk_toys", chunks, MOST_CHUNKS, f"files of {toys.toys} toys")


def _refuse_more(where: str, number: int, most: int, what: str) -> None:
    if number > most:
        raise UmbraError(f"{where}: {number} {what} are more than {most}")
