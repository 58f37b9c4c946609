"""Radiative pair production at exact tree level: e+e- → μ+μ-γ, τ+τ-γ and e+e-γ.

All diagrams with initial and final state radiation and their interference, fermion masses exact
(`umbra.generation.processes.qed_amplitudes`); no running of the coupling, no Z exchange.
"""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from umbra.core.constants import ELECTRON, ELECTRON_MASS_GEV, GEV2_PB, LEPTON_MASS_GEV, MUON, PHOTON, TAU
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.generation.processes.catalogue.qed_radiative import EEGAMMA, MUMUGAMMA, TAUTAUGAMMA
from umbra.generation.processes.cuts import Bounds, Cuts, passes
from umbra.generation.processes.process import Parameters, Process
from umbra.generation.processes.qed_amplitudes import ANNIHILATION, WITH_SCATTERING, radiative
from umbra.generation.processes.qed_phase_space import radiative_points
from umbra.generation.processes.qed_small_angle import SmallAngle
from umbra.generation.processes.qed_small_angle import points as small_angle_points

_OPEN: Bounds = (None, None)


def _between(bounds: Bounds, low: float, high: float) -> tuple[float, float]:
    return (
        low if bounds[0] is None else max(low, bounds[0]),
        high if bounds[1] is None else min(high, bounds[1]),
    )


def _cosines(bounds: Bounds) -> tuple[float, float]:
    low, high = _between(bounds, 0.0, 180.0)
    return float(np.cos(np.radians(high))), float(np.cos(np.radians(low)))


class Radiative(Process):
    """What the processes share: limits of the phase space from the cuts, the flux and the amplitude.

    A third of the trials is uniform in the logarithm of the pair's mass and a fifth in the mass itself, so that
    weighted samples have statistics everywhere; a cut on the mass confines all of them to it.
    """

    dimensions = 6
    maps_all_peaks = True
    photon_is_radiated = True
    particle: ClassVar[int]
    mass_gev: ClassVar[float]
    mass_cut: ClassVar[str | None] = None
    theta_cuts: ClassVar[tuple[str, ...]]

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Particle, antiparticle, photon."""
        return (self.particle, -self.particle, PHOTON)

    def other_masses_gev(self) -> float:
        """Sum of the masses of the pair."""
        return 2.0 * self.mass_gev

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Lowest centre-of-mass energy at which events can pass the cuts on photon energy and pair mass."""
        photon, pair = self._limits(cuts)[:2, 0]
        return float(photon + np.hypot(photon, max(pair, self.other_masses_gev())))

    def _limits(self, cuts: Cuts) -> Array:
        """Limits of the phase space, see `radiative_points`."""
        theta = [_cosines(cuts.get(name, _OPEN)) for name in self.theta_cuts]
        mass = cuts.get(self.mass_cut, _OPEN) if self.mass_cut else _OPEN
        return np.array(
            [
                _between(cuts.get("photon_energy", _OPEN), 0.0, np.inf),
                _between(mass, 0.0, np.inf),
                _cosines(cuts.get("photon_theta", _OPEN)),
                (max(low for low, _ in theta), min(high for _, high in theta)),
                (-1.0, 0.0),
            ]
        )

    def _shares(self, cuts: Cuts) -> Array:
        """Probability of each channel of `radiative_points`."""
        return np.array((0.3, 0.15, 0.1, 0.05, 0.3, 0.1))

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        p4, volume = self._points(x, sqrt_s_gev, cuts)
        kept = np.flatnonzero(volume > 0.0)
        kept = kept[passes(p4[kept], self.final_state(parameters), cuts)]
        weight_pb = np.zeros(len(x))
        root = sqrt_s_gev[kept]
        squared = self.squared_amplitude(p4[kept], root)
        flux = 2.0 * root * np.sqrt(root**2 - 4.0 * ELECTRON_MASS_GEV**2)
        weight_pb[kept] = GEV2_PB * squared * volume[kept] / flux
        return p4, weight_pb

    @abstractmethod
    def squared_amplitude(self, p4: Array, sqrt_s_gev: Array) -> Array:
        """Squared amplitude in GeV^-2, averaged over the beams' spins and summed over the others.

        Parameters
        ----------
        p4
            Particle, antiparticle and photon in the centre of mass, the electron beam along +z, shape (n, 3, 4).
        sqrt_s_gev
            Shape (n,).
        """

    def _points(self, x: Array, sqrt_s_gev: Array, cuts: Cuts) -> tuple[Array, Array]:
        """Momenta, shape (n, 3, 4), and the phase-space volume of each, shape (n,)."""
        p4 = np.empty((len(x), 3, 4))
        volume = np.empty(len(x))
        masses = np.array([ELECTRON_MASS_GEV, self.mass_gev])
        radiative_points(
            np.ascontiguousarray(x), sqrt_s_gev, masses, self._limits(cuts), self._shares(cuts), p4, volume
        )
        return p4, volume


