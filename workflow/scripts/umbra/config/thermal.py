"""Thermal targets: which couplings of dark matter figures show that leave the density that is observed."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from umbra.core.records import OneOrMore, PositiveFloat, Record, distinct


class ThermalTargets(Record):
    """Curves of y against the mass of the dark photon, in figures of limits on y; see `umbra.theory.relic`.

    Parameters
    ----------
    kinds
        Of dark matter.
    alpha_d, mass_ratio
        g_D^2/(4 pi), and m_chi/m_A', below a half, or no dark matter annihilates off the pole.
    """

    kinds: Annotated[OneOrMore[Literal["pseudo_dirac", "scalar", "majorana"]], AfterValidator(distinct)]
    alpha_d: PositiveFloat
    mass_ratio: Annotated[float, Field(gt=0.0, lt=0.5)]
