"""Electrons in the shower of one electron: how far those of each energy go, in radiation lengths.

Bremsstrahlung and pair creation with complete screening, which is approximation A of B. Rossi and K. Greisen,
Rev. Mod. Phys. 13 (1941) 240: an electron of energy E radiates photons of k = v E with v dN/dv = 4/3 - 4/3 v + v² in a
radiation length, and a photon becomes a pair with dN/du = 1 - 4/3 u (1 - u), 7/9 in all, u the electron's share.
Ionisation, which matters below tens of MeV, and what suppresses soft photons in matter (Landau, Pomeranchuk, Migdal)
are left out; the latter concerns photons below E²/4.3 TeV in lead, 3 % of what electrons of 100 GeV radiate. A
shower has no scale then, so that its track length is one function of the share of the first electron's energy.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from umbra.core.kinematics import Array

#: Steps in the logarithm of the energy, and how many there are in a factor of e.
_STEPS_PER_E = 400
#: Integral of the cross-section of pair creation per radiation length.
PAIRS = 7.0 / 9.0


@dataclass(frozen=True)
class TrackLength:
    """Electrons and positrons of a whole shower, above a share of its energy.

    Parameters
    ----------
    edges
        Edges in y = ln(E0 / E), from 0 on, shape (n + 1,).
    length
        Radiation lengths that electrons and positrons of each bin go together, shape (n,).
    positrons
        Those that positrons go, of a shower that an electron began, shape (n,).
    """

    edges: Array
    length: Array
    positrons: Array

    @property
    def total(self) -> float:
        """Radiation lengths of all bins."""
        return float(self.length.sum())

    def positrons_at(self, share: Array) -> Array:
        """Radiation lengths of positrons per logarithm of the energy at shares of the first electron's; 0 beyond."""
        density = self.positrons / np.diff(self.edges)
        middle = 0.5 * (self.edges[1:] + self.edges[:-1])
        inside = np.clip(share, 1e-12, 1.0)
        return np.asarray(np.interp(-np.log(inside), middle, density, right=0.0) * (share == inside))

    def share_at(self, x: Array) -> Array:
        """Share of the first electron's energy from uniform random numbers, by track length."""
        below = np.concatenate([[0.0], np.cumsum(self.length)]) / self.length.sum()
        return np.asarray(np.exp(-np.interp(x, below, self.edges)))


@cache
def track_length(lowest_share: float) -> TrackLength:
    """Track length of electrons and positrons above a share of the energy of the first electron.

    Energies are multiples of a small step in their logarithm. An electron stays at one until it radiates at least half
    a step; what it radiates in smaller parts moves it to the next. What comes from each energy is added up from the
    top, so that there is nothing to iterate.

    Parameters
    ----------
    lowest_share
        Between 0 and 1.

    Returns
    -------
    TrackLength
        The bins end at `lowest_share`.
    """
    bins = max(int(np.ceil(-np.log(lowest_share) * _STEPS_PER_E)), 8)
    step = -np.log(lowest_share) / bins
    jump = np.arange(1, bins + 1)
    # Electron from y to y + j steps: v = 1 - exp(-y), between half steps.
    radiated = _radiated(-np.expm1(-step * (jump - 0.5)), -np.expm1(-step * (jump + 0.5)))
    out = _radiated(-np.expm1(-0.5 * step), 1.0)
    small = _energy_radiated(-np.expm1(-0.5 * step)) / step
    radiated[0] += small
    out = out + small
    photons = _radiated(np.exp(-step * (jump + 0.5)), np.exp(-step * (jump - 0.5)))
    pairs = 2.0 * _created(np.exp(-step * (jump + 0.5)), np.exp(-step * (jump - 0.5)))
    first_photon, first_pair = _radiated(np.exp(-0.5 * step), 1.0), 2.0 * _created(np.exp(-0.5 * step), 1.0)
    electrons, positrons, gammas = np.zeros(bins), np.zeros(bins), np.zeros(bins)
    for i in range(bins):
        # Photons of the electron's own energy and pairs of the photon's own, which are within half a step.
        gain = float(i == 0) + electrons[:i][::-1] @ radiated[:i] + gammas[:i][::-1] @ pairs[:i]
        from_above = electrons[:i][::-1] @ photons[:i]
        electrons[i] = (gain + first_pair * from_above / PAIRS) / (out - first_pair * first_photon / PAIRS)
        gammas[i] = (from_above + first_photon * electrons[i]) / PAIRS
        created = 0.5 * (gammas[:i][::-1] @ pairs[:i] + first_pair * gammas[i])
        positrons[i] = (positrons[:i][::-1] @ radiated[:i] + created) / out
    # A node stands for half a step on both of its sides; the first has nothing above it.
    edges = np.concatenate([[0.0], step * (np.arange(bins) + 0.5)])
    return TrackLength(edges, electrons, positrons)


def _radiated(low: Array, high: Array | float) -> Array:
    """Photons of an electron per radiation length between two shares of its energy."""
    return np.asarray(4.0 / 3.0 * (np.log(high / low) - (high - low)) + 0.5 * (high**2 - low**2))


def _energy_radiated(high: float) -> float:
    """Share of an electron's energy that it radiates per radiation length in photons below a share of it."""
    return float(4.0 / 3.0 * high - 2.0 / 3.0 * high**2 + high**3 / 3.0)


def _created(low: Array, high: Array | float) -> Array:
    """Electrons of a photon's pairs per radiation length between two shares of its energy, without positrons."""
    return np.asarray((high - low) - 2.0 / 3.0 * (high**2 - low**2) + 4.0 / 9.0 * (high**3 - low**3))
