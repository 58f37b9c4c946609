"""What is fitted: categories of candidates, and how each kind of fit goes about it."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from umbra.config.bounds import WindowSigma
from umbra.config.interpretations import Branching as Branching
from umbra.config.interpretations import Coupling as Coupling
from umbra.config.interpretations import Interpretation as Interpretation
from umbra.config.interpretations import Island as Island
from umbra.config.interpretations import OtherCoupling as OtherCoupling
from umbra.config.interpretations import PublishedData as PublishedData
from umbra.config.published_bins import PublishedBins as PublishedBins
from umbra.core.records import Curve, Interval, OpenInterval, Pair, PositiveFloat, Record, Several, rising
from umbra.selection.records import PunziPoint

#: No polynomial has a higher degree.
_HIGHEST_DEGREE = 8


def _degrees(rows: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    for mass, degree in rows:
        if degree not in range(_HIGHEST_DEGREE + 1):
            raise ValueError(f"{degree:g} at {mass:g} GeV is no degree from 0 to {_HIGHEST_DEGREE}")
    return rows


#: Reach of a window in resolutions: to both sides, or (below, above).
Reach = WindowSigma | Pair[WindowSigma]
#: Degree of a polynomial: the same everywhere, or rows (lowest mass in GeV, degree).
Degree = Annotated[int, Field(ge=0, le=_HIGHEST_DEGREE)] | Annotated[Curve, AfterValidator(_degrees)]


def both_sides(reach: Reach) -> tuple[float, float]:
    """Reach of a window below and above, in resolutions."""
    return (reach, reach) if isinstance(reach, float) else reach


def _beside_a_peak(reach: Reach) -> Reach:
    if min(both_sides(reach)) <= 1.0:
        raise ValueError("a window of one resolution holds nothing beside a peak")
    return reach


#: The same around a peak, which is wider than the peak.
PeakReach = Annotated[Reach, AfterValidator(_beside_a_peak)]


def degree_at(degree: Degree, mass_gev: float) -> int:
    """Degree of the polynomial at a mass; below the first row it is that of the first."""
    if isinstance(degree, int):
        return degree
    return int(next((value for low, value in reversed(degree) if mass_gev >= low), degree[0][1]))


#: Background of a category that takes the place of samples: there is none; the paper's own candidates.
NO_BACKGROUND, PUBLISHED_SPECTRUM = "no_background", "published_spectrum"


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
    counts
        What of a signal it counts: events near the `peak`, as the fast simulation's own efficiency, or all that are
        `selected`, also those that radiation puts far from it.
    signal_correction
        Multiplies the signal alone, where the paper corrects its efficiency for something that its simulation of the
        signal lacks, such as radiation from the beams.
    """

    values: Curve
    relative_to: str
    counts: Literal["peak", "selected"] = "peak"
    relative_to_cuts: dict[str, OpenInterval] | None = None
    signal_correction: float = 1.0


class Spectrum(Record):
    """What a paper finds in its data, in the place of simulated backgrounds.

    Parameters
    ----------
    measures
        What its bins are in: `mass` (GeV) or `mass_squared` (GeV^2).
    candidates
        Rows (middle of a bin, candidates in it), all bins as wide as the narrowest step.
    threshold_gev
        Where the spectrum opens: within bins and between their middles it follows v (3 - v^2) / 2, v = sqrt(1 -
        threshold^2/m^2), as pairs of fermions do. Without it is linear between the middles.
    simulated
        Categories whose simulated backgrounds are laid beside it on the validation page.
    ranges
        Ends of the ranges for which simulation over data is stated there, in the unit of the bins.
    """

    measures: Literal["mass", "mass_squared"]
    candidates: Annotated[Curve, Field(min_length=2)]
    threshold_gev: PositiveFloat | None = None
    simulated: Several[str] = ()
    ranges: Annotated[Several[float], AfterValidator(rising)] = ()

    @model_validator(mode="after")
    def _check(self) -> "Spectrum":
        for middle, candidates in self.candidates:
            if candidates < 0.0:
                raise ValueError(f"{candidates:g} candidates at {middle:g}")
        if bool(self.simulated) != (len(self.ranges) > 1):
            raise ValueError("simulated, ranges: one says of what, the other where, two ends at least")
        return self


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
    resolution_mev
        Rows (mass in GeV, width in MeV): the paper's resolution, in which windows and bins are counted, in the place of
        that of the simulated signal.
    spectrum
        Candidates that the paper finds in the luminosity of the category, in the place of backgrounds.
    bins
        Bins of the paper, with its backgrounds and what it saw, in the place of both.
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
    resolution_mev: Curve | None = None
    spectrum: Spectrum | None = None
    bins: PublishedBins | None = None
    half_window_sigma: Reach | None = None
    background_degree: Degree | None = None
    working_point: str | PunziPoint | None = None

    @property
    def templates(self) -> tuple[str, ...]:
        """Names of what its background is made of: samples, what a paper has, or the one that stands for none."""
        if self.bins is not None:
            return tuple(self.bins.components)
        return (PUBLISHED_SPECTRUM,) if self.spectrum is not None else self.backgrounds or (NO_BACKGROUND,)

    @property
    def is_published(self) -> bool:
        """Whether its background is a paper's own, after the paper's selection."""
        return self.spectrum is not None or self.bins is not None


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
    UNREAD_OF_INTERPRETATION = ("background_slope_per_unit", "background_relative", "background_exact")

    method: Literal["peak"] = "peak"
    half_window_sigma: Reach
    bin_sigma: float
    background_degree: Degree


#: What belongs to the polynomial under a peak.
_OF_POLYNOMIAL = ("spectrum", "background_degree", "peaking")


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
    half_window_sigma: Reach
    bin_sigma: float
    count_below: float


class CountingFit(KindOfFit):
    """One count in a window."""

    UNREAD_OF_CATEGORY = _OF_POLYNOMIAL

    method: Literal["counting"] = "counting"
    half_window_sigma: Reach


class EllipseFit(KindOfFit):
    """One count in an ellipse around each point of the plane of two search variables, for each data set.

    Parameters
    ----------
    half_axes_sigma
        Of the ellipse, in resolutions.
    count_below
        Where fewer background events are expected in all data sets, these are added to one count, whose limit is exact.
    """

    UNREAD_OF_CATEGORY = (
        "efficiency",
        "working_point",
        "half_window_sigma",
        "range",
        "smooth",
        "resolution_mev",
        *_OF_POLYNOMIAL,
    )
    UNREAD_OF_INTERPRETATION = ("efficiency", "background_slope_per_unit", "background_exact")

    method: Literal["ellipse"] = "ellipse"
    half_axes_sigma: float
    count_below: float = 0.0


class BinsFit(KindOfFit):
    """Bins of a paper.

    Parameters
    ----------
    count_within_sigma
        Reach of one count, in resolutions: bins whose middle lies nearer to the mass are added up. Without it all bins
        are fitted.
    """

    UNREAD_OF_CATEGORY = (
        *("half_window_sigma", "range", "smooth"),
        *_OF_POLYNOMIAL,
    )
    UNREAD_OF_INTERPRETATION = ("background_slope_per_unit", "background_relative", "background_exact")

    method: Literal["bins"] = "bins"
    count_within_sigma: WindowSigma | None = None


Fit = PeakFit | TemplatesFit | CountingFit | EllipseFit | BinsFit
