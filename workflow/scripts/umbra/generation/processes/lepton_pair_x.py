r"""A lepton pair and a new particle: e+e- → l+l-X, exact with the masses of l and X.

X couples to the lepton as a vector g γ^α (Z'), a scalar g, or a pseudoscalar i g γ5, and is radiated by both
leptons of e+e- → γ* → l+l-. The electron mass is dropped, so that the lepton tensor of the beams is (s/2) times the
metric transverse to them, and

    avg |M|² = e⁴ g²/(2s) [N11/D1² + N22/D2² - N12/(D1 D2)],  D_i = (k_i + k_X)² - m²,

with the traces N written in D1, D2 and the transverse scalar products of the leptons. The tests compare them
with products of Dirac matrices. Where X couples to all leptons, in proportion to their masses, the beams radiate it
too (`umbra.generation.processes.beam_emission`): next to nothing at low mass, most of it near the threshold of muon
pairs, where those can hardly radiate anything so heavy. X comes out undecayed.
"""

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON, GEV2_PB, HIGGS_VEV_GEV, LEPTON_MASS_GEV, MUON, TAU
from umbra.core.kinematics import Array, circle
from umbra.core.particles import ALP, SCALAR, Z_PRIME
from umbra.generation.processes import beam_emission
from umbra.generation.processes import cuts as cut_rules
from umbra.generation.processes.catalogue.lepton_pair_x import (
    EMU_ZPRIME,
    MUMU_ALP,
    MUMU_MUONPHILIC_SCALAR,
    MUMU_SCALAR,
    MUMU_ZPRIME,
    TAUTAU_ALP,
    TAUTAU_SCALAR,
    TAUTAU_ZPRIME,
)
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process


class Point(NamedTuple):
    """Invariants of an event: denominators, masses squared and transverse products, each in GeV²."""

    s: Array
    d1: Array
    d2: Array
    #: k1⊥·k1⊥, k2⊥·k2⊥ and k1⊥·k2⊥ of the lepton and the antilepton.
    t11: Array
    t22: Array
    t12: Array
    lepton2: float
    x2: Array | float


def vector_trace(p: Point) -> Array:
    """Trace for a vector, summed over its polarisations."""
    to1, to2 = -p.t11 - p.t12, -p.t22 - p.t12  # k_i⊥·k_X⊥
    n11 = p.d1 * (p.d2 + 2.0 * to2) + p.x2 * (2.0 * p.t22 - p.s) - 2.0 * p.lepton2 * (p.s - 2.0 * p.t22)
    n22 = p.d2 * (p.d1 + 2.0 * to1) + p.x2 * (2.0 * p.t11 - p.s) - 2.0 * p.lepton2 * (p.s - 2.0 * p.t11)
    n12 = p.s * (p.d1 + p.d2 - p.x2 - p.s + p.t11 + p.t22) + p.d1 * to1 + p.d2 * to2
    n12 += 2.0 * p.lepton2 * p.s + (2.0 * p.x2 + 4.0 * p.lepton2) * p.t12
    return 8.0 * (n11 / p.d1**2 + n22 / p.d2**2 - 2.0 * n12 / (p.d1 * p.d2))


def scalar_trace(p: Point) -> Array:
    """Trace for a scalar."""
    return _spinless_trace(p, p.lepton2)


def pseudoscalar_trace(p: Point) -> Array:
    """Trace for a pseudoscalar."""
    return _spinless_trace(p, 0.0)


def _spinless_trace(p: Point, flip2: float) -> Array:
    """Both parities; `flip2` is m² where the coupling leaves a term with two chirality flips, else 0."""
    to1, to2 = -p.t11 - p.t12, -p.t22 - p.t12
    x_transverse = p.t11 + p.t22 + 2.0 * p.t12
    n11 = p.d1 * (p.d2 + 2.0 * to2) + (p.x2 - 4.0 * flip2) * (2.0 * p.t22 - p.s)
    n22 = p.d2 * (p.d1 + 2.0 * to1) + (p.x2 - 4.0 * flip2) * (2.0 * p.t11 - p.s)
    n12 = (
        p.s * x_transverse
        - p.d1 * p.d2
        + p.d1 * to1
        + p.d2 * to2
        + (p.x2 - 4.0 * flip2) * (p.s + 2.0 * p.t12)
    )
    return 4.0 * (n11 / p.d1**2 + n22 / p.d2**2 - 2.0 * n12 / (p.d1 * p.d2))


