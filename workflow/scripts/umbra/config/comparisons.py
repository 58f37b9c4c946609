"""What of a channel is compared with a published curve, and the bounds that were stated beforehand."""

from umbra.config.categories import Category as Category
from umbra.config.categories import CountingFit as CountingFit
from umbra.config.categories import EllipseFit as EllipseFit
from umbra.config.categories import Fit as Fit
from umbra.config.categories import Knots as Knots
from umbra.config.categories import PeakFit as PeakFit
from umbra.config.categories import PublishedEfficiency as PublishedEfficiency
from umbra.config.categories import TemplatesFit as TemplatesFit
from umbra.config.readings import Branching as Branching
from umbra.config.readings import Coupling as Coupling
from umbra.config.readings import Interpretation as Interpretation
from umbra.config.readings import Island as Island
from umbra.config.readings import OtherCoupling as OtherCoupling
from umbra.core.records import Interval, Pair, Record, Several


class BoundInRange(Record):
    """Bound on the median of |log10(ours / published)| between two masses."""

    from_gev: float
    to_gev: float
    median_dex: float


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
    """A published curve beside ours, with the bound that was stated beforehand.

    Parameters
    ----------
    curve
        Stem of a file in `config/published/`.
    median_dex
        Bound on the median of |log10(ours / published)|.
    ranges
        Bounds between masses.
    compare_at_gev
        Pairs (published mass, our mass) where a published bin stands for another mass.
    interpretation
        That is compared; the first where it is `None`.
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
    median_dex: float
    ranges: Several[BoundInRange] = ()
    compare_at_gev: Several[Pair[float]] = ()
    interpretation: str | None = None
    lifetime_mm: float | None = None
    flight: Flight | None = None
    between: Pair[str] | None = None
    why: str
