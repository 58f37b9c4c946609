"""Relative uncertainties of a channel: one number, or one for each range of masses."""

from typing import Annotated

from pydantic import AfterValidator, Field

from umbra.core.records import Curve, Fraction, OneOrMore, Record, distinct


def _fractions(rows: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    for mass, value in rows:
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"{value:g} from {mass:g} GeV on is not between 0 and 1")
    return rows


#: A relative uncertainty: the same everywhere, or rows (lowest mass in GeV, uncertainty from there on).
Uncertainty = Fraction | Annotated[Curve, AfterValidator(_fractions)]


def uncertainty_at(uncertainty: Uncertainty, mass_gev: float) -> float:
    """Relative uncertainty at a mass; below the first row it is that of the first."""
    if isinstance(uncertainty, float):
        return uncertainty
    return next((value for low, value in reversed(uncertainty) if mass_gev >= low), uncertainty[0][1])


class NamedUncertainty(Record):
    """An uncertainty that several backgrounds share, in all categories at once.

    Parameters
    ----------
    relative
        Of each of them.
    of
        Backgrounds.
    """

    relative: Fraction
    of: Annotated[OneOrMore[str], AfterValidator(distinct)]


class Systematics(Record):
    """Uncertainties that all categories share.

    Parameters
    ----------
    signal_efficiency_relative
        Of the signal's efficiency.
    background_relative
        Of each background of a count.
    named
        Name -> uncertainty of some backgrounds of a count, beside that.
    """

    signal_efficiency_relative: Uncertainty
    background_relative: Uncertainty = 0.0
    named: dict[str, NamedUncertainty] = Field(default_factory=dict)

    def signal_efficiency_at(self, mass_gev: float) -> float:
        """Uncertainty of the signal's efficiency at a mass."""
        return uncertainty_at(self.signal_efficiency_relative, mass_gev)

    def background_at(self, mass_gev: float) -> float:
        """Uncertainty of each background at a mass."""
        return uncertainty_at(self.background_relative, mass_gev)

    def named_of(self, background: str) -> dict[str, float]:
        """Name -> relative uncertainty of one background."""
        return {name: each.relative for name, each in self.named.items() if background in each.of}
