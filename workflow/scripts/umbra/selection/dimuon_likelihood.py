"""How likely two muons and missing momentum are as mu+mu-Z', and as the backgrounds: at tree level, no training.

By the lemma of Neyman and Pearson no selection at fixed recoil mass separates better than the ratio of the densities
d sigma / (d3p+/E+ d3p-/E-). They are lowest-order cross-sections of what the muons could have come from:

* mu+mu-Z', Z' unseen: the exact amplitude at the measured recoil mass.
* mu+mu-gamma: the recoil is a photon that the detector missed and photons along one beam. The momenta of both follow
  from the recoil; the density is the structure function of the beam times the exact amplitude at the energy that is
  left times the probability to miss the photon where it points.
* tau+tau-, both to muons: the spectra of the decays, with the opposite helicities of the taus, summed over the
  direction of the taus.
* e+e-mu+mu-, both electrons along the beams (`umbra.selection.two_photon_density`).

Radiation in tau pairs is left out, so the ratio is the best one where it does not matter.
"""

# Elements of arrays, which compiled functions return, have no type for mypy.
# mypy: disable-error-code="no-any-return"

from itertools import pairwise

import numpy as np

from umbra.core.compilation import compiled
from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.kinematics import Array, boost_to_rest, mass_squared
from umbra.core.machines import Machine
from umbra.detector.calorimeter import Calorimeter
from umbra.generation.processes.lepton_pair_x import Point, vector_trace
from umbra.generation.processes.qed_amplitudes import ANNIHILATION, radiative
from umbra.generation.processes.radiation import eta
from umbra.selection.two_photon_density import two_photon_density
from umbra.theory import tables

#: Half of the interval of squared recoil masses over which the soft peak of the structure function, and with it the
#: direction of the other photon, is averaged, in GeV^2: of the order of the resolution.
_SMEARING_GEV2 = 0.25
_SHIFTS_GEV2 = np.linspace(-_SMEARING_GEV2, _SMEARING_GEV2, 5)
#: Resolution of the missing momentum across its direction, GeV, of which the direction of a missed photon has its own;
#: the probability to miss it is averaged over directions at these multiples of it, with the weights of a Gaussian.
_ACROSS_GEV = 0.03
_MULTIPLES = np.linspace(-2.5, 2.5, 11)
_GAUSSIAN = np.exp(-0.5 * _MULTIPLES**2) / np.exp(-0.5 * _MULTIPLES**2).sum()
#: Nodes for the direction of the taus: of the angle to the harder muon, and around it.
_POLAR_NODES, _AZIMUTH_NODES = 10, 16
#: Phase space of a muon pair and one particle of fixed mass, without the delta function of that mass.
_PHASE_SPACE = 2.0 * np.pi / (4.0 * (2.0 * np.pi) ** 6)


def log_signal_to_background(
    in_cm: Array, machine: Machine, calorimeter: Calorimeter, unvetoed_gev: float
) -> Array:
    """Logarithm of the density as mu+mu-Z' (g' = 1) over the sum of those of the backgrounds.

    Parameters
    ----------
    in_cm
        Momenta of mu+ and mu- in the centre of mass, shape (n, 2, 4).
    machine
        Whose beams collided.
    calorimeter
        That misses photons.
    unvetoed_gev
        Photons below this energy in the laboratory do not disturb.

    Returns
    -------
    numpy.ndarray
        Shape (n,). Densities of Z' are per 2 `_SMEARING_GEV2` of squared mass, so that the ratio has no unit.
    """
    signal = zprime_density(in_cm, machine.sqrt_s_gev)
    background = missed_photon_density(in_cm, machine, calorimeter, unvetoed_gev)
    background += tau_pair_density(in_cm, machine.sqrt_s_gev)
    background += two_photon_density(in_cm, machine, calorimeter)
    return np.asarray(np.log(signal / background))


def zprime_density(in_cm: Array, sqrt_s_gev: float) -> Array:
    """Density of mu+mu-Z' with g' = 1 in pb/GeV^4, for a mass equal to that of the recoil, shape (n,)."""
    s = sqrt_s_gev**2
    d1 = s - 2.0 * sqrt_s_gev * in_cm[:, 1, 3]  # (k_i + k_X)^2 - m^2 holds the other muon's energy
    d2 = s - 2.0 * sqrt_s_gev * in_cm[:, 0, 3]
    plus, minus = in_cm[:, 0, :2], in_cm[:, 1, :2]
    recoil2 = np.maximum(mass_squared(_missing(in_cm, sqrt_s_gev)), MUON_MASS_GEV**2)
    point = Point(
        np.full(len(in_cm), s),
        d1,
        d2,
        (plus**2).sum(axis=1),
        (minus**2).sum(axis=1),
        (plus * minus).sum(axis=1),
        MUON_MASS_GEV**2,
        recoil2,
    )
    squared = (4.0 * np.pi * ALPHA) ** 2 / (2.0 * s) * vector_trace(point)
    density = GEV2_PB * _PHASE_SPACE / (2.0 * s) * np.maximum(squared, 0.0) / (2.0 * _SMEARING_GEV2)
    return np.asarray(np.maximum(density, 1e-300))


