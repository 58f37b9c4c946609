"""e+e- → γγγ at lowest order (Berends and Kleiss, Nucl. Phys. B186 (1981) 22).

avg |M|² = e⁶ s Σ_i a_i b_i (a_i² + b_i²) / Π_j a_j b_j,   a_i = p₋·k_i, b_i = p₊·k_i,

for massless electrons. Near a beam their mass enters a_i and b_i, and takes away e² m²/a_i² times the matrix element
squared of the other two photons (and likewise with b_i), which flips the electron's helicity: V. N. Baier, V. S. Fadin
and V. A. Khoze, Nucl. Phys. B65 (1973) 381. What is left out is of the order of m²/E² at wide angles.
"""

from itertools import permutations

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, circle
from umbra.generation.processes import cuts as cut_rules
from umbra.generation.processes.catalogue.three_gamma import THREE_GAMMA, THREE_GAMMA_NEAR_BEAM
from umbra.generation.processes.cuts import Bounds, Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.two_body import cos_range

_OPEN: Bounds = (None, None)


class ThreeGamma(Process):
    """e+e- → γγγ.

    One photon is drawn soft (1/E) and collinear (1/(1-c²)), a second collinear; the third follows. As the
    cross-section is symmetric, each event is divided by the density averaged over the six ways to name its
    photons, which puts a peak of the density on every peak of the matrix element. All three photons need a
    least energy and angle to the beam.
    """

    entry = THREE_GAMMA
    photon_is_radiated = True
    dimensions = 5

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Three photons."""
        return (PHOTON, PHOTON, PHOTON)

    def check_cuts(self, cuts: Cuts) -> None:
        """Ask for both ends of the angle: massless electrons leave nothing else to stop the integral."""
        super().check_cuts(cuts)
        low, high = cuts["photon_theta"]
        if low is None or high is None or not 0.0 < low < high < 180.0:
            raise UmbraError(f"process {self.name}: cut 'photon_theta' needs two ends between 0 and 180")

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        c_low, c_high = cos_range(cuts, self.name, theta=["photon_theta"])
        y_low, y_high = np.arctanh(c_low), np.arctanh(c_high)
        least = float(cuts["photon_energy"][0] or 0.0)
        # Closed below three times the least energy; moved above it to keep the arithmetic finite.
        is_open = sqrt_s_gev > 3.0 * least
        sqrt_s = np.where(is_open, sqrt_s_gev, 4.0 * least)
        log_energy = np.log(0.5 * sqrt_s / least)

        soft_energy = least * np.exp(log_energy * x[:, 0])
        soft_cos = np.tanh(y_low + (y_high - y_low) * x[:, 1])
        hard_cos = np.tanh(y_low + (y_high - y_low) * x[:, 2])
        p4 = _momenta(sqrt_s, soft_energy, soft_cos, hard_cos, 2.0 * np.pi * x[:, 3], 2.0 * np.pi * x[:, 4])

        rapidity_range = y_high - y_low
        density = _density(p4, sqrt_s, least, c_low, c_high) / (
            log_energy * rapidity_range**2 * 4.0 * np.pi**2
        )
        s = sqrt_s**2
        # 1/3! for identical photons, flux 1/(2s).
        weight = GEV2_PB / (12.0 * s) * _squared(p4, sqrt_s) / density
        return p4, np.where(is_open & cut_rules.passes(p4, self.final_state(parameters), cuts), weight, 0.0)


class ThreeGammaNearBeam(Process):
    """e+e- → γγγ with one photon near a beam, down to zero angle, and one of a least transverse momentum.

    What a search for single photons sees where the first escapes along the beams and a second one is lost elsewhere.
    The photon near a beam is drawn soft (1/E) and collinear (1/(1-βc)) or evenly, the second nearest in rapidity; the
    third follows. Each event is divided by the density averaged over the ways to name its photons, as in `ThreeGamma`.
    """

    entry = THREE_GAMMA_NEAR_BEAM
    photon_is_radiated = True
    maps_all_peaks = True
    dimensions = 6

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Three photons."""
        return (PHOTON, PHOTON, PHOTON)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        least, pt = float(cuts["photon_energy"][0] or 0.0), float(cuts["largest_photon_pt"][0] or 0.0)
        is_open = sqrt_s_gev > max(3.0 * least, 2.0 * pt)
        sqrt_s = np.where(is_open, sqrt_s_gev, 4.0 * max(least, pt))
        reach = 1.0 - float(np.cos(np.radians(cuts.get("nearest_beam_angle", _OPEN)[1] or 90.0)))
        # The two others balance the largest transverse momentum, so that not both are at small angles.
        sine = np.minimum(pt / (sqrt_s - pt), 0.999)
        low, high = cuts.get("second_beam_angle", _OPEN)
        sine = np.maximum(sine, np.sin(np.radians(low or 0.0)))
        inner = 0.0 if high is None else float(np.cos(np.radians(high)))
        band = np.arctanh(inner), np.arctanh(np.sqrt(1.0 - sine**2))
        log_energy, gap = np.log(0.5 * sqrt_s / least), _gap(sqrt_s)

        energy = least * np.exp(log_energy * x[:, 0])
        # 1 - |c|: in half of the trials uniform in the logarithm of 1 - β|c|, which finds the peak, in half uniform.
        collinear = gap * np.expm1(x[:, 1] * np.log1p(reach / gap))
        small = np.where(x[:, 5] % 0.5 < 0.25, collinear, reach * x[:, 1])
        cosine = np.where(x[:, 5] < 0.5, 1.0, -1.0) * (1.0 - small)
        side = 2.0 * x[:, 2] - 1.0
        second = np.sign(side) * np.tanh(band[0] + (band[1] - band[0]) * np.abs(side))
        p4 = _momenta(sqrt_s, energy, cosine, second, 2.0 * np.pi * x[:, 3], 2.0 * np.pi * x[:, 4])

        norm = log_energy * 2.0 * 2.0 * (band[1] - band[0]) * 4.0 * np.pi**2
        density = _density_near_beam(p4, sqrt_s, least, reach, (inner, np.tanh(band[1]))) / norm
        passed = is_open & (density > 0.0) & cut_rules.passes(p4, self.final_state(parameters), cuts)
        kept = np.flatnonzero(passed)
        weight = np.zeros(len(x))
        flux = 12.0 * sqrt_s[kept] ** 2
        weight[kept] = GEV2_PB / flux * _squared_with_mass(p4[kept], sqrt_s[kept]) / density[kept]
        return p4, weight


