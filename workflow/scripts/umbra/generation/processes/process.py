"""What a production process is: a map from the unit hypercube to weighted final states.

A process turns uniform random numbers into momenta and a weight whose mean over the hypercube is the
cross-section. Integration, unweighting, initial-state radiation and energy spread are then written once, for
all processes (`umbra.generation.integration`, `umbra.generation.sampling`, `umbra.generation.processes.radiation`).
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from umbra.core.constants import PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.generation.processes.entry import Cuts, Parameters, ProcessEntry

__all__ = ["Cuts", "Parameters", "Process"]


class Process(ABC):
    """Electron-positron annihilation (or scattering) into one final state, at lowest order.

    Class attributes
    ----------------
    entry
        Its name, parameters and cuts: see `umbra.generation.processes.entry.ProcessEntry`.
    dimensions
        Number of uniform random numbers of one event.
    maps_all_peaks
        Whether weights are bounded without an adapted grid, and rare regions populated on purpose; weighted
        samples then keep the process's own distribution of trials.
    photon_is_radiated
        Whether its photon (the softest, of several) is one that the leptons radiate; the beams then radiate
        into the photon's cuts only what is softer, lest a pair of photons be counted once for each of them
        (`umbra.generation.processes.radiation.share_into`).
    one_photon_annihilation
        Whether the final state comes from one virtual photon that carries the whole energy; then radiative
        corrections include its vacuum polarisation (`umbra.generation.processes.radiation`).
    """

    entry: ClassVar[ProcessEntry]
    dimensions: ClassVar[int]
    maps_all_peaks: ClassVar[bool] = False
    photon_is_radiated: ClassVar[bool] = False
    one_photon_annihilation: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """Name in the configuration and the calculator."""
        return self.entry.name

    @abstractmethod
    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """PDG identifiers of the k particles in the order of the momenta; new ones: `umbra.core.particles`."""

    @abstractmethod
    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """Turn random numbers into weighted events.

        Parameters
        ----------
        x
            Uniform random numbers in [0, 1), shape (n, dimensions).
        sqrt_s_gev
            Centre-of-mass energy of each event, shape (n,); it varies under radiation and energy spread.
        parameters, cuts
            Complete and already checked.

        Returns
        -------
        p4
            Momenta in the centre of mass, electron beam along +z, shape (n, k, 4).
        weight_pb
            Shape (n,); its mean is the cross-section within the cuts, or the fraction of the parent's decays where the
            process is one of a parent (`ProcessEntry.per_parent`). Zero where the event fails a cut or the
            energy is below threshold.
        """

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Cross-section in pb where a formula exists for these cuts, else `None`."""
        return None

    def complete(self, given: Parameters) -> dict[str, float]:
        """Return the parameters with defaults filled in, see `ProcessEntry.complete`."""
        return self.entry.complete(given)

    def check_cuts(self, cuts: Cuts) -> None:
        """Refuse what `ProcessEntry.check_cuts` refuses, and cuts that leave the cross-section without a bound."""
        self.entry.check_cuts(cuts)

    def check_threshold(self, sqrt_s_gev: float, parameters: Parameters) -> None:
        """Refuse masses above the kinematic limit.

        Raises
        ------
        UmbraError
            Naming the masses and the limit.
        """
        limit = sqrt_s_gev - self.other_masses_gev()
        total = self.masses_gev(parameters)
        if total >= limit:
            raise UmbraError(
                f"process {self.name}: mass {total:g} GeV is above the kinematic limit of {limit:g} GeV "
                f"at sqrt(s) = {sqrt_s_gev:g} GeV"
            )

    def masses_gev(self, parameters: Parameters) -> float:
        """Sum of the masses of the new particles in the final state."""
        return parameters.get("mass_gev", 0.0) + parameters.get("mass2_gev", 0.0)

    def other_masses_gev(self) -> float:
        """Sum of the masses of the known particles in the final state."""
        return 0.0

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Lowest centre-of-mass energy at which events can pass the cuts, where radiation has to stop."""
        photons = sum(pdg_id == PHOTON for pdg_id in self.final_state(parameters))
        least_energy = cuts.get("photon_energy", (None, None))[0] or 0.0
        return self.masses_gev(parameters) + self.other_masses_gev() + photons * least_energy