def missed_photon_density(
    in_cm: Array, machine: Machine, calorimeter: Calorimeter, unvetoed_gev: float
) -> Array:
    """Density of mu+mu-gamma in pb/GeV^4 with the photon missed and one beam radiating, shape (n,)."""
    sqrt_s = machine.sqrt_s_gev
    s = sqrt_s**2
    missing = _missing(in_cm, sqrt_s)
    # Measured below zero, it is as likely as at zero.
    recoil2 = np.maximum(mass_squared(missing), 0.0)
    exponent = float(eta(s))
    total = np.zeros(len(in_cm))
    for side in (1.0, -1.0):
        # The other photon is massless: k^2 = y sqrt(s) (k0 -+ kz) if the beam lost the fraction y of its energy.
        unit = sqrt_s * np.maximum(missing[:, 3] - side * missing[:, 2], 1e-6)
        edges = np.clip((recoil2 + _SHIFTS_GEV2[:, None]) / unit, 0.0, 0.99)
        lost = np.zeros(len(in_cm))
        for low, high in pairwise(edges):
            radiated = (high**exponent - low**exponent) / (2.0 * _SMEARING_GEV2)
            other = _other(missing, side * 0.5 * sqrt_s * 0.5 * (low + high))
            lost += radiated * _missed(machine.to_lab(other), calorimeter, unvetoed_gev)
        y = np.clip(recoil2 / unit, 0.0, 0.99)
        photon = _other(missing, side * 0.5 * sqrt_s * y)
        hard = np.stack([in_cm[:, 1], in_cm[:, 0], photon], axis=1)
        pair = hard.sum(axis=1)
        root = np.sqrt(mass_squared(pair))
        squared = radiative(
            np.ascontiguousarray(boost_to_rest(hard, pair[:, None])),
            root,
            (ELECTRON_MASS_GEV, MUON_MASS_GEV),
            ANNIHILATION,
        )
        total += lost * 0.5 * (1.0 + (1.0 - y) ** 2) * squared / (2.0 * root**2)
    # Both beams have the soft peak in common: each alone stands for half of it.
    return np.asarray(0.5 * GEV2_PB * _PHASE_SPACE * np.nan_to_num(total))


def tau_pair_density(in_cm: Array, sqrt_s_gev: float) -> Array:
    """Density of tau pairs that both decay to muons, in pb/GeV^4, shape (n,)."""
    fraction = tables.load("tau")["branching_fractions"]["mununu"]
    s = sqrt_s_gev**2
    beta = np.sqrt(1.0 - 4.0 * TAU_MASS_GEV**2 / s)
    sigma_pb = GEV2_PB * 4.0 * np.pi * ALPHA**2 / (3.0 * s) * beta * (3.0 - beta**2) / 2.0
    nodes, weights = np.polynomial.legendre.leggauss(_POLAR_NODES)
    out = np.empty(len(in_cm))
    _tau_pairs(
        np.ascontiguousarray(in_cm), 0.5 * sqrt_s_gev, TAU_MASS_GEV, nodes, weights, _AZIMUTH_NODES, out
    )
    return np.asarray(sigma_pb * fraction**2 * out)


def _missing(in_cm: Array, sqrt_s_gev: float) -> Array:
    missing: Array = -in_cm.sum(axis=1)
    missing[:, 3] += sqrt_s_gev
    return missing


def _other(missing: Array, along_gev: Array) -> Array:
    """Massless momentum that is left of the missing one if photons took some along the electron beam, shape (n, 4)."""
    other = missing.copy()
    other[:, 2] -= along_gev
    other[:, 3] = np.sqrt((other[:, :3] ** 2).sum(axis=1))
    return other


