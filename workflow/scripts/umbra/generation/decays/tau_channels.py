"""Decays of an unpolarised tau- at rest, each with its polarimeter vector h: the rate goes as 1 + h.s.

The rate of a tau with spin direction s follows from the same configurations: |h| is one because, with the
neutrino's helicity fixed, a configuration selects one spin state. For a hadronic current J the amplitude is
xi^dagger (J^0 + sigma.J) chi, with xi the left-handed spinor of the neutrino and chi that of the tau, whence
`polarimeter`.

Currents: pi, K exact; rho and a1 as in J. H. Kuhn, A. Santamaria, Z. Phys. C 48 (1990) 445 (the model in
which S. Jadach, J. H. Kuhn, Z. Was, Comput. Phys. Commun. 64 (1991) 275 made it the standard of tau
simulation).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from umbra.core import seeds
from umbra.core.constants import ELECTRON_MASS_GEV, KAON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV, TAU_MASS_GEV
from umbra.core.kinematics import Array, boost_from_rest, dot, two_body_momentum
from umbra.core.pdg import mass_gev
from umbra.generation.decays.directions import isotropic, split

log = logging.getLogger(__name__)

PI0_MASS_GEV = mass_gev(111)
_TAU = TAU_MASS_GEV

#: Parameters of Kuhn and Santamaria in GeV (from memory, unverified): rho(770), rho(1450), a1(1260), and the admixture
#: of the rho(1450).
_RHO, _RHO_WIDTH = 0.773, 0.145
_RHO_PRIME, _RHO_PRIME_WIDTH = 1.370, 0.510
_RHO_PRIME_SHARE = -0.145
_A1, _A1_WIDTH = 1.251, 0.599

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Decays:
    """Decays in the rest frame of the tau-.

    Parameters
    ----------
    pdg_id
        Products of a tau-, the same in each decay.
    p4
        Shape (n, m, 4).
    polarimeter
        Shape (n, 3).
    """

    pdg_id: tuple[int, ...]
    p4: Array
    polarimeter: Array


def leptonic(lepton: int, mass_gev: float) -> Callable[[int, np.random.Generator], Decays]:
    """Return the sampler of tau- -> l- nubar_l nu_tau, exact at lowest order in the Fermi theory.

    |M|^2 is proportional to ((p_tau - m s).p_nubar)(p_l.p_nu), so the antineutrino's direction is the
    polarimeter. With q^2 = (p_l + p_nu)^2 = m^2 y the rate is (1-y)^2 (y-r)^2/y dy, r = (m_l/m)^2, and
    isotropic in the l nu frame.
    """
    ratio = (mass_gev / _TAU) ** 2

    def sample(n: int, rng: np.random.Generator) -> Decays:
        y = _accepted(n, lambda size: _leptonic_proposal(size, rng, ratio))
        axis = isotropic(rng, n)
        energy = 0.5 * _TAU * (1.0 - y)
        charged, neutrino = split(axis, _TAU * np.sqrt(y), energy, (mass_gev, 0.0), _angles(n, rng))
        antineutrino = _massless(-axis, energy)
        ids = (lepton, -lepton - 1, 16)
        return Decays(ids, np.stack([charged, antineutrino, neutrino], axis=1), -axis)

    return sample


def _leptonic_proposal(size: int, rng: np.random.Generator, ratio: float) -> tuple[Array, NDArray[np.bool_]]:
    """Draw y(1-y)^2 exactly; what is left of the rate, (1 - r/y)^2, is the probability to keep it."""
    y = rng.beta(2.0, 3.0, size)
    keep = (y > ratio) & (rng.random(size) < (1.0 - ratio / y) ** 2)
    return y, keep


def one_meson(pdg_id: int, meson_gev: float) -> Callable[[int, np.random.Generator], Decays]:
    """Return the sampler of tau- -> meson- nu_tau whose polarimeter is the meson's direction."""
    k = (_TAU**2 - meson_gev**2) / (2.0 * _TAU)

    def sample(n: int, rng: np.random.Generator) -> Decays:
        axis = isotropic(rng, n)
        meson = np.empty((n, 4))
        meson[:, :3] = k * axis
        meson[:, 3] = _TAU - k
        return Decays((pdg_id, 16), np.stack([meson, _massless(-axis, np.full(n, k))], axis=1), axis)

    return sample


