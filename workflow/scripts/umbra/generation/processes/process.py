"""What a production process is: a map from the unit hypercube to weighted final states.

A process turns uniform random numbers into momenta and a weight whose mean over the hypercube is the
cross-section. Integration, unweighting, initial-state radiation and energy spread are then written once, for
all processes (`umbra.generation.integration`, `umbra.generation.sampling`, `umbra.generation.processes.radiation`).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from umbra.core.constants import PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.generation.processes import cuts as cut_rules
from umbra.generation.processes.cuts import Cuts

#: Parameters of a process by name: `mass_gev`, `mass2_gev`, `coupling`.
Parameters = Mapping[str, float]


class Process(ABC):
    """Electron-positron annihilation (or scattering) into one final state, at lowest order.

    Class attributes
    ----------------
    name
        Name in the configuration and the calculator.
    summary
        One line for `--list`.
    cut_names, parameters
        The cuts that it knows, see `umbra.generation.processes.cuts`, and the default of each parameter, `None` where
        the user must give it.
    required_cuts
        Cuts without which the cross-section diverges; their lower end must be given.
    cuts_with_radiation
        The same under initial-state radiation, which lowers the energy of the process.
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

    name: ClassVar[str]
    summary: ClassVar[str]
    parameters: ClassVar[Mapping[str, float | None]] = {}
    cut_names: ClassVar[Sequence[str]] = ()
    required_cuts: ClassVar[Sequence[str]] = ()
    cuts_with_radiation: ClassVar[Sequence[str]] = ()
    dimensions: ClassVar[int]
    maps_all_peaks: ClassVar[bool] = False
    photon_is_radiated: ClassVar[bool] = False
    one_photon_annihilation: ClassVar[bool] = False

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
            process is one of `umbra.generation.processes.registry.PER_PARENT`. Zero where the event fails a cut or the
            energy is below threshold.
        """

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Cross-section in pb where a formula exists for these cuts, else `None`."""
        return None

    def complete(self, given: Parameters) -> dict[str, float]:
        """Return the parameters with defaults filled in.

        Raises
        ------
        UmbraError
            For unknown, missing or negative parameters.
        """
        for name, value in given.items():
            if name not in self.parameters:
                valid = ", ".join(self.parameters) or "none"
                raise UmbraError(f"process {self.name}: unknown parameter '{name}'; it knows: {valid}")
            if not value >= 0.0:
                raise UmbraError(f"process {self.name}: parameter {name} = {value} is negative")
        merged = {**self.parameters, **given}
        for name, optional in merged.items():
            if optional is None:
                raise UmbraError(f"process {self.name}: parameter '{name}' is missing")
        return {name: float(value) for name, value in merged.items() if value is not None}

    def check_cuts(self, cuts: Cuts) -> None:
        """Refuse unknown cuts, empty ranges, and a missing cut that the cross-section needs."""
        cut_rules.check(cuts, self.cut_names, self.name)
        for name in self.required_cuts:
            if name not in cuts:
                raise UmbraError(
                    f"process {self.name}: needs the cut '{name}', without it the cross-section diverges"
                )

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
