"""How a channel is written down, format 2: the blocks of `config/channels/<channel>.yaml`, one class each.

`umbra.config.expansion` turns what stands here into `umbra.config.records.Channel`. Imported while Snakemake parses the
workflow, so: standard library and pydantic only.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from umbra.config.blocks import OWN_SOURCES as OWN_SOURCES
from umbra.config.blocks import AlsoOn as AlsoOn
from umbra.config.blocks import BranchingBlock as BranchingBlock
from umbra.config.blocks import CouplingChoice as CouplingChoice
from umbra.config.blocks import DataSet as DataSet
from umbra.config.blocks import EventsByScan as EventsByScan
from umbra.config.blocks import From as From
from umbra.config.blocks import GridSegment as GridSegment
from umbra.config.blocks import IslandBlock as IslandBlock
from umbra.config.blocks import LimitBlock as LimitBlock
from umbra.config.blocks import MassesBlock as MassesBlock
from umbra.config.blocks import Name as Name
from umbra.config.blocks import Part as Part
from umbra.config.blocks import PointsByScan as PointsByScan
from umbra.config.blocks import Produced as Produced
from umbra.config.blocks import Search as Search
from umbra.config.blocks import SecondMass as SecondMass
from umbra.config.blocks import ToysByScan as ToysByScan
from umbra.config.bounds import LuminosityFb, Toys
from umbra.config.categories import Degree, PeakReach, Reach, Spectrum
from umbra.config.event_map import EventMap
from umbra.config.records import (
    BinsFit,
    Compared,
    CountingFit,
    Data,
    EllipseFit,
    Flight,
    PeakFit,
    TemplatesFit,
)
from umbra.config.sample_block import SampleBlock as SampleBlock
from umbra.config.systematics import NamedUncertainty, Uncertainty
from umbra.config.thermal import ThermalTargets
from umbra.core.records import (
    Curve,
    Fraction,
    Interval,
    NotNegativeFloat,
    OneOrMore,
    OpenInterval,
    Pair,
    PositiveFloat,
    PositiveInt,
    Record,
    Several,
    distinct,
    rising,
)
from umbra.selection.records import PunziPoint

#: Keys of a category that say something of its efficiency.
_OF_EFFICIENCY = (
    "efficiency_refers_to",
    "efficiency_counts",
    "efficiency_cuts",
    "efficiency_signal_correction",
)


def _positive(rows: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    for mass, width in rows:
        if not width > 0.0:
            raise ValueError(f"{width:g} at {mass:g} GeV is no width")
    return rows


def _not_negative(rows: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    for mass, factor in rows:
        if factor < 0.0:
            raise ValueError(f"{factor:g} at {mass:g} GeV is below 0")
    return rows


class CategoryBlock(Record):
    """Candidates that are fitted together, one category for each data set; see `umbra.config.records.Category`.

    Parameters
    ----------
    hypotheses_gev
        Masses for which it is used; by data set, `{2s: …, 3s: …}`, it is made for these only.
    range
        Physical range of the variable, by data set likewise.
    efficiency
        The paper's: a number, or rows (mass, efficiency).
    spectrum
        Candidates that the paper finds, in the place of backgrounds, see `umbra.config.records.Category`.
    bins
        Stem of a file in `config/published/data/`, of the kind `bins`, whose bins are those of the category.
    resolution_mev
        The paper's, see `umbra.config.records.Category`.
    efficiency_refers_to, efficiency_counts, efficiency_cuts, efficiency_signal_correction
        See `umbra.config.records.PublishedEfficiency`.
    """

    from_: From | None = Field(None, alias="from")
    signal: str
    backgrounds: Annotated[Several[str], AfterValidator(distinct)] = ()
    variable: Name
    variable2: Name | None = None
    hypotheses_gev: Interval | dict[Part, Interval]
    range: Interval | dict[Part, Interval] | None = None
    shape_lifetime_mm: PositiveFloat | None = None
    requirements: dict[str, OpenInterval] = Field(default_factory=dict)
    branching: BranchingBlock | None = None
    efficiency: Fraction | Curve | None = None
    efficiency_refers_to: str | None = None
    efficiency_counts: Literal["peak", "selected"] = "peak"
    efficiency_cuts: dict[str, OpenInterval] | None = None
    efficiency_signal_correction: PositiveFloat = 1.0
    peaking: Annotated[Several[str], AfterValidator(distinct)] = ()
    smooth: Annotated[Several[str], AfterValidator(distinct)] = ()
    resolution_mev: Annotated[Curve, AfterValidator(_positive)] | None = None
    spectrum: Spectrum | None = None
    bins: str | None = None
    half_window_sigma: Reach | None = None
    background_degree: Degree | None = None
    working_point: Name | PunziPoint | None = None

    @model_validator(mode="after")
    def _check(self) -> "CategoryBlock":
        for key in _OF_EFFICIENCY:
            if key in self.model_fields_set and self.efficiency is None:
                raise ValueError(f"{key}: there is no efficiency that it says something of")
        return self


class PeakFitBlock(PeakFit):
    """See `umbra.config.records.PeakFit`."""

    from_: From = Field(alias="from")
    half_window_sigma: PeakReach
    bin_sigma: Annotated[float, Field(ge=0.125, le=2.0)]


class TemplatesFitBlock(TemplatesFit):
    """See `umbra.config.records.TemplatesFit`."""

    from_: From = Field(alias="from")
    half_window_sigma: PeakReach
    bin_sigma: Annotated[float, Field(ge=0.125, le=4.0)]
    count_below: NotNegativeFloat


class CountingFitBlock(CountingFit):
    """See `umbra.config.records.CountingFit`."""

    from_: From = Field(alias="from")


class EllipseFitBlock(EllipseFit):
    """See `umbra.config.records.EllipseFit`."""

    from_: From = Field(alias="from")
    half_axes_sigma: Annotated[float, Field(gt=0.0, le=4.0)]
    count_below: NotNegativeFloat = 0.0


class BinsFitBlock(BinsFit):
    """See `umbra.config.records.BinsFit`."""

    from_: From = Field(alias="from")


FitBlock = PeakFitBlock | TemplatesFitBlock | CountingFitBlock | EllipseFitBlock | BinsFitBlock


class SystematicsBlock(Record):
    """Relative uncertainties; that of the luminosity is the experiment's where it is missing.

    Parameters
    ----------
    signal_efficiency_relative, background_relative
        One number, or rows (lowest mass in GeV, uncertainty from there on).
    """

    from_: From = Field(alias="from")
    luminosity_relative: Fraction | None = None
    signal_efficiency_relative: Uncertainty
    background_relative: Uncertainty = 0.0
    named: dict[Name, NamedUncertainty] = Field(default_factory=dict)


class PublishedDataBlock(Record):
    """Data of a paper.

    Parameters
    ----------
    kind
        Tells them from pseudo-data and files, which a channel has as a whole.
    table
        Stem of a file in `config/published/data/`.
    """

    kind: Literal["published"]
    table: str


class InterpretationBlock(Record):
    """What one set of limits takes the data for, see `umbra.config.records.Interpretation`.

    Parameters
    ----------
    of
        For assumptions and projections: the interpretation whose settings hold where nothing else is said; the first.
    coupling
        That limits are set on, where it is not that of `limit`.
    data
        What the paper saw, in place of our own simulation of the search.
    """

    label: str
    of: Name | None = None
    categories: Annotated[OneOrMore[Name], AfterValidator(distinct)] | None = None
    signals: dict[Name, str] = Field(default_factory=dict)
    coupling: CouplingChoice | None = None
    branching: BranchingBlock | None = None
    island: IslandBlock | None = None
    efficiency: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    background_relative: Fraction | None = None
    background_exact: bool = False
    peaking_uncertainty: NotNegativeFloat | Literal["free"] = "free"
    background_slope_per_unit: NotNegativeFloat = 0.0
    background_scale: NotNegativeFloat | Annotated[Curve, AfterValidator(_not_negative)] = 1.0
    data: PublishedDataBlock | None = None


class ProjectionBlock(InterpretationBlock):
    """An interpretation at another luminosity, for which there are no data."""

    luminosity_fb: LuminosityFb


class BoundsBlock(Record):
    """Bounds on log10(ours / published), stated beforehand.

    Parameters
    ----------
    median_dex_below
        On the median of the absolute values.
    bias_dex_below
        On the absolute value of the median; half of the former where it is not said.
    worst_dex_below
        On the absolute value of every bin; three times the first where it is not said: two standard deviations of
        differences that scatter like a Gaussian.
    shape_dex_below
        On the spread about the mean: the shape, where the level is known less well.
    """

    median_dex_below: PositiveFloat
    bias_dex_below: PositiveFloat | None = None
    worst_dex_below: PositiveFloat | None = None
    shape_dex_below: PositiveFloat | None = None


class CompareBlock(BoundsBlock):
    """A published curve beside ours.

    Parameters
    ----------
    curve
        Stem of a file in `config/published/`.
    by_mass
        Bounds between masses.
    interpretation, limits, between, lifetime_mm, flight, compare_at_gev, why
        See `umbra.config.records.Comparison`.
    """

    curve: str
    by_mass: Several["BoundBlock"] = ()
    compare_at_gev: Several[Pair[float]] = ()
    interpretation: Name | None = None
    limits: Compared = "expected"
    lifetime_mm: PositiveFloat | None = None
    flight: Flight | None = None
    between: Annotated[Pair[Name], AfterValidator(distinct)] | None = None
    why: str


class BoundBlock(BoundsBlock):
    """Bounds between two masses."""

    gev: Interval


class FiguresBlock(Record):
    """What figures cannot know from the particle."""

    mass_scale: Literal["log", "linear"] = "log"
    mass_label: str | None = None
    lifetime_mm: PositiveFloat | None = None
    map: EventMap | None = None
    thermal_targets: ThermalTargets | None = None


class SignificanceBlock(Record):
    """Pseudo-experiments behind the global p-value."""

    toys: ToysByScan | Toys = ToysByScan(full=1000, default=200, tiny=20)
    chunk_toys: PositiveInt = 100


class SelectionBlock(Record):
    """Name and options of the selection, see `umbra.selection.options`; the experiment may say some of them."""

    name: Name
    from_: From = Field(alias="from")
    options: dict[str, Any] = Field(default_factory=dict)


class ChannelFile(Record):
    """A channel as it is written down.

    Parameters
    ----------
    format
        Of the file.
    title
        The process, in Unicode.
    search
        Which search it is.
    sources
        Key -> citation; `paper` is that of the search.
    data_sets
        Name -> data set; fitted together.
    produced
        Decaying particles that are counted.
    limit
        On what, and how.
    lifetimes_mm
        Mean proper decay lengths that limits are set for.
    masses, samples, selection, categories, fit, systematics
        The chain.
    interpretations, assumptions, projections
        Searches of their own; ends of a bracket; other luminosities. The first of all is the main one.
    compare, overlays, quoted
        Published curves with a bound, without one, and ranges of `config/published/ranges.yaml`.
    """

    format: Literal[2]
    title: str
    search: Search
    sources: dict[Name, str] = Field(default_factory=dict)
    data_sets: dict[Part, DataSet] = Field(min_length=1)
    produced: Produced | None = None
    limit: LimitBlock
    lifetimes_mm: Annotated[Several[PositiveFloat], AfterValidator(rising)] = ()
    masses: MassesBlock
    samples: dict[Name, SampleBlock] = Field(min_length=1)
    selection: SelectionBlock
    categories: dict[Name, CategoryBlock] = Field(min_length=1)
    fit: FitBlock = Field(discriminator="method")
    systematics: SystematicsBlock
    interpretations: dict[Name, InterpretationBlock] = Field(default_factory=dict)
    assumptions: dict[Name, InterpretationBlock] = Field(default_factory=dict)
    projections: dict[Name, ProjectionBlock] = Field(default_factory=dict)
    significance: SignificanceBlock = SignificanceBlock()
    data: Data | None = Field(None, discriminator="kind")
    compare: Several[CompareBlock] = ()
    overlays: Annotated[Several[str], AfterValidator(distinct)] = ()
    quoted: Annotated[Several[str], AfterValidator(distinct)] = ()
    figures: FiguresBlock = FiguresBlock()

    @model_validator(mode="after")
    def _check(self) -> "ChannelFile":
        if self.masses.second is not None and "significance" in self.model_fields_set:
            raise ValueError("significance: a scan of two masses has local p-values only")
        return self


CompareBlock.model_rebuild()