def rho(n: int, rng: np.random.Generator) -> Decays:
    """Decay tau- -> pi- pi0 nu_tau through rho(770) and rho(1450), pi0 -> gamma gamma.

    The hadronic mass comes from its exact spectrum; in the hadrons' frame the pi- makes an angle psi with
    the flight direction, (m^2/Q^2) cos^2 psi + sin^2 psi, the two terms being the longitudinal and
    transverse rho.
    """
    q2 = _two_pion_spectrum()(rng.random(n))
    axis = isotropic(rng, n)
    longitudinal = rng.random(n) < _TAU**2 / (_TAU**2 + 2.0 * q2)
    cos_psi = np.where(longitudinal, np.cbrt(rng.uniform(-1.0, 1.0, n)), 2.0 * rng.beta(2.0, 2.0, n) - 1.0)
    q = np.sqrt(q2)
    k = (_TAU**2 - q2) / (2.0 * _TAU)
    angles = (cos_psi, rng.uniform(-np.pi, np.pi, n))
    charged, neutral = split(axis, q, k, (PION_MASS_GEV, PI0_MASS_GEV), angles)
    neutrino = _massless(-axis, k)
    current = _conserved(charged - neutral, charged + neutral)
    _, h = polarimeter(current.astype(np.complex128), -axis)
    photons = _photons(neutral, rng)
    return Decays((-211, 16, 22, 22), np.stack([charged, neutrino, *photons], axis=1), h)


def three_pions(n: int, rng: np.random.Generator) -> Decays:
    """Decay tau- -> pi- pi- pi+ nu_tau through a1 -> rho pi."""
    pions, neutrino, h = _three_pions(n, rng, (PION_MASS_GEV, PION_MASS_GEV, PION_MASS_GEV))
    return Decays((-211, -211, 211, 16), np.stack([*pions, neutrino], axis=1), h)


def pion_and_two_neutral(n: int, rng: np.random.Generator) -> Decays:
    """Decay tau- -> pi0 pi0 pi- nu_tau through a1 -> rho pi, pi0 -> gamma gamma."""
    pions, neutrino, h = _three_pions(n, rng, (PI0_MASS_GEV, PI0_MASS_GEV, PION_MASS_GEV))
    photons = [photon for pion in pions[:2] for photon in _photons(pion, rng)]
    return Decays((-211, 16, 22, 22, 22, 22), np.stack([pions[2], neutrino, *photons], axis=1), h)


#: Samplers by the names in `theory/data/tau.yaml`.
SAMPLERS: dict[str, Callable[[int, np.random.Generator], Decays]] = {
    "enunu": leptonic(11, ELECTRON_MASS_GEV),
    "mununu": leptonic(13, MUON_MASS_GEV),
    "pinu": one_meson(-211, PION_MASS_GEV),
    "knu": one_meson(-321, KAON_MASS_GEV),
    "rhonu": rho,
    "pipipinu": three_pions,
    "pipi0pi0nu": pion_and_two_neutral,
}


def polarimeter(current: Complex, neutrino: Array) -> tuple[Array, Array]:
    """Rate and polarimeter of tau- -> nu_tau + hadrons.

    Parameters
    ----------
    current
        Hadronic current J^mu (x, y, z, t) in the rest frame of the tau, shape (n, 4).
    neutrino
        Direction of the neutrino, shape (n, 3).

    Returns
    -------
    rate, h
        |M|^2 divided by the neutrino's energy (arbitrary unit), shape (n,), and the polarimeter, shape (n,
        3).
    """
    # The selected spin is phi = (a + sigma.b) xi with a, b the conjugate current and xi xi^dagger = (1 -
    # sigma.n)/2.
    a, b = current[:, 3:].conj(), current[:, :3].conj()
    scalar = a - np.einsum("ni,ni->n", b, neutrino)[:, None]
    vector = b - a * neutrino - 1j * np.cross(b, neutrino)
    rate = (scalar * a.conj()).real[:, 0] + np.einsum("ni,ni->n", vector, b.conj()).real
    spin = scalar * b.conj() + a.conj() * vector + 1j * np.cross(vector, b.conj())
    return rate, spin.real / rate[:, None]


