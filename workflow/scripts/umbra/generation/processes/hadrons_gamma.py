"""e+e- → γ + hadrons, the photon radiated by the beams: a virtual photon of each mass, with R(m).

The rate at a mass m is that of a dark photon with ε² = 2α/(3π) R(m) dm/m. The hadrons are one particle of a free code,
which no detector sees: only what the photon and the sum of the hadrons tell can be asked.
"""

import numpy as np

from umbra.core.constants import ALPHA, PHOTON, PION_MASS_GEV
from umbra.core.kinematics import Array, from_spherical
from umbra.core.particles import FREE
from umbra.generation.processes.catalogue.hadrons_gamma import HADRONSGAMMA
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.photon_x import GammaDarkPhoton
from umbra.generation.processes.process import Parameters
from umbra.theory import registry

#: The hadrons as a whole.
HADRONS = FREE.start


class HadronsGamma(GammaDarkPhoton):
    """e+e- → γ + hadrons, see the module; the logarithm of the mass is uniform."""

    entry = HADRONSGAMMA
    dimensions = 3
    maps_all_peaks = True

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Photon, hadrons."""
        return (PHOTON, HADRONS)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        s = sqrt_s_gev**2
        low, high = cuts.get("hadron_mass", (None, None))
        low = max(low or 0.0, 2.0 * PION_MASS_GEV)
        least = cuts["photon_energy"][0] or 0.0
        reach = np.sqrt(np.maximum(s - 2.0 * sqrt_s_gev * least, 0.0))
        highest = reach if high is None else np.minimum(reach, high)
        length = np.log(np.maximum(highest / low, 1.0))
        mass = low * np.exp(x[:, 2] * length)
        cosines = self._range(cuts)
        ratio = np.where(s > mass**2, mass**2 / s, 0.5)
        cos_theta, weight_pb = self._draw(x[:, 0], s, ratio, {"coupling": 1.0}, *cosines)
        weight_pb *= length * 2.0 * ALPHA / (3.0 * np.pi) * hadronic_ratio(mass)
        energy = np.maximum(s - mass**2, 0.0) / (2.0 * sqrt_s_gev)
        photon = from_spherical(energy, cos_theta, 2.0 * np.pi * x[:, 1], 0.0)
        whole = -photon
        whole[:, 3] = sqrt_s_gev - energy
        accepted = (s > mass**2) & (length > 0.0) & self._energy_passes(sqrt_s_gev, mass, cuts)
        return np.stack([photon, whole], axis=1), np.where(accepted, weight_pb, 0.0)

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Energy at which the photon reaches the lower end of its cut beside the lightest hadrons."""
        least = cuts.get("photon_energy", (None, None))[0] or 0.0
        mass = max(cuts.get("hadron_mass", (None, None))[0] or 0.0, 2.0 * PION_MASS_GEV)
        return float(least + np.hypot(least, mass))

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """None: R is measured."""
        return None


def hadronic_ratio(mass_gev: Array) -> Array:
    """R(m) of the dark photon's width: three times the hadronic width over that of massless leptons."""
    model = registry.find("dark_photon")
    result: Array = 3.0 * model.partial_width_gev(mass_gev, "hadrons", 1.0) / (ALPHA * mass_gev)
    return result
