"""What is known of a decay chain before anything is computed: its entry in the catalogue, without NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from umbra.core.errors import UmbraError
from umbra.core.particles import NAMES
from umbra.generation.processes.entry import ProcessEntry


@dataclass(frozen=True, kw_only=True)
class DecayEntry:
    """One decay chain of the catalogue: a function with its arguments.

    Parameters
    ----------
    name
        Name in the configuration; seeds of samples hold it.
    function
        In the module below `umbra.generation.decays` that has the name of the catalogue's module. It takes events in
        the laboratory, the machine whose beams made them (for the axis of polarisation) and a random generator, and
        returns them with the products appended and vertices in the laboratory.
    arguments
        What else it is given, by name.
    decays
        PDG identifiers of the new particles that it decays, or lets escape (`umbra.core.particles`); the process has to
        make them.
    displaced
        Whether one of them flies, so that the events serve for all lifetimes (`umbra.generation.decays.displaced`).
    escapes
        Whether it is not decayed but has to leave the detector whole, which serves for all lifetimes, too.
    """

    name: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    decays: tuple[int, ...] = ()
    displaced: bool = False
    escapes: bool = False

    @property
    def has_lifetimes(self) -> bool:
        """Whether its events serve for all lifetimes."""
        return self.displaced or self.escapes

    def check_process(self, process: ProcessEntry) -> None:
        """Refuse a process that does not make what is to decay.

        Raises
        ------
        UmbraError
            Naming the decay, the process and the particle.
        """
        for pdg_id in self.decays:
            if pdg_id not in process.produces:
                made = ", ".join(NAMES[each] for each in process.produces) or "no new particle"
                raise UmbraError(
                    f"decay {self.name}: process {process.name} makes {made} and no {NAMES[pdg_id]}"
                )
