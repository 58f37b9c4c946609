"""What is fitted: categories of candidates, and how each kind of fit goes about it."""

from typing import ClassVar, Literal

from pydantic import Field

from umbra.config.readings import Branching as Branching
from umbra.config.readings import Coupling as Coupling
from umbra.config.readings import Interpretation as Interpretation
from umbra.config.readings import Island as Island
from umbra.config.readings import OtherCoupling as OtherCoupling
from umbra.config.readings import PublishedData as PublishedData
from umbra.core.records import Interval, OneOrMore, OpenInterval, Pair, Record, Several
from umbra.selection.records import PunziPoint

#: Rows (mass, value).
Knots = OneOrMore[Pair[float]]


class PublishedEfficiency(Record):
    """The paper's efficiency against mass; the fast simulation's own is scaled to it, signal and background alike.

    Parameters
    ----------
    values
        Rows (mass, efficiency), linear in between.
    relative_to
        In words: which events it refers to.
    relative_to_cuts
        Cuts at generation of these, where they are not those of the signal sample; its process needs a formula for
        both.
    signal_correction
        Multiplies the signal alone, where the paper corrects its efficiency for something that its simulation of the
        signal lacks, such as radiation from the beams.
    """

    values: Knots
    relative_to: str
    relative_to_cuts: dict[str, OpenInterval] | None = None
    signal_correction: float = 1.0


class Category(Record):
    """Candidates that are fitted together: HistFactory's channel.

    Parameters
    ----------
    name
        In tables and workspaces.
    signal, backgrounds
        Samples.
    other_signals
        Samples that interpretations seek in place of the signal.
    variable, variable2
        Search variable, and in a scan of two masses that of the second.
    hypotheses_gev
        Masses for which the category is used, lower end included, upper end not (but for the last).
    luminosity_fb
        Of the category's data set, where that is a part of the channel's data.
    variable_range
        Physical range of the variable; windows stop there.
    shape_lifetime_mm
        Lifetime whose events give resolution and shape, for all lifetimes; all generated decay lengths without it.
    requirements
        Cuts on columns of the skim.
    branching
        Fraction of the produced particles that end here.
    published_efficiency
        Of the paper.
    peaking_backgrounds
        That are no part of the polynomial under a peak: each is a component in its simulated shape.
    smooth_backgrounds
        That a count takes from a smooth curve along the variable, not as they were simulated.
    half_window_sigma, background_degree
        Take the place of those of the fit.
    working_point
        Column of which the largest values are kept: at each mass so many that the fast simulation's own efficiency
        becomes the published one; or as Punzi's figure of merit says.
    """

    name: str
    signal: str
    backgrounds: Several[str]
    other_signals: Several[str] = ()
    variable: str
    variable2: str | None = None
    hypotheses_gev: Interval
    luminosity_fb: float | None = None
    variable_range: Interval | None = None
    shape_lifetime_mm: float | None = None
    requirements: dict[str, OpenInterval] = Field(default_factory=dict)
    branching: Branching | None = None
    published_efficiency: PublishedEfficiency | None = None
    peaking_backgrounds: Several[str] = ()
    smooth_backgrounds: Several[str] = ()
    half_window_sigma: float | None = None
    background_degree: int | None = None
    working_point: str | PunziPoint | None = None


class KindOfFit(Record):
    """What all kinds of fit have.

    Attributes
    ----------
    UNREAD_OF_CATEGORY, UNREAD_OF_INTERPRETATION
        Keys of categories and interpretations that a fit of this kind does not read.
    """

    UNREAD_OF_CATEGORY: ClassVar[tuple[str, ...]] = ()
    UNREAD_OF_INTERPRETATION: ClassVar[tuple[str, ...]] = ()


class PeakFit(KindOfFit):
    """A peak over a smooth background."""

    UNREAD_OF_CATEGORY = ("smooth",)
    UNREAD_OF_INTERPRETATION = ("background_slope_per_unit", "background_relative")

    method: Literal["peak"] = "peak"
    half_window_sigma: float
    bin_sigma: float
    background_degree: int


#: What belongs to the polynomial under a peak.
_OF_POLYNOMIAL = ("background_degree", "peaking")


class TemplatesFit(KindOfFit):
    """Simulated templates of signal and background.

    Parameters
    ----------
    half_window_sigma, bin_sigma
        Window and bins in resolutions.
    count_below
        Where fewer background events are expected or (effectively) simulated within two resolutions, these are counted
        in one bin instead, whose expectation comes from the nearest simulated events.
    """

    UNREAD_OF_CATEGORY = _OF_POLYNOMIAL

    method: Literal["templates"] = "templates"
    half_window_sigma: float
    bin_sigma: float
    count_below: float


class CountingFit(KindOfFit):
    """One count in a window."""

    UNREAD_OF_CATEGORY = _OF_POLYNOMIAL

    method: Literal["counting"] = "counting"
    half_window_sigma: float


class EllipseFit(KindOfFit):
    """One count in an ellipse around each point of the plane of two search variables."""

    UNREAD_OF_CATEGORY = (
        "efficiency",
        "working_point",
        "half_window_sigma",
        "range",
        "smooth",
        *_OF_POLYNOMIAL,
    )
    UNREAD_OF_INTERPRETATION = ("efficiency", "background_slope_per_unit")

    method: Literal["ellipse"] = "ellipse"
    half_axes_sigma: float


Fit = PeakFit | TemplatesFit | CountingFit | EllipseFit
