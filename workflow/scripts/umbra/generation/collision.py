"""A process at a machine: hard scattering, energy spread and radiation over one unit hypercube."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import ndtr, ndtri

from umbra.core.constants import PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.generation.processes import radiation
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Process
from umbra.generation.processes.two_body import cos_range

Radiation = Literal["none", "leading_log"]

#: The energy spread is a Gaussian cut at this many standard deviations.
_SPREAD_REACH = 5.0


@dataclass(frozen=True)
class Collision:
    """What is integrated and sampled.

    The random numbers are those of the process, then two for the radiation, then one for the energy spread.

    Parameters
    ----------
    process
        The hard process.
    sqrt_s_gev
        Nominal centre-of-mass energy.
    given
        Parameters of the process; defaults are filled in.
    cuts
        Cuts, applied in the centre of mass of the hard process: with radiation, leave room for the boost.
    isr
        `leading_log` lets both beams radiate (`umbra.generation.processes.radiation`); two photons along the beams, of
        PDG identifier 22 and mostly soft, are then appended to each event.
    sqrt_s_spread_gev
        Standard deviation of the centre-of-mass energy, a Gaussian cut at five of them.

    Raises
    ------
    UmbraError
        For parameters, cuts or masses that the process refuses, and where radiation would make it diverge.
    """

    process: Process
    sqrt_s_gev: float
    given: Mapping[str, float]
    cuts: Cuts
    isr: Radiation = "none"
    sqrt_s_spread_gev: float = 0.0

    def __post_init__(self) -> None:
        if not self.sqrt_s_gev > 0.0:
            raise UmbraError(f"process {self.process.name}: sqrt(s) = {self.sqrt_s_gev} GeV is not positive")
        if self.isr not in ("none", "leading_log"):
            raise UmbraError(
                f"process {self.process.name}: isr '{self.isr}' is neither 'none' nor 'leading_log'"
            )
        self.process.check_threshold(self.sqrt_s_gev, self.parameters)
        self.process.check_cuts(self.cuts)
        self.process.entry.check_cuts(self.cuts, radiation=self.isr == "leading_log")

    @cached_property
    def parameters(self) -> dict[str, float]:
        """All parameters."""
        return self.process.complete(self.given)

    @cached_property
    def threshold_gev(self) -> float:
        """Energy below which the hard process has no events."""
        return self.process.threshold_gev(self.parameters, self.cuts)

    @property
    def dimensions(self) -> int:
        """Number of random numbers of one event."""
        return self.process.dimensions + 2 * (self.isr == "leading_log") + (self.sqrt_s_spread_gev > 0.0)

    @property
    def pdg_ids(self) -> tuple[int, ...]:
        """The particles of each event."""
        radiated = (PHOTON, PHOTON) if self.isr == "leading_log" else ()
        return self.process.final_state(self.parameters) + radiated

    def closed_form_pb(self) -> float | None:
        """Cross-section where a formula exists, averaged over the energy spread; none with radiation."""
        if self.isr == "leading_log":
            return None
        nodes, weights = (np.zeros(1), np.ones(1)) if self.sqrt_s_spread_gev == 0.0 else hermegauss(15)
        total = 0.0
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            energy = self.sqrt_s_gev + float(node) * self.sqrt_s_spread_gev
            if energy > self.threshold_gev:
                value = self.process.closed_form(energy, self.parameters, self.cuts)
                if value is None:
                    return None
                total += float(weight) * value
        return total

    def evaluate(self, x: Array) -> tuple[Array, Array]:
        """Turn random numbers of shape (n, dimensions) into events.

        Returns
        -------
        p4, weight_pb
            Momenta in the centre of mass of the beams, electron along +z, shape (n, k, 4), and weights whose
            mean is the cross-section, shape (n,).
        """
        sqrt_s = np.full(len(x), self.sqrt_s_gev)
        if self.sqrt_s_spread_gev > 0.0:
            reach = ndtr(_SPREAD_REACH)
            sqrt_s += self.sqrt_s_spread_gev * ndtri((1.0 - reach) + (2.0 * reach - 1.0) * x[:, -1])
        hard = self.process.dimensions
        if self.isr == "none":
            return self.process.evaluate(x[:, :hard], sqrt_s, self.parameters, self.cuts)
        lost, hard_gev, radiated = radiation.radiate(x[:, hard : hard + 2], sqrt_s, self.threshold_gev)
        p4, weight = self.process.evaluate(x[:, :hard], hard_gev, self.parameters, self.cuts)
        if self.process.photon_is_radiated:
            radiated = radiated * self._counted_once(p4, hard_gev, lost)
        if self.process.one_photon_annihilation:
            radiated = radiated * radiation.annihilation_factor(hard_gev**2)
        return radiation.with_photons(p4, lost, sqrt_s), weight * radiated

    def _counted_once(self, p4: Array, hard_gev: Array, lost: Array) -> Array:
        """Leave out what the beams radiate into the cuts of the process's own photon (the softest one) and is harder.

        Such a pair of photons is an event with their parts exchanged. Harder means a larger fraction of the
        energy that was there before, in which the structure functions are symmetric: so the sum over all
        photons comes out as theirs, wherever the cut on the energy lies.
        """
        photons = [i for i, pdg_id in enumerate(self.pdg_ids[: p4.shape[1]]) if pdg_id == PHOTON]
        fraction = 2.0 * p4[:, photons, 3].min(axis=1) / hard_gev
        highest_gev = self.cuts.get("photon_energy", (None, None))[1]
        harder = lost > fraction[:, None]
        if highest_gev is not None:
            harder &= 0.5 * self.sqrt_s_gev * lost <= highest_gev
        return np.asarray(np.where(harder, 1.0 - self._share_into_cuts, 1.0).prod(axis=1))

    @cached_property
    def _share_into_cuts(self) -> Array:
        angles = cos_range(self.cuts, self.process.name, cosine=["cos_theta"], theta=["photon_theta"])
        return radiation.share_into(angles, self.sqrt_s_gev)
