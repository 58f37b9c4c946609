"""Four leptons at exact tree level: e+e- → μ+μ-μ+μ-, e+e-μ+μ-, μ+μ-τ+τ-, e+e-τ+τ-, e+e-e+e-; and e+e-π+π-.

All diagrams of quantum electrodynamics with exchange of identical particles and exact masses
(`umbra.generation.processes.qed_amplitudes`): 6 for different leptons, 12 for four muons and e+e-μ+μ-, 36 for four
electrons.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import (
    ELECTRON,
    ELECTRON_MASS_GEV,
    GEV2_PB,
    LEPTON_MASS_GEV,
    MUON,
    PION_MASS_GEV,
    TAU,
)
from umbra.core.kinematics import Array, boost_to_rest, mass_squared, opening_angle
from umbra.generation.processes.catalogue.qed_four_lepton import (
    EE_EE,
    EE_MUMU,
    EE_PIPI,
    EE_TAUTAU,
    FOUR_MUON,
    MUMU_TAUTAU,
)
from umbra.generation.processes.cuts import Cuts, passes
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.qed_amplitudes import (
    ALL_PAIRINGS,
    ANNIHILATION,
    WITH_EXCHANGE,
    WITH_SCATTERING,
    four_lepton,
)
from umbra.generation.processes.qed_phase_space import (
    CASCADE,
    CENTRAL,
    COLLISION,
    COMPTON,
    PAIRS,
    four_lepton_points,
)
from umbra.generation.processes.two_body import cos_range

#: The two ways to pair four particles (f-, f+, F-, F+) with antiparticles.
_OWN_PAIRS, _CROSSED_PAIRS = (0, 1, 2, 3), (0, 3, 2, 1)

PION = 211
_MASS_GEV = {**LEPTON_MASS_GEV, PION: PION_MASS_GEV}

#: How far the windows of the channels of kind CENTRAL reach beyond those of the cuts, for pairs that recoil from a
#: scattered beam: in rapidity, and as a factor on what the mass squared of the beams must lack. The last is no window.
_LAYERS = ((0.0, 1.0), (0.5, 0.7), (20.0, 0.0))

Channels = tuple[tuple[int, int, int, int, int], ...]


def _annihilation(a: int, b: int, c: int, d: int) -> Channels:
    """Channels of two virtual photons to (ab) and (cd), and of a pair radiated by a lepton of the other."""
    cascades = ((a, b, c, d), (b, a, c, d), (c, d, a, b), (d, c, a, b))
    return ((PAIRS, a, b, c, d), *((CASCADE, *roles) for roles in cascades))


def _scattering(a: int, b: int, c: int, d: int) -> Channels:
    """Channels in which a and b are the scattered beams and (cd) is the pair that they produce."""
    return ((COLLISION, a, b, c, d), (COMPTON, a, b, c, d), (COMPTON, b, a, c, d))


class _FourLepton(Process):
    """What the processes share."""

    dimensions = 9
    maps_all_peaks = True
    particles: ClassVar[tuple[int, int]]
    pairings: ClassVar[NDArray[np.int_]]
    channels: ClassVar[Channels]
    #: Relative probability of each kind of channel.
    shares: ClassVar[dict[int, float]] = {PAIRS: 1.0, CASCADE: 1.0}
    beam_helicity_flip: ClassVar[bool] = False

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Lepton, antilepton of the first pair, then of the second."""
        return tuple(sign * particle for particle in self.particles for sign in (1, -1))

    def other_masses_gev(self) -> float:
        """Sum of the masses."""
        return 2.0 * sum(self._masses())

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Lowest centre-of-mass energy at which events can pass the cuts on the masses of pairs."""
        low = np.sqrt(self._pair_limits(cuts)[0])
        return float(max(low[0, 1] + low[2, 3], low[0, 3] + low[2, 1]))

    def _pair_limits(self, cuts: Cuts) -> tuple[Array, Array]:
        """Lowest and highest mass squared of each pair, shapes (4, 4)."""
        pdg_ids = self.final_state({})
        low = np.zeros((4, 4))
        high = np.full((4, 4), np.inf)
        names = {MUON: "dimuon_mass", ELECTRON: "dielectron_mass"}
        for i, j in ((0, 1), (0, 3), (2, 1), (2, 3)):
            low[i, j] = _MASS_GEV[abs(pdg_ids[i])] + _MASS_GEV[abs(pdg_ids[j])]
            if pdg_ids[i] == -pdg_ids[j] and pdg_ids[i] in names:
                cut = cuts.get(names[pdg_ids[i]], (None, None))
                low[i, j] = low[i, j] if cut[0] is None else max(low[i, j], cut[0])
                high[i, j] = high[i, j] if cut[1] is None else cut[1]
            low[j, i], high[j, i] = low[i, j], high[i, j]
        return low**2, high**2

    def _mixture(self, cuts: Cuts) -> tuple[Channels, dict[int, float]]:
        """Channels that suit the cuts, and the relative probability of each kind."""
        return self.channels, self.shares

    def _windows(self, cuts: Cuts) -> Array:
        """Windows of the channels of kind CENTRAL, see `four_lepton_points`, shape (3, 3)."""
        cosines = cos_range(cuts, self.name, theta=["muon_theta", "lepton_theta"])
        low, high = np.arctanh(np.clip(cosines, -1.0 + 1e-12, 1.0 - 1e-12))
        return np.array([[low - more, high + more, share] for more, share in _LAYERS])

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        first, second = self._masses()
        p4 = np.empty((len(x), 4, 4))
        volume = np.empty(len(x))
        channels, shares_of_kinds = self._mixture(cuts)
        shares = np.array([shares_of_kinds[channel[0]] for channel in channels])
        four_lepton_points(
            np.ascontiguousarray(x),
            sqrt_s_gev,
            ELECTRON_MASS_GEV,
            np.array([first, first, second, second]),
            *self._pair_limits(cuts),
            self._windows(cuts),
            np.array(channels),
            shares / shares.sum(),
            p4,
            volume,
        )
        kept = np.flatnonzero(volume > 0.0)
        kept = kept[passes(p4[kept], self.final_state(parameters), cuts)]
        weight_pb = np.zeros(len(x))
        root = sqrt_s_gev[kept]
        identical = 0.25 if first == second else 1.0
        flux = 2.0 * root * np.sqrt(root**2 - 4.0 * ELECTRON_MASS_GEV**2)
        weight_pb[kept] = identical * GEV2_PB * self._squared(p4[kept], root) * volume[kept] / flux
        return p4, weight_pb

    def _squared(self, p4: Array, sqrt_s_gev: Array) -> Array:
        """Amplitude squared, averaged over the beams' spins and summed over final ones."""
        masses = (ELECTRON_MASS_GEV, *self._masses())
        flip = self.beam_helicity_flip
        return four_lepton(p4, sqrt_s_gev, masses, self.pairings, beam_helicity_flip=flip)

    def _masses(self) -> tuple[float, float]:
        first, second = self.particles
        return _MASS_GEV[first], _MASS_GEV[second]