def _gap(sqrt_s: Array) -> Array:
    """1 - β of the beams."""
    ratio = (2.0 * ELECTRON_MASS_GEV / sqrt_s) ** 2
    return ratio / (1.0 + np.sqrt(1.0 - ratio))


def _momenta(sqrt_s: Array, energy1: Array, cos1: Array, cos2: Array, phi1: Array, delta_phi: Array) -> Array:
    """Build three photons from energy and direction of the first and direction of the second."""
    sin1, sin2 = np.sqrt(1.0 - cos1**2), np.sqrt(1.0 - cos2**2)
    phi2 = phi1 + delta_phi
    cos12 = sin1 * sin2 * np.cos(delta_phi) + cos1 * cos2
    energy2 = sqrt_s * (sqrt_s - 2.0 * energy1) / (2.0 * (sqrt_s - energy1 * (1.0 - cos12)))
    p4 = np.empty((len(sqrt_s), 3, 4))
    for i, (energy, sine, cosine, phi) in enumerate(
        ((energy1, sin1, cos1, phi1), (energy2, sin2, cos2, phi2))
    ):
        cos_phi, sin_phi = circle(phi)
        p4[:, i, 0] = energy * sine * cos_phi
        p4[:, i, 1] = energy * sine * sin_phi
        p4[:, i, 2] = energy * cosine
        p4[:, i, 3] = energy
    p4[:, 2, :3] = -p4[:, 0, :3] - p4[:, 1, :3]
    p4[:, 2, 3] = sqrt_s - energy1 - energy2
    return p4


