"""Named backgrounds from Pythia 8: hadronisation of the continuum, and B mesons from the Upsilon(4S).

Their definitions, `generation/data/pythia_samples.yaml`, are read with the configuration; a channel may add
settings that force decays, and then states the fraction of the cross-section that they leave.
"""

from collections.abc import Iterator
from importlib import metadata

from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.machines import AnyMachine
from umbra.core.seeds import generator
from umbra.generation import pythia
from umbra.generation.decays.meson import b_pairs
from umbra.generation.settings import PythiaSettings

#: What made the events, for their record.
GENERATOR = f"pythia8mc {metadata.version('pythia8mc')}"

#: Events in memory at once; Pythia's complete records are much larger than the final particles.
BATCH = 5_000

#: Room for final particles: pairs of B mesons reach 54 of them once in 100,000 events.
SLOTS = 80


def cross_section_pb(name: str, definition: PythiaSettings, machine: AnyMachine) -> float:
    """Cross-section of a sample at a machine in pb.

    Parameters
    ----------
    name
        For the message.
    definition
        What Pythia is told.
    machine
        Where the collisions happen.

    Raises
    ------
    UmbraError
        For an energy at which the sample has no cross-section.
    """
    energy, low, high = machine.sqrt_s_gev, definition.from_gev, definition.to_gev
    if not low <= energy <= high:
        raise UmbraError(
            f"Pythia sample {name}: known from {low:g} to {high:g} GeV, but machine {machine.name} has "
            f"sqrt(s) = {energy:.3f} GeV"
        )
    here_nb = definition.cross_section_nb * (definition.at_gev / energy) ** 2
    return 1000.0 * here_nb * definition.fraction


def batches(
    definition: PythiaSettings,
    machine: AnyMachine,
    count: int,
    *names: str | int | float,
    batch: int = BATCH,
) -> Iterator[Events]:
    """Generate a sample in the laboratory.

    Parameters
    ----------
    definition
        What Pythia is told.
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
        See `umbra.generation.pythia.collisions`.
    """
    settings, b_meson = list(definition.settings), definition.b_meson
    if b_meson is None:
        yield from pythia.collisions(settings, machine, count, *names, slots=SLOTS, batch=batch)
        return
    for number, start in enumerate(range(0, count, batch)):
        stream = (*names, "batch", number)
        pairs = b_pairs(min(batch, count - start), machine, b_meson, generator(*stream))
        yield pythia.decays([b_meson, -b_meson], pairs, settings, *stream, slots=SLOTS)