class FourMuon(_FourLepton):
    """e+e- → μ+μ-μ+μ-: two virtual photons, or a muon that radiates a pair; cuts hold for all four pairs."""

    entry = FOUR_MUON
    particles = (MUON, MUON)
    pairings = WITH_EXCHANGE
    channels = (*_annihilation(*_OWN_PAIRS), *_annihilation(*_CROSSED_PAIRS))


class MuMuTauTau(_FourLepton):
    """e+e- → μ+μ-τ+τ-."""

    entry = MUMU_TAUTAU
    particles = (MUON, TAU)
    pairings = ANNIHILATION
    channels = _annihilation(*_OWN_PAIRS)


class EEMuMu(_FourLepton):
    """e+e- → e+e-μ+μ-: photon collisions with electrons lost along the beams, and all other diagrams."""

    entry = EE_MUMU
    particles = (ELECTRON, MUON)
    pairings = WITH_SCATTERING
    channels = (*_scattering(*_OWN_PAIRS), *_annihilation(*_OWN_PAIRS))
    shares: ClassVar[dict[int, float]] = {COLLISION: 0.85, COMPTON: 0.03, PAIRS: 0.01, CASCADE: 0.02}
    beam_helicity_flip = True
    #: Where cuts keep muons off the beams, by their angles or by the mass that they leave to the electrons: near what
    #: Kleiss and Pittau, Comput. Phys. Commun. 83 (1994) 141, give for the cuts of Belle II's searches.
    shares_within_cuts: ClassVar[dict[int, float]] = {
        **dict(zip(range(CENTRAL, CENTRAL + len(_LAYERS)), (0.30, 0.25, 0.25), strict=True)),
        **{COLLISION: 0.05, COMPTON: 0.04, PAIRS: 0.02, CASCADE: 0.02},
    }

    def _mixture(self, cuts: Cuts) -> tuple[Channels, dict[int, float]]:
        light = cuts.get("dielectron_mass", (None, None))[1] is not None
        if not (light or {"muon_theta", "lepton_theta"} & cuts.keys()):
            return self.channels, self.shares
        central = tuple((kind, *_OWN_PAIRS) for kind in range(CENTRAL, CENTRAL + len(_LAYERS)))
        return (*central, *self.channels), self.shares_within_cuts


class EETauTau(_FourLepton):
    """e+e- → e+e-τ+τ-: the diagrams of e+e-μ+μ-, sampled alike where the electrons are scattered and radiated."""

    entry = EE_TAUTAU
    particles = (ELECTRON, TAU)
    pairings = WITH_SCATTERING
    channels = (*_scattering(*_OWN_PAIRS), *_annihilation(*_OWN_PAIRS))
    shares: ClassVar[dict[int, float]] = {COLLISION: 1.0, COMPTON: 1.0, PAIRS: 1.0, CASCADE: 1.0}
    beam_helicity_flip = True