class _LeptonPairX(Process):
    """Phase space with both propagators mapped, and the weight.

    The five random numbers are ln D1, ln D2 within its range at that D1, and three angles of the event plane.
    """

    dimensions = 5
    lepton: ClassVar[int]
    pdg_id: ClassVar[int]

    @property
    def lepton_mass_gev(self) -> float:
        """Mass of both leptons."""
        return LEPTON_MASS_GEV[self.lepton]

    @abstractmethod
    def trace(self, point: Point) -> Array:
        """Return N11/D1² + N22/D2² - N12/(D1 D2) at unit coupling."""

    def vertex(self, coupling: float, lepton: int) -> float:
        """Coupling of X to a lepton; `coupling` itself, unless it depends on which lepton it is."""
        return coupling

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Lepton, antilepton, X."""
        return (self.lepton, -self.lepton, self.pdg_id)

    def other_masses_gev(self) -> float:
        """Both leptons."""
        return 2.0 * self.lepton_mass_gev

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        least = self.other_masses_gev() + parameters["mass_gev"]
        open_channel = sqrt_s_gev > least
        # Closed channels are moved above threshold to keep the arithmetic finite; their weight is zero.
        sqrt_s = np.where(open_channel, sqrt_s_gev, 2.0 * least)
        p4, weight = self._events(x, sqrt_s, parameters, cuts)
        return p4, np.where(open_channel, weight, 0.0)

    def _events(self, x: Array, sqrt_s: Array, parameters: Parameters, cuts: Cuts) -> tuple[Array, Array]:
        """Momenta and weights above threshold: X radiated by the pair."""
        m, x_mass = self.lepton_mass_gev, parameters["mass_gev"]
        s = sqrt_s**2
        d1, d2, jacobian = _denominators(x[:, 0], x[:, 1], sqrt_s, m, x_mass)
        p4, t11, t22, t12 = _momenta(x[:, 2:5], sqrt_s, d1, d2, m, x_mass)
        point = Point(s, d1, d2, t11, t22, t12, m**2, x_mass**2)
        vertex = self.vertex(parameters["coupling"], self.lepton)
        squared = (4.0 * np.pi * ALPHA) ** 2 * vertex**2 / (2.0 * s) * self.trace(point)
        # Flux 1/(2s); phase space dm13² dm23²/(128 π³ s), averaged over the orientation.
        weight = GEV2_PB / (2.0 * s) * squared * jacobian / (128.0 * np.pi**3 * s)
        return p4, self._within(p4, weight, cuts)

    def _within(self, p4: Array, weight: Array, cuts: Cuts) -> Array:
        """Return the weights, zero where the event fails a cut."""
        if not cuts:
            return weight
        return np.where(cut_rules.passes(p4, self.final_state({}), cuts), weight, 0.0)


class _Leptophilic(_LeptonPairX):
    """X of spin 0 with the coupling ξ m/v to every lepton: the beams radiate it as well.

    The two do not interfere without the electron mass. The same random numbers make an event of each, and one more
    chooses between the two in proportion to their weights, so that no share of either is to be known beforehand.
    """

    dimensions = 6

    def vertex(self, coupling: float, lepton: int) -> float:
        return coupling * LEPTON_MASS_GEV[lepton] / HIGGS_VEV_GEV

    def _events(self, x: Array, sqrt_s: Array, parameters: Parameters, cuts: Cuts) -> tuple[Array, Array]:
        by_pair, of_pair = super()._events(x, sqrt_s, parameters, cuts)
        by_beams, of_beams = beam_emission.radiated(
            x[:, : beam_emission.DIMENSIONS],
            sqrt_s,
            LEPTON_MASS_GEV[self.lepton],
            parameters["mass_gev"],
            self.vertex(parameters["coupling"], ELECTRON),
        )
        of_beams = self._within(by_beams, of_beams, cuts)
        weight = of_pair + of_beams
        chosen = x[:, 5] * weight < of_beams
        return np.where(chosen[:, None, None], by_beams, by_pair), weight


def _denominators(u1: Array, u2: Array, sqrt_s: Array, m: float, x_mass: float) -> tuple[Array, Array, Array]:
    """Draw D1 and D2 logarithmically within the Dalitz plot; return them and the Jacobian."""
    low1 = x_mass * (x_mass + 2.0 * m)
    high1 = sqrt_s * (sqrt_s - 2.0 * m)
    log1 = np.log(high1 / low1)
    d1 = low1 * np.exp(u1 * log1)
    # Energies of the antilepton and of X in the rest frame of lepton and X.
    m13 = np.sqrt(d1 + m**2)
    e2 = (sqrt_s - m13 - m) * (sqrt_s + m13 + m) / (2.0 * m13) + m
    e3 = (d1 + x_mass**2) / (2.0 * m13)
    p2 = np.sqrt(np.maximum((e2 - m) * (e2 + m), 0.0))
    p3 = np.sqrt(np.maximum((e3 - x_mass) * (e3 + x_mass), 0.0))
    high2 = x_mass**2 + 2.0 * (e2 * e3 + p2 * p3)
    low2 = x_mass**2 + 2.0 * ((e2 * x_mass) ** 2 + (m * p3) ** 2) / (e2 * e3 + p2 * p3)
    log2 = np.log(high2 / low2)
    d2 = low2 * np.exp(u2 * log2)
    return d1, d2, d1 * log1 * d2 * log2


def _momenta(
    u: Array, sqrt_s: Array, d1: Array, d2: Array, m: float, x_mass: float
) -> tuple[Array, Array, Array, Array]:
    """Build the momenta from the Dalitz variables and three angles; return the transverse products too."""
    s = sqrt_s**2
    e1, e2 = (s - d2) / (2.0 * sqrt_s), (s - d1) / (2.0 * sqrt_s)
    k1 = np.sqrt(np.maximum((e1 - m) * (e1 + m), 0.0))
    k2 = np.sqrt(np.maximum((e2 - m) * (e2 + m), 0.0))
    # (k1 + k2)² = s + m_X² - D1 - D2 for the pair of leptons.
    product = k1 * k2
    cos12 = (2.0 * e1 * e2 + 2.0 * m**2 - (s + x_mass**2 - d1 - d2)) / (
        2.0 * np.where(product > 0.0, product, 1.0)
    )
    cos12 = np.clip(cos12, -1.0, 1.0)
    sin12 = np.sqrt(1.0 - cos12**2)

    cos_theta = 2.0 * u[:, 0] - 1.0
    sin_theta = np.sqrt(np.maximum(0.0, 1.0 - cos_theta**2))
    alpha, phi = 2.0 * np.pi * u[:, 1], 2.0 * np.pi * u[:, 2]
    # In the frame whose x axis holds the transverse momentum of the lepton.
    x1 = k1 * sin_theta
    x2 = k2 * (cos12 * sin_theta + sin12 * np.cos(alpha) * cos_theta)
    y2 = k2 * sin12 * np.sin(alpha)
    cos_phi, sin_phi = circle(phi)
    p4 = np.empty((len(s), 3, 4))
    p4[:, 0, 0], p4[:, 0, 1], p4[:, 0, 2] = x1 * cos_phi, x1 * sin_phi, k1 * cos_theta
    p4[:, 1, 0] = x2 * cos_phi - y2 * sin_phi
    p4[:, 1, 1] = x2 * sin_phi + y2 * cos_phi
    p4[:, 1, 2] = k2 * (cos12 * cos_theta - sin12 * np.cos(alpha) * sin_theta)
    p4[:, 2, :3] = -p4[:, 0, :3] - p4[:, 1, :3]
    p4[:, 0, 3], p4[:, 1, 3], p4[:, 2, 3] = e1, e2, sqrt_s - e1 - e2
    return p4, x1**2, x2**2 + y2**2, x1 * x2


class _MuonPair(_LeptonPairX):
    lepton = MUON


class _TauPair(_LeptonPairX):
    lepton = TAU


class _Vector(_LeptonPairX):
    pdg_id = Z_PRIME

    def trace(self, point: Point) -> Array:
        return vector_trace(point)


class _Scalar(_LeptonPairX):
    pdg_id = SCALAR

    def trace(self, point: Point) -> Array:
        return scalar_trace(point)


class _Pseudoscalar(_LeptonPairX):
    pdg_id = ALP

    def trace(self, point: Point) -> Array:
        return pseudoscalar_trace(point)


class MuMuZPrime(_MuonPair, _Vector):
    """e+e- → μ+μ-Z'."""

    entry = MUMU_ZPRIME


