"""e+e- -> gamma Upsilon_D, Upsilon_D -> A'A'A': a bound state of dark fermions and the three dark photons of its decay.

The bound state is made by its mixing with the dark photon
(`umbra.generation.processes.photon_x.GammaDarkonium`), with the polarisation that the beams give a vector
beside a photon, and decays as a pair of fermions at rest (`umbra.generation.processes.darkonium_amplitude`).
All of them are taken to decay so: the decay through a virtual dark photon to known particles is weaker by
epsilon^2 alpha/alpha_D^2 and a number of order one to ten. The masses are in the order of scans: that of the
dark photon, then that of the bound state.
"""

import numpy as np

from umbra.core.constants import ELECTRON_MASS_GEV, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, boost_from_rest, boost_to_rest, dot
from umbra.core.particles import DARK_PHOTON
from umbra.generation.beam_current import spin_tensor
from umbra.generation.processes import darkonium_amplitude as decay
from umbra.generation.processes.catalogue.darkonium import DARKONIUM_GAMMA_THREE_APRIME
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.photon_x import GammaDarkonium
from umbra.generation.processes.process import Parameters, Process

#: Fewest dark photons that a bound state with spin 1 decays to.
_THREE = 3


class GammaThreeDarkPhotons(Process):
    """e+e- -> gamma A'A'A' through the bound state, with all polarisations."""

    entry = DARKONIUM_GAMMA_THREE_APRIME
    photon_is_radiated = True
    dimensions = 7

    def __init__(self) -> None:
        self._production = GammaDarkonium()

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Photon and three dark photons."""
        return (PHOTON, *(DARK_PHOTON,) * _THREE)

    def complete(self, given: Parameters) -> dict[str, float]:
        """Refuse a bound state that is too light for three dark photons."""
        parameters = super().complete(given)
        if not parameters["mass2_gev"] > _THREE * parameters["mass_gev"]:
            raise UmbraError(
                f"process {self.name}: a bound state of mass2_gev = {parameters['mass2_gev']:g} is too light for three "
                f"dark photons of mass_gev = {parameters['mass_gev']:g}"
            )
        return parameters

    def masses_gev(self, parameters: Parameters) -> float:
        """Mass of the bound state, which is on its shell."""
        return parameters["mass2_gev"]

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Energy at which the photon reaches the lower end of its cut."""
        return self._production.threshold_gev(_of_the_bound_state(parameters), cuts)

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Cross-section of the bound state, whose decays are all of this kind."""
        return self._production.closed_form(sqrt_s_gev, _of_the_bound_state(parameters), cuts)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        made, weight_pb = self._production.evaluate(
            x[:, :2], sqrt_s_gev, _of_the_bound_state(parameters), cuts
        )
        photon_gev, mass_gev = parameters["mass_gev"], parameters["mass2_gev"]
        p4 = np.zeros((len(x), 1 + _THREE, 4))
        p4[:, 0] = made[:, 0]
        kept = np.flatnonzero(weight_pb > 0.0)
        photon, bound = made[kept, 0], made[kept, 1]
        share, dark, found = _dark_photons(x[kept, 2:], mass_gev, photon_gev)
        beams = _beams(sqrt_s_gev[kept])
        current = spin_tensor(
            sqrt_s_gev[kept] ** 2,
            mass_gev**2,
            (dot(photon, beams[0]), dot(photon, beams[1])),
            (boost_to_rest(beams[0], bound), boost_to_rest(beams[1], bound)),
        )
        # Averaged over all directions this is the trace of the decay's tensor.
        rate = 3.0 * np.einsum("nij,nij->n", current, found) / np.trace(current, axis1=1, axis2=2)
        weight = np.zeros(len(x))
        weight[kept] = weight_pb[kept] * share * rate / decay.norm(mass_gev, photon_gev)
        p4[kept, 1:] = boost_from_rest(dark, bound[:, None, :])
        return p4, weight


def _of_the_bound_state(parameters: Parameters) -> dict[str, float]:
    return {
        **parameters,
        "mass_gev": parameters["mass2_gev"],
        "mass2_gev": parameters["mass_gev"],
    }


def _dark_photons(x: Array, mass_gev: float, photon_gev: float) -> tuple[Array, Array, Array]:
    """Phase space, momenta in the rest frame of the bound state, and tensor there, from five random numbers each."""
    place, cosine = x[:, 0], 2.0 * x[:, 1] - 1.0
    pair = decay.pair_mass(mass_gev, photon_gev, place)
    # The measure of `darkonium_amplitude.norm`, even in the mass of the pair.
    jacobian = 0.5 * np.pi * np.sin(np.pi * place)
    mass = np.full(len(x), mass_gev)
    momenta = decay.dalitz_momenta(mass, photon_gev, pair, cosine)
    turn = _rotations(x[:, 2:])
    turned = momenta.copy()
    turned[..., :3] = momenta[..., :3] @ turn.swapaxes(1, 2)
    tensor = turn @ decay.plane_tensor(mass_gev, photon_gev)(place, cosine) @ turn.swapaxes(1, 2)
    return jacobian * decay.phase_space(mass, photon_gev, pair), turned, tensor


def _rotations(x: Array) -> Array:
    """Rotations, evenly over all of them, from three random numbers each; shape (n, 3, 3)."""
    first, last = 2.0 * np.pi * x[:, 0], 2.0 * np.pi * x[:, 2]
    cosine = 2.0 * x[:, 1] - 1.0
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    zero, one = np.zeros(len(x)), np.ones(len(x))

    def about_z(angle: Array) -> Array:
        c, s = np.cos(angle), np.sin(angle)
        return np.array([[c, -s, zero], [s, c, zero], [zero, zero, one]]).transpose(2, 0, 1)

    tilted = np.array([[cosine, zero, sine], [zero, one, zero], [-sine, zero, cosine]]).transpose(2, 0, 1)
    rotation: Array = about_z(first) @ tilted @ about_z(last)
    return rotation


def _beams(sqrt_s_gev: Array) -> tuple[Array, Array]:
    half = 0.5 * sqrt_s_gev
    beams = []
    for sign in (1.0, -1.0):
        beam = np.zeros((len(half), 4))
        beam[:, 2], beam[:, 3] = sign * np.sqrt(half**2 - ELECTRON_MASS_GEV**2), half
        beams.append(beam)
    return beams[0], beams[1]
