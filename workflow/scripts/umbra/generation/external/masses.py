"""Masses of new particles: sharp, or spread like a Breit-Wigner of the declared width."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from umbra.core import particles
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.generation.external.block import Block
from umbra.generation.external.declaration import Declaration, NewParticle

#: Largest relative difference of a sharp mass and the declared one.
MASS_TOLERANCE = 1e-3
#: How far the shares of events may be from those of a Breit-Wigner beside statistics: phase space and the energy
#: dependence of widths skew it.
SHARE_TOLERANCE = 0.15
#: Where its tails begin, in widths: generators cut them there (MadGraph5_aMC@NLO's `bwcutoff`).
TAIL_WIDTHS = 15.0
#: Standard errors that a share may be off.
_STANDARD_ERRORS = 5.0


class Masses:
    """Checks of the masses of one file, see `Declaration`."""

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self._resonances = {
            code: _Resonance(particle, mass, particle.width_gev)
            for code, particle in declaration.pdg_id_map.items()
            if particle.width_gev is not None and (mass := declaration.mass_of(particle)) is not None
        }
        #: Codes in the file of the entries of the map that have a mass.
        self._of_mass: dict[float | None, list[int]] = {}
        for code, particle in declaration.pdg_id_map.items():
            self._of_mass.setdefault(declaration.mass_of(particle), []).append(code)

    def check(self, theirs: Block, ours: Block) -> None:
        """Compare the masses of a block with the declared ones; shares are kept for `finish`.

        Parameters
        ----------
        theirs, ours
            The same events, with the codes of the file and with ours.
        """
        declaration = self._declaration
        for code, particle in declaration.pdg_id_map.items():
            here = _places(theirs, code, declaration)
            mass = declaration.mass_of(particle)
            if code in self._resonances:
                self._resonances[code].add(theirs.mass_gev[here])
            elif mass is not None:
                theirs.fail(
                    here & (np.abs(theirs.mass_gev / mass - 1.0) > MASS_TOLERANCE),
                    theirs.mass_gev,
                    f"the particle {{pdg_id}} has a mass of {{value}} GeV, declared is mass_gev = {mass:g}",
                )
        for name, mass in declaration.masses_gev.items():
            self._check_signal(theirs, ours, name, mass)

    def finish(self, path: Path) -> None:
        """Compare the distribution of masses with the declared widths.

        Raises
        ------
        UmbraError
            Naming the particle and the share of events that is wrong.
        """
        for resonance in self._resonances.values():
            resonance.check(path)

    def _check_signal(self, theirs: Block, ours: Block, name: str, mass_gev: float) -> None:
        """Each event must have the particle that the sample is about: of several new ones, one of its mass."""
        if mass_gev in self._of_mass:
            places = [_places(theirs, code, self._declaration) for code in self._of_mass[mass_gev]]
            count = np.any(places, axis=0).sum(axis=1).astype(float)
            theirs.fail(count == 0, count, f"it has {{value}} particles of {name} = {mass_gev:g}")
            return
        new = particles.is_new(ours.pdg_id)
        distance = np.where(new, np.abs(ours.mass_gev / mass_gev - 1.0), np.inf)
        nearest: Array = np.take_along_axis(ours.mass_gev, distance.argmin(axis=1)[:, None], axis=1)[:, 0]
        ours.fail(
            distance.min(axis=1) > MASS_TOLERANCE,
            nearest,
            f"the new particle has a mass of {{value}} GeV, declared is {name} = {mass_gev:g} without width_gev",
        )


def _places(block: Block, code: int, declaration: Declaration) -> NDArray[np.bool_]:
    """Where the particles of an entry stand, shape (n, k): those of the negative code, too, if that has none."""
    here: NDArray[np.bool_] = block.pdg_id == code
    if -code not in declaration.pdg_id_map:
        here |= block.pdg_id == -code
    return here


@dataclass
class _Resonance:
    """Counts of masses, against the shares of a Breit-Wigner."""

    particle: NewParticle
    mass_gev: float
    width_gev: float
    total: int = 0
    above: int = 0
    inside: int = 0
    tails: int = 0

    def add(self, mass_gev: Array) -> None:
        distance = mass_gev - self.mass_gev
        self.total += len(distance)
        self.above += int((distance > 0.0).sum())
        self.inside += int((np.abs(distance) < 0.5 * self.width_gev).sum())
        self.tails += int((np.abs(distance) > TAIL_WIDTHS * self.width_gev).sum())

    def check(self, path: Path) -> None:
        if self.total == 0:
            return
        what = f"mass_gev = {self.mass_gev:g}"
        width = f"width_gev = {self.width_gev:g}"
        beyond = 1.0 - 2.0 / np.pi * np.arctan(2.0 * TAIL_WIDTHS)
        for found, expected, where in (
            (self.above, 0.5, f"above {what}"),
            (self.inside, 0.5, f"within half of {width} of {what}"),
            (self.tails, beyond, f"more than {TAIL_WIDTHS:g} of {width} off {what}"),
        ):
            share = found / self.total
            allowed = SHARE_TOLERANCE + _STANDARD_ERRORS * np.sqrt(expected * (1.0 - expected) / self.total)
            # Generators may leave out the tails.
            if abs(share - expected) > allowed:
                raise UmbraError(
                    f"{path}: particle {self.particle.title}: {share:.3g} of its {self.total} masses are {where}, of a "
                    f"Breit-Wigner distribution {expected:.2g} are"
                )