class EMuZPrime(_MuonPair, _Vector):
    """e+e- → e-μ+Z' and its conjugate, by annihilation, without the masses of the leptons; see the module.

    The Z' turns an electron into a muon, g' Z'_α (ēγ^α μ + μ̄γ^α e). Whichever of the two was made first radiates
    it, so that the rate of each charge is that of μ+μ-Z' without the mass of the muon. e-μ+ stands for both charges,
    with twice the weight. Photons exchanged between the beams, one of which the Z' turns into a muon, are left out.
    """

    entry = EMU_ZPRIME
    lepton_mass_gev = 0.0

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Electron, antimuon, Z'."""
        return (ELECTRON, -MUON, Z_PRIME)

    def _events(self, x: Array, sqrt_s: Array, parameters: Parameters, cuts: Cuts) -> tuple[Array, Array]:
        p4, weight = super()._events(x, sqrt_s, parameters, cuts)
        return p4, 2.0 * weight


class TauTauZPrime(_TauPair, _Vector):
    """e+e- → τ+τ-Z'."""

    entry = TAUTAU_ZPRIME


class MuMuMuonphilicScalar(_MuonPair, _Scalar):
    """e+e- → μ+μ-S, S coupled to muons only."""

    entry = MUMU_MUONPHILIC_SCALAR


class MuMuScalar(_Leptophilic, _MuonPair, _Scalar):
    """e+e- → μ+μ-S, S coupled to all leptons."""

    entry = MUMU_SCALAR


class TauTauScalar(_Leptophilic, _TauPair, _Scalar):
    """e+e- → τ+τ-S, S coupled to all leptons."""

    entry = TAUTAU_SCALAR


class MuMuALP(_Leptophilic, _MuonPair, _Pseudoscalar):
    """e+e- → μ+μ-a, a coupled to all leptons."""

    entry = MUMU_ALP


class TauTauALP(_Leptophilic, _TauPair, _Pseudoscalar):
    """e+e- → τ+τ-a, a coupled to all leptons."""

    entry = TAUTAU_ALP