def _three_pions(
    n: int, rng: np.random.Generator, masses: tuple[float, float, float]
) -> tuple[tuple[Array, Array, Array], Array, Array]:
    """Unweighted decays; the first two pions are the equal ones. Returns pions, neutrino and polarimeter."""
    table = _three_pion_table(masses)
    kept: list[tuple[Array, ...]] = []
    missing = n
    while missing > 0 or not kept:
        size = int(missing / table.efficiency) + 100
        cell = rng.choice(len(table.share), size, p=table.share)
        q2 = table.edges[cell] + rng.random(size) * (table.edges[cell + 1] - table.edges[cell])
        columns, weight = _three_pion_trial(q2, rng, masses)
        if np.any(weight > table.highest[cell]):
            log.warning(
                "tau -> 3 pi nu: %d of %d weights above the maximum",
                (weight > table.highest[cell]).sum(),
                size,
            )
        good = rng.random(size) * table.highest[cell] < weight
        kept.append(tuple(column[good][:missing] for column in columns))
        missing -= len(kept[-1][0])
    first, second, third, neutrino, h = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    return (first, second, third), neutrino, h


def _three_pion_trial(
    q2: Array, rng: np.random.Generator, masses: tuple[float, float, float]
) -> tuple[tuple[Array, ...], Array]:
    """Weighted decays at given hadronic mass squared: pions, neutrino and polarimeter; rate over density."""
    n = len(q2)
    same, odd = masses[0], masses[2]
    q = np.sqrt(q2)
    axis = isotropic(rng, n)
    k = (_TAU**2 - q2) / (2.0 * _TAU)
    # The odd pion and one of the others make a rho-shaped pair. The equal pions are not told apart, so that
    # the density is the sum over both pairings.
    low = np.arctan(((same + odd) ** 2 - _RHO**2) / (_RHO * _RHO_WIDTH))
    high = np.arctan(((q - same) ** 2 - _RHO**2) / (_RHO * _RHO_WIDTH))
    pair2 = _RHO**2 + _RHO * _RHO_WIDTH * np.tan(low + rng.random(n) * (high - low))
    pair = np.sqrt(pair2)
    bachelor, pair_p4 = split(axis, q, k, (same, pair), _angles(n, rng))
    pair_momentum = np.sqrt((pair_p4[:, :3] ** 2).sum(axis=1))
    partner, third = split(
        pair_p4[:, :3] / pair_momentum[:, None], pair, pair_momentum, (same, odd), _angles(n, rng)
    )
    neutrino = _massless(-axis, k)
    hadrons = bachelor + partner + third
    s_bachelor, s_partner = _invariant(bachelor + third), _invariant(partner + third)
    current = (
        _rho_propagator(s_bachelor)[:, None] * _conserved(bachelor - third, hadrons)
        + _rho_propagator(s_partner)[:, None] * _conserved(partner - third, hadrons)
    ) * _a1_propagator(q2)[:, None]
    rate, h = polarimeter(current, -axis)

    density = sum(_pair_density(s) / _phase_space(q, s, same, odd) for s in (s_bachelor, s_partner))
    weight: Array = k * rate * k * (high - low) / density
    return (bachelor, partner, third, neutrino, h), weight


def _pair_density(pair2: Array) -> Array:
    return _RHO * _RHO_WIDTH / ((pair2 - _RHO**2) ** 2 + (_RHO * _RHO_WIDTH) ** 2)


def _phase_space(q: Array, pair2: Array, same: float, odd: float) -> Array:
    """Momenta of the splittings Q -> pair + pion and pair -> pion pion, each over the mass that splits."""
    pair = np.sqrt(pair2)
    outer = two_body_momentum(q, pair, same) / q
    inner = two_body_momentum(pair, same, odd) / pair
    product: Array = outer * inner
    return product


@dataclass(frozen=True)
class _Cells:
    """Cells of the hadronic mass squared: edges, highest weight in each, share of the trials, efficiency."""

    edges: Array
    highest: Array
    share: Array
    efficiency: float


@cache
def _three_pion_table(masses: tuple[float, float, float]) -> _Cells:
    """Bound the weight in each cell from a trial of fixed seed, with a third of margin."""
    cells, trials = 100, 2000
    rng = seeds.generator("tau", "three pions", *masses)
    edges = np.linspace(sum(masses) ** 2, _TAU**2, cells + 1)
    q2 = (edges[:-1, None] + rng.random((cells, trials)) * np.diff(edges)[:, None]).ravel()
    _, weight = _three_pion_trial(q2, rng, masses)
    weight = weight.reshape(cells, trials)
    highest = 1.33 * weight.max(axis=1)
    return _Cells(edges, highest, highest / highest.sum(), float(weight.mean() / highest.mean()))