class FourElectron(_FourLepton):
    """e+e- → e+e-e+e-: as e+e-μ+μ- with exchange; cuts on the mass hold for all four pairs."""

    entry = EE_EE
    particles = (ELECTRON, ELECTRON)
    pairings = ALL_PAIRINGS
    channels = (
        *_scattering(0, 1, 2, 3),
        *_scattering(0, 3, 2, 1),
        *_scattering(2, 1, 0, 3),
        *_scattering(2, 3, 0, 1),
        *_annihilation(*_OWN_PAIRS),
        *_annihilation(*_CROSSED_PAIRS),
    )
    shares: ClassVar[dict[int, float]] = {COLLISION: 0.85, COMPTON: 0.03, PAIRS: 0.01, CASCADE: 0.02}
    beam_helicity_flip = True


class EEPiPi(_FourLepton):
    """e+e- → e+e-π+π- by photon collisions, parametrised: point-like pions, no f2(1270), no form factor.

    The photons are exact: the amplitude is that of e+e-μ+μ- with two scattered beams and the mass of the
    pion, times the ratio of the cross-sections of γγ → π+π- and γγ → μ+μ- at the same mass and angle
    (Brodsky, Kinoshita and Terazawa, Phys. Rev. D 4 (1971) 1532). Real pairs are up to a few times more
    frequent near 1.27 GeV and fewer above.
    """

    entry = EE_PIPI
    particles = (ELECTRON, PION)
    channels = _scattering(*_OWN_PAIRS)[:1]
    shares: ClassVar[dict[int, float]] = {COLLISION: 1.0}

    def _squared(self, p4: Array, sqrt_s_gev: Array) -> Array:
        masses = (ELECTRON_MASS_GEV, *self._masses())
        # Beams scattered (second pairing) and the pair in the middle (third line): two photons collide.
        collision = np.zeros((2, 3), np.bool_)
        collision[1, 2] = True
        leptons = four_lepton(p4, sqrt_s_gev, masses, WITH_SCATTERING, collision)
        pair = p4[:, 2] + p4[:, 3]
        beta2 = 1.0 - 4.0 * PION_MASS_GEV**2 / mass_squared(pair)
        first = np.zeros_like(pair)
        first[:, 3] = 0.5 * sqrt_s_gev
        first[:, 2] = np.sqrt(first[:, 3] ** 2 - ELECTRON_MASS_GEV**2)
        photon = boost_to_rest(first - p4[:, 0], pair)
        cosine = np.cos(opening_angle(photon, boost_to_rest(p4[:, 2], pair)))
        return leptons * pions_over_leptons(beta2, cosine)


def pions_over_leptons(beta2: Array, cosine: Array) -> Array:
    """Ratio of γγ → π+π- (point-like) and γγ → ℓ+ℓ- at equal masses, velocity squared and angle."""
    sin2 = 1.0 - cosine**2
    pole = 1.0 - beta2 * cosine**2
    pions = 0.5 * (pole**2 - 2.0 * beta2 * sin2 * pole + 2.0 * beta2**2 * sin2**2)
    leptons = 1.0 + 2.0 * beta2 * sin2 - beta2**2 - beta2**2 * sin2**2
    return np.asarray(pions / leptons)


def signal_to_background(p4: Array, sqrt_s_gev: Array, pair: tuple[int, int]) -> Array:
    """Optimal discriminant of μ+μ-X, X → μ+μ-, in four muons: |M_signal|²/|M_4μ|² for one candidate pair.

    The signal is the radiation of a vector from the other two muons, which is the four-muon amplitude with
    only that muon line in the middle, without the propagator of the pair. By the lemma of Neyman and Pearson
    no selection at fixed candidate mass separates better at tree level. Its normalisation is arbitrary.

    Parameters
    ----------
    p4
        (μ-, μ+, μ-, μ+) in the centre of mass, electron beam along +z, shape (n, 4, 4).
    sqrt_s_gev
        Shape (n,).
    pair
        Positions of the candidate's μ- and μ+: (0, 1), (2, 3), (0, 3) or (2, 1).
    """
    # Which way to join the muons makes the pair a line of its own, and which line radiates it.
    pairing, middle = {(0, 1): (0, 2), (2, 3): (0, 1), (2, 1): (1, 2), (0, 3): (1, 1)}[pair]
    include = np.zeros((2, 3), np.bool_)
    include[pairing, middle] = True
    mass = LEPTON_MASS_GEV[MUON]
    masses = (ELECTRON_MASS_GEV, mass, mass)
    signal, full = (
        four_lepton(p4, sqrt_s_gev, masses, WITH_EXCHANGE, chosen, beam_helicity_flip=False)
        for chosen in (include, None)
    )
    return np.asarray(signal * mass_squared(p4[:, pair[0]] + p4[:, pair[1]]) ** 2 / full)