def _density(p4: Array, sqrt_s: Array, least: float, c_low: float, c_high: float) -> Array:
    """Density of events in phase space, averaged over the naming of the photons, up to the norms of the maps.

    With the first photon's energy and both directions as variables,
    dΦ₃ = E1 dE1 dΩ1 dΩ2 E2/(8 (2π)⁵ (√s - E1 (1 - cos12))).
    """
    energy = p4[..., 3]
    cosine = p4[..., 2] / energy
    within = (cosine >= c_low) & (cosine <= c_high)
    collinear = np.where(within, 1.0 / ((1.0 - cosine) * (1.0 + cosine)), 0.0)
    total = np.zeros(len(p4))
    for i, j, k in permutations(range(3)):
        # 1 - cos_ij from the mass of the pair, s - 2√s E_k = 2 E_i E_j (1 - cos_ij).
        slope = sqrt_s - sqrt_s * (sqrt_s - 2.0 * energy[:, k]) / (2.0 * energy[:, j])
        jacobian = energy[:, i] ** 2 * energy[:, j] / (8.0 * (2.0 * np.pi) ** 5 * slope)
        total += np.where(energy[:, i] >= least, collinear[:, i] * collinear[:, j] / jacobian, 0.0)
    return total / 6.0


def _squared(p4: Array, sqrt_s: Array) -> Array:
    """Spin-averaged matrix element squared, in GeV⁻²."""
    half = 0.5 * sqrt_s[:, None]
    a, b = half * (p4[..., 3] - p4[..., 2]), half * (p4[..., 3] + p4[..., 2])
    numerator = (a * b * (a**2 + b**2)).sum(axis=1)
    charge2 = 4.0 * np.pi * ALPHA
    return np.asarray(charge2**3 * sqrt_s**2 * numerator / (a * b).prod(axis=1))


def _density_near_beam(
    p4: Array, sqrt_s: Array, least: float, reach: float, band: tuple[float, Array]
) -> Array:
    """As `_density`, with 1 - |c| of the first photon below `reach` and |c| of the second within `band`."""
    energy = p4[..., 3]
    cosine = p4[..., 2] / energy
    small = 1.0 - np.abs(cosine)
    # Rounding must not take the edge of the range for outside.
    gap = _gap(sqrt_s)[:, None]
    drawn = 0.5 / ((small + gap) * np.log1p(reach / gap)) + 0.5 / reach
    near = np.where(small <= reach * (1.0 + 1e-12), drawn, 0.0)
    size = np.abs(cosine)
    within = (size >= band[0] * (1.0 - 1e-12)) & (size <= band[1][:, None] * (1.0 + 1e-12))
    wide = np.where(within, 1.0 / (1.0 - cosine**2), 0.0)
    total = np.zeros(len(p4))
    for i, j, k in permutations(range(3)):
        slope = sqrt_s - sqrt_s * (sqrt_s - 2.0 * energy[:, k]) / (2.0 * energy[:, j])
        jacobian = energy[:, i] ** 2 * energy[:, j] / (8.0 * (2.0 * np.pi) ** 5 * slope)
        total += np.where(energy[:, i] >= least, near[:, i] * wide[:, j] / jacobian, 0.0)
    return total / 6.0


def _squared_with_mass(p4: Array, sqrt_s: Array) -> Array:
    """Spin-averaged matrix element squared with the electron mass where a photon is near a beam, in GeV⁻²."""
    half = 0.5 * sqrt_s[:, None]
    along = _gap(sqrt_s)[:, None] * p4[..., 2]
    a, b = half * (p4[..., 3] - p4[..., 2] + along), half * (p4[..., 3] + p4[..., 2] - along)
    numerator = (a * b * (a**2 + b**2)).sum(axis=1)
    charge2 = 4.0 * np.pi * ALPHA
    squared = charge2**3 * sqrt_s**2 * numerator / (a * b).prod(axis=1)
    for i, (j, k) in enumerate(((1, 2), (0, 2), (0, 1))):
        ratio = np.sqrt(a[:, j] * b[:, k] / (a[:, k] * b[:, j]))
        two = 2.0 * charge2**2 * (ratio + 1.0 / ratio)
        squared -= charge2 * ELECTRON_MASS_GEV**2 * (1.0 / a[:, i] ** 2 + 1.0 / b[:, i] ** 2) * two
    return np.asarray(np.maximum(squared, 0.0))