def _missed(photon: Array, calorimeter: Calorimeter, unvetoed_gev: float) -> Array:
    """Probability to miss photons of the laboratory, averaged over their resolution in the polar angle."""
    theta = np.degrees(np.arctan2(np.hypot(photon[:, 0], photon[:, 1]), photon[:, 2]))
    energy = photon[:, 3]
    width = np.degrees(np.arctan2(_ACROSS_GEV, np.maximum(energy, 1e-3)))
    missed = sum(
        share * calorimeter.missed(np.cos(np.radians(np.clip(theta + k * width, 0.0, 180.0))), energy)
        for k, share in zip(_MULTIPLES, _GAUSSIAN, strict=True)
    )
    return np.where(energy < unvetoed_gev, 1.0, np.asarray(missed))


@compiled
def _tau_pairs(
    muons: Array, energy: float, mass: float, nodes: Array, weights: Array, azimuths: int, out: Array
) -> None:
    """Integrate the decay densities of both muons over the direction of the tau+, by events.

    Of a muon of momentum p from a tau of momentum P the density dN/(d3p/E) is 2/(pi m^2) [x (3 - 2x) -+ h x (2x - 1) c]
    with x = 2 P.p/m^2 and c the cosine to the flight of the tau in its rest frame; the helicities h of the taus are
    opposite. The muon's mass is left out.
    """
    gamma = energy / mass
    beta = np.sqrt(1.0 - 1.0 / gamma**2)
    # Angular distribution of the taus, 1 + c^2 + (1 - c^2)/gamma^2, normalised.
    norm = 2.0 * np.pi * (8.0 / 3.0 + 4.0 / (3.0 * gamma**2))
    for row in range(len(muons)):
        # Polar axis: the harder muon, whose tau flies nearest to it.
        first = 0 if muons[row, 0, 3] > muons[row, 1, 3] else 1
        a, b = muons[row, first], muons[row, 1 - first]
        size_a = np.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2)
        size_b = np.sqrt(b[0] ** 2 + b[1] ** 2 + b[2] ** 2)
        ax, ay, az = a[0] / size_a, a[1] / size_a, a[2] / size_a
        transverse = np.sqrt(ax**2 + ay**2)
        # Two directions across the axis.
        if transverse > 1e-9:
            ux, uy, uz = -ay / transverse, ax / transverse, 0.0
        else:
            ux, uy, uz = 1.0, 0.0, 0.0
        vx, vy, vz = ay * uz - az * uy, az * ux - ax * uz, ax * uy - ay * ux
        # x < 1 bounds the angle between tau and muon: x = 2 E_tau E (1 - beta c)/m^2.
        scale_a = 2.0 * energy * size_a / mass**2
        scale_b = 2.0 * energy * size_b / mass**2
        lowest = max((1.0 - 1.0 / scale_a) / beta, -1.0)
        total = 0.0
        if lowest < 1.0:
            for k in range(len(nodes)):
                cosine = 0.5 * (1.0 + lowest) + 0.5 * (1.0 - lowest) * nodes[k]
                sine = np.sqrt(max(1.0 - cosine**2, 0.0))
                x_a = scale_a * (1.0 - beta * cosine)
                c_a = (size_a / (gamma * 0.5 * mass * x_a) - 1.0) / beta
                even_a, odd_a = x_a * (3.0 - 2.0 * x_a), x_a * (2.0 * x_a - 1.0) * c_a
                ring = 0.0
                for j in range(azimuths):
                    phi = 2.0 * np.pi * (j + 0.5) / azimuths
                    cos_phi, sin_phi = np.cos(phi), np.sin(phi)
                    tx = cosine * ax + sine * (cos_phi * ux + sin_phi * vx)
                    ty = cosine * ay + sine * (cos_phi * uy + sin_phi * vy)
                    tz = cosine * az + sine * (cos_phi * uz + sin_phi * vz)
                    # The other tau flies the other way.
                    c_b = -(tx * b[0] + ty * b[1] + tz * b[2]) / size_b
                    x_b = scale_b * (1.0 - beta * c_b)
                    if x_b >= 1.0:
                        continue
                    rest_b = (size_b / (gamma * 0.5 * mass * x_b) - 1.0) / beta
                    even_b, odd_b = x_b * (3.0 - 2.0 * x_b), x_b * (2.0 * x_b - 1.0) * rest_b
                    shape = 1.0 + tz**2 + (1.0 - tz**2) / gamma**2
                    ring += shape * max(even_a * even_b + odd_a * odd_b, 0.0)
                total += weights[k] * 0.5 * (1.0 - lowest) * ring * 2.0 * np.pi / azimuths
        out[row] = (2.0 / (np.pi * mass**2)) ** 2 * total / norm