def _conserved(vector: Array, total: Array) -> Array:
    """Part of a four-vector that is orthogonal to `total`, as vector-current conservation demands."""
    result: Array = vector - (dot(vector, total) / dot(total, total))[:, None] * total
    return result


def _invariant(p4: Array) -> Array:
    return dot(p4, p4)


def _rho_propagator(s: Array) -> Complex:
    main = _p_wave_breit_wigner(s, _RHO, _RHO_WIDTH)
    excited = _p_wave_breit_wigner(s, _RHO_PRIME, _RHO_PRIME_WIDTH)
    return (main + _RHO_PRIME_SHARE * excited) / (1.0 + _RHO_PRIME_SHARE)


def _p_wave_breit_wigner(s: Array, mass: float, width: float) -> Complex:
    """Breit-Wigner of a pion pair with energy-dependent width, normalised to one at s = 0."""
    k2 = np.maximum(0.25 * s - PION_MASS_GEV**2, 0.0)
    k2_peak = 0.25 * mass**2 - PION_MASS_GEV**2
    running = mass * width * (mass / np.sqrt(s)) * (k2 / k2_peak) ** 1.5
    result: Complex = mass**2 / (mass**2 - s - 1j * running).astype(np.complex128)
    return result


def _a1_propagator(q2: Array) -> Complex:
    running = _A1 * _A1_WIDTH * _a1_phase_space(q2) / _a1_phase_space(np.array(_A1**2))
    result: Complex = _A1**2 / (_A1**2 - q2 - 1j * running).astype(np.complex128)
    return result


def _a1_phase_space(q2: Array) -> Array:
    """Return the running a1 width into three pions (parametrisation of Kuhn and Santamaria)."""
    above = np.maximum(q2 - 9.0 * PION_MASS_GEV**2, 0.0)
    low = 4.1 * above**3 * (1.0 - 3.3 * above + 5.8 * above**2)
    high = q2 * (1.623 + 10.38 / q2 - 9.32 / q2**2 + 0.65 / q2**3)
    return np.where(q2 < (_RHO + PION_MASS_GEV) ** 2, low, high)


@cache
def _two_pion_spectrum() -> Callable[[Array], Array]:
    """Inverse of the cumulative distribution of Q^2 in tau -> pi pi0 nu."""
    low, high = (PION_MASS_GEV + PI0_MASS_GEV) ** 2, _TAU**2
    q2 = np.linspace(low, high, 20_001)
    k = two_body_momentum(np.sqrt(q2), PION_MASS_GEV, PI0_MASS_GEV) / np.sqrt(q2)
    x = q2 / _TAU**2
    rate = (1.0 - x) ** 2 * (1.0 + 2.0 * x) * k**3 * np.abs(_rho_propagator(q2)) ** 2
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]))])
    cumulative /= cumulative[-1]
    return lambda uniform: np.interp(uniform, cumulative, q2)


def _photons(neutral: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Decay neutral pions into two photons, isotropic."""
    n = len(neutral)
    rest = np.empty((n, 4))
    rest[:, :3] = 0.5 * PI0_MASS_GEV * isotropic(rng, n)
    rest[:, 3] = 0.5 * PI0_MASS_GEV
    first = boost_from_rest(rest, neutral)
    return first, neutral - first


def _massless(unit: Array, energy: Array) -> Array:
    p4 = np.empty((len(energy), 4))
    p4[:, :3] = energy[:, None] * unit
    p4[:, 3] = energy
    return p4


def _angles(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    return rng.uniform(-1.0, 1.0, n), rng.uniform(-np.pi, np.pi, n)


def _accepted(n: int, propose: Callable[[int], tuple[Array, NDArray[np.bool_]]]) -> Array:
    """Collect n accepted values, which may be none."""
    kept: list[Array] = []
    missing = n
    while missing > 0 or not kept:
        values, keep = propose(missing + missing // 20 + 10)
        kept.append(values[keep][:missing])
        missing -= len(kept[-1])
    return np.concatenate(kept)
