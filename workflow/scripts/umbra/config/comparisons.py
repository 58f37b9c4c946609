"""What of a channel is compared with a published curve, and the bounds that were stated beforehand."""

from typing import Literal

from umbra.config.categories import Category as Category
from umbra.config.categories import CountingFit as CountingFit
from umbra.config.categories import EllipseFit as EllipseFit
from umbra.config.categories import Fit as Fit
from umbra.config.categories import PeakFit as PeakFit
from umbra.config.categories import PublishedEfficiency as PublishedEfficiency
from umbra.config.categories import TemplatesFit as TemplatesFit
from umbra.config.interpretations import Branching as Branching
from umbra.config.interpretations import Coupling as Coupling
from umbra.config.interpretations import Interpretation as Interpretation
from umbra.config.interpretations import Island as Island
from umbra.config.interpretations import OtherCoupling as OtherCoupling
from umbra.core.records import Interval, OneOrMore, Pair, Record, Several

#: Which limits are compared.
Compared = Literal["expected", "observed"]


class Bound(Record):
    """What the bins of a comparison are held to, in dex: log10(ours / published).

    Parameters
    ----------
    median_dex
        Largest allowed median of the absolute values.
    bias_dex
        Largest allowed absolute value of the median, signs kept.
    worst_dex
        Largest allowed absolute value of any bin.
    shape_dex
        Largest allowed spread about the mean, which is the shape with one common factor divided out; none where it is
        `None`.
    gev
        Masses that it is meant for, ends included; all where it is `None`.
    """

    median_dex: float
    bias_dex: float
    worst_dex: float
    shape_dex: float | None = None
    gev: Interval | None = None

    @property
    def stated(self) -> tuple[float, ...]:
        """The bounds, in the order of the parameters."""
        last = () if self.shape_dex is None else (self.shape_dex,)
        return (self.median_dex, self.bias_dex, self.worst_dex, *last)

    def covers(self, mass_gev: float) -> bool:
        """Whether it is meant for a mass."""
        return self.gev is None or self.gev[0] <= mass_gev <= self.gev[1]


class Flight(Record):
    """Only the shape against lifetime is compared, with the level of each mass divided out.

    Parameters
    ----------
    parent, recoil
        PDG identifiers: the speed is that of parent -> recoil X.
    anchor_mm
        The level is divided out at the lifetime whose median flight is nearest to this.
    range_mm
        Median flights that are compared.
    """

    parent: int
    recoil: int
    anchor_mm: float
    range_mm: Interval


class Comparison(Record):
    """A published curve beside ours, with the bounds that were stated beforehand.

    Parameters
    ----------
    curve
        Stem of a file in `config/published/`.
    bounds
        What it is held to: first for all masses, then between some.
    compare_at_gev
        Pairs (published mass, our mass) where a published bin stands for another mass.
    interpretation
        That is compared; the first where it is `None`.
    limits
        Which limits of ours are compared: `observed` ones with observed ones, where the interpretation has real data;
        `expected` ones with expected ones, or with observed ones where no others are published.
    lifetime_mm
        Of ours that is compared with a curve without lifetimes.
    flight
        The shape against lifetime is compared.
    between
        Two interpretations that are extreme assumptions between which the truth lies.
    why
        What the difference is owed to.
    """

    curve: str
    bounds: OneOrMore[Bound]
    compare_at_gev: Several[Pair[float]] = ()
    interpretation: str | None = None
    limits: Compared = "expected"
    lifetime_mm: float | None = None
    flight: Flight | None = None
    between: Pair[str] | None = None
    why: str
