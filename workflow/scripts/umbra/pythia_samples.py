"""Named backgrounds from Pythia 8: hadronisation of the continuum, and B mesons from the Upsilon(4S)."""

from collections.abc import Iterator, Mapping
from typing import Any

from umbra import pythia
from umbra.decays.meson import b_pairs
from umbra.errors import UmbraError
from umbra.events import Events
from umbra.machines import Machine
from umbra.models import tables
from umbra.seeds import generator

#: Name of the table in `config/models/`.
TABLE = "pythia_samples"


def cross_section_pb(name: str) -> float:
    """Cross-section of a sample in pb."""
    return 1000.0 * float(_sample(name)["cross_section_nb"])


def batches(
    name: str, machine: Machine, count: int, *names: str | int | float, batch: int = 20_000
) -> Iterator[Events]:
    """Generate a sample in the laboratory.

    Parameters
    ----------
    name
        One of `config/models/pythia_samples.yaml`.
    machine
        Where the collisions happen.
    count
        Number of events.
    *names
        What identifies the stream of random numbers.
    batch
        Events in memory at once.

    Raises
    ------
    UmbraError
        For an unknown name; the message lists those that exist.
    """
    sample = _sample(name)
    settings = list(sample["settings"])
    if "b_meson" not in sample:
        yield from pythia.collisions(settings, machine, count, *names, batch=batch)
        return
    b_meson = int(sample["b_meson"])
    for number, start in enumerate(range(0, count, batch)):
        stream = (*names, "batch", number)
        pairs = b_pairs(min(batch, count - start), machine, b_meson, generator(*stream))
        yield pythia.decays([b_meson, -b_meson], pairs, settings, *stream)


def _sample(name: str) -> Mapping[str, Any]:
    samples: Mapping[str, Mapping[str, Any]] = tables.load(TABLE)["samples"]
    if name not in samples:
        raise UmbraError(f"unknown Pythia sample '{name}'; known: {', '.join(samples)}")
    return samples[name]
