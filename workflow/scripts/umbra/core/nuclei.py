"""Materials of fixed targets: elements by their name, with what an electron meets in them.

Radiation lengths and relative atomic masses: Particle Data Group, Atomic and nuclear properties of materials (2024).
The job graph is built with this table, so: standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: Unified atomic mass unit in GeV (CODATA 2022).
ATOMIC_MASS_UNIT_GEV = 0.93149410372
#: Atoms in a mole (exact in the SI of 2019).
AVOGADRO = 6.02214076e23
#: Square centimetres of a picobarn.
PB_CM2 = 1e-36


@dataclass(frozen=True, kw_only=True)
class Nucleus:
    """A target of one element.

    Parameters
    ----------
    symbol
        Of the element.
    atomic_number
        Charge of the nucleus.
    mass_number
        Relative atomic mass.
    radiation_length_g_cm2
        Mass per area of a radiation length.
    """

    symbol: str
    atomic_number: int
    mass_number: float
    radiation_length_g_cm2: float

    @property
    def mass_gev(self) -> float:
        """Mass of the atom."""
        return self.mass_number * ATOMIC_MASS_UNIT_GEV

    @property
    def per_pb(self) -> float:
        """Nuclei in the way of a particle on a radiation length, times a picobarn."""
        return AVOGADRO / self.mass_number * self.radiation_length_g_cm2 * PB_CM2


LEAD = Nucleus(symbol="Pb", atomic_number=82, mass_number=207.2, radiation_length_g_cm2=6.37)

#: Elements by the name that machine files have.
NUCLEI: Mapping[str, Nucleus] = {"lead": LEAD}