class _Leptons(Radiative):
    """Pairs of leptons, with all diagrams of their kind."""

    theta_cuts: ClassVar[tuple[str, ...]] = ("lepton_theta",)
    pairings = ANNIHILATION

    def squared_amplitude(self, p4: Array, sqrt_s_gev: Array) -> Array:
        """See `Radiative.squared_amplitude`."""
        return radiative(p4, sqrt_s_gev, (ELECTRON_MASS_GEV, self.mass_gev), self.pairings)


class MuMuGamma(_Leptons):
    """e+e- → μ+μ-γ with initial and final state radiation and their interference."""

    entry = MUMUGAMMA
    particle, mass_gev = MUON, LEPTON_MASS_GEV[MUON]
    mass_cut = "dimuon_mass"
    theta_cuts = ("lepton_theta", "muon_theta")


class TauTauGamma(_Leptons):
    """e+e- → τ+τ-γ with initial and final state radiation and their interference."""

    entry = TAUTAUGAMMA
    particle, mass_gev = TAU, LEPTON_MASS_GEV[TAU]


class EEGamma(_Leptons):
    """e+e- → e+e-γ (radiative Bhabha scattering), all eight diagrams, electrons down to zero angle."""

    entry = EEGAMMA
    particle, mass_gev = ELECTRON, ELECTRON_MASS_GEV
    mass_cut = "dielectron_mass"
    theta_cuts = ("lepton_theta", "electron_theta")
    pairings = WITH_SCATTERING

    def _points(self, x: Array, sqrt_s_gev: Array, cuts: Cuts) -> tuple[Array, Array]:
        bounds = self._small_angle(cuts)
        return (
            super()._points(x, sqrt_s_gev, cuts)
            if bounds is None
            else small_angle_points(x, sqrt_s_gev, bounds)
        )

    def _small_angle(self, cuts: Cuts) -> SmallAngle | None:
        """Bounds of `qed_small_angle`, where cuts keep both electrons near the beams and the photon off them."""
        lost = cuts.get("electron_beam_angle", _OPEN)[1]
        limits = self._limits(cuts)
        cosine = (float(limits[2, 0]), float(limits[2, 1]))
        away = max(abs(cosine[0]), abs(cosine[1]))
        if lost is None or lost >= 90.0 or away >= np.cos(np.radians(lost)):
            return None
        return SmallAngle((float(limits[0, 0]), float(limits[0, 1])), cosine, float(np.radians(lost)))

    def _limits(self, cuts: Cuts) -> Array:
        limits = super()._limits(cuts)
        lost = cuts.get("electron_beam_angle", _OPEN)[1]
        if lost is not None:
            photon = cuts.get("photon_theta", _OPEN)
            nearest = min(_between(photon, 0.0, 180.0)[0], 180.0 - _between(photon, 0.0, 180.0)[1])
            limits[4] = np.cos(np.radians(lost)), np.sin(np.radians(max(0.0, nearest - lost)))
        return limits

    def _shares(self, cuts: Cuts) -> Array:
        # Near the least variance in three typical regions: electrons lost along the beams, low dielectron
        # masses, and electrons at wide angles. Any choice gives the same cross-section.
        mass = cuts.get("dielectron_mass", _OPEN)[1]
        if "electron_beam_angle" in cuts:
            groups = (0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.26, 0.01, 0.26, 0.01, 0.1, 0.1, 0.1, 0.1)
        elif mass is not None and mass < 2.0:
            groups = (0.22, 0.04, 0.06, 0.06, 0.24, 0.14, 0.05, 0.05, 0.05, 0.05, 0.01, 0.01, 0.01, 0.01)
        else:
            groups = (0.12, 0.04, 0.06, 0.02, 0.05, 0.03, 0.02, 0.01, 0.02, 0.01, 0.15, 0.16, 0.15, 0.16)
        return np.array(groups)

    def check_cuts(self, cuts: Cuts) -> None:
        """Refuse cuts that leave momentum transfers far below m_e², as in small-angle bremsstrahlung."""
        super().check_cuts(cuts)
        bounded = (
            low is not None and high is not None and low > 0.0 and high < 180.0
            for low, high in (cuts.get(name, _OPEN) for name in ("photon_theta", *self.theta_cuts))
        )
        if not any(bounded):
            raise UmbraError(
                f"process {self.name}: needs both ends of the cut 'photon_theta', 'electron_theta' or "
                "'lepton_theta' off the beam axis, without them the momentum transfer has no bound"
            )
