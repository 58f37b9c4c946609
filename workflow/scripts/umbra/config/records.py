"""A channel as the library knows it: one frozen record, complete and resolved for a scan.

`umbra.config.channel_file` says how a channel is written down, `umbra.config.expansion` turns the one into the other.
Jobs get their slice of a channel as plain data and read it back with `Channel.from_slice`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, TypeAdapter

from umbra.core.machines import Machine
from umbra.core.records import Interval, OneOrMore, OpenInterval, Pair, Record, Several
from umbra.detector.records import DetectorRecord
from umbra.selection.records import PunziPoint

#: A machine, or the plain data of one.
AnyMachine = Annotated[
    Machine, BeforeValidator(lambda given: Machine(**given) if isinstance(given, dict) else given)
]
#: Rows (mass, value).
Knots = OneOrMore[Pair[float]]


class Reference(Record):
    """The paper of a search."""

    arxiv: str
    citation: str


class Luminosity(Record):
    """Integrated luminosity of all data sets."""

    luminosity_fb: float
    relative_uncertainty: float


class Produced(Record):
    """Decaying particles that signals are fractions of; samples that are no decays of them still use the luminosity.

    Parameters
    ----------
    particle
        What the figures call it.
    count
        Number of them in the data.
    y_label
        Axis title of the limits on the branching fraction.
    """

    particle: str
    count: float
    relative_uncertainty: float
    y_label: str


class OtherCoupling(Record):
    """The same limit in another convention: factor times the coupling to the power of the exponent."""

    name: str
    factor: float
    exponent: float
    convention: str


class Coupling(Record):
    """Coupling that limits are set on.

    Parameters
    ----------
    name
        See `umbra.core.vocabulary`.
    reference
        Value at which signals are generated.
    power
        Power in which it enters the cross-section.
    convention
        Lagrangian or definition.
    also
        The same limit in other conventions.
    benchmarks
        Values whose excluded region in the plane of two masses is outlined in `contours.csv`.
    y_label
        Axis title of its exclusion plot.
    """

    name: str
    reference: float
    power: Literal[1, 2, 4]
    convention: str
    also: Several[OtherCoupling] = ()
    benchmarks: Several[float] = ()
    y_label: str

    @property
    def all(self) -> tuple["Coupling | OtherCoupling", ...]:
        """The coupling itself, and those that are the same limit in another convention."""
        return (self, *self.also)


class Segment(Record):
    """A stretch of a mass grid; steps are proportional to the spacing, rows (mass, step)."""

    from_gev: float
    to_gev: float
    points: int
    spacing_gev: Knots


class SecondMass(Record):
    """Scan of a second mass, with which hypotheses are points of a plane.

    Parameters
    ----------
    segments
        Grid of the second mass.
    ratio
        Lowest and highest second mass in units of the first, `None` is open.
    largest_sum_gev
        Largest sum of the two masses.
    """

    segments: Several[Segment]
    ratio: OpenInterval
    largest_sum_gev: float


class Masses(Record):
    """Hypotheses of a channel."""

    segments: Several[Segment]
    second: SecondMass | None = None
    block_points: int
    vetoed_gev: Several[Pair[float]] = ()


class Branching(Record):
    """A branching fraction that a particle of `umbra.theory` knows."""

    particle: str
    final_state: str


class Island(Record):
    """A coupling that fixes the lifetime, so that excluded couplings are a region with a lower and an upper edge.

    Parameters
    ----------
    particle
        That knows its lifetime.
    final_state
        That is searched for, where the fraction of it is not in the yields already.
    masses_gev
        Between which the particle is asked.
    largest
        Largest value of the coupling, such as 1 for the sine of an angle.
    prompt
        Whether decays at the collision are accepted, so that the limit of the shortest lifetime holds for all shorter
        ones, up to the largest coupling.
    """

    particle: str
    final_state: str | None = None
    masses_gev: Interval
    largest: float | None = None
    prompt: bool = False


class Interpretation(Record):
    """What one set of limits takes the data for: which particle is sought where, and what is assumed.

    Parameters
    ----------
    name, label
        In tables and in figures.
    kind
        `interpretation`: a search of its own; `assumption`: an end of a bracket, which assumes something else of the
        search `of`; `projection`: of that search to another luminosity.
    of
        Interpretation that an assumption or a projection starts from.
    categories
        That are fitted; all where it is `None`.
    signals
        Category -> signal sample in the place of the category's own, where another particle is sought.
    coupling
        That limits are set on.
    branching
        Fraction of the produced particles that the search sees.
    island
        The coupling fixes the lifetime.
    published_efficiency
        Takes the place of that of the categories, for instance an end of a quoted range.
    luminosity_fb
        Of a projection, shared among the categories as that of the channel is; it has no data.
    background_relative
        Uncertainty of the expected background in a count, in place of that of the channel.
    peaking_uncertainty
        Relative uncertainty of each peaking background before the fit; 0: exactly known, `free`: by the fit only.
    background_slope_per_unit
        Uncertainty of the shape of simulated backgrounds: relative change per unit of the search variable, linear.
    background_scale
        Multiplies the expected background; 0 shows the reach of a search without any.
    """

    name: str
    label: str
    kind: Literal["interpretation", "assumption", "projection"] = "interpretation"
    of: str | None = None
    categories: Several[str] | None = None
    signals: dict[str, str] = Field(default_factory=dict)
    coupling: Coupling
    branching: Branching | None = None
    island: Island | None = None
    published_efficiency: float | None = None
    luminosity_fb: float | None = None
    background_relative: float | None = None
    peaking_uncertainty: float | Literal["free"] = "free"
    background_slope_per_unit: float = 0.0
    background_scale: float = 1.0


class Sample(Record):
    """Events of one process at one machine.

    Parameters
    ----------
    name
        In the channel.
    role
        Signal or background.
    origin
        What it is made from.
    process
        Name of a process, of one of Pythia's samples, or `external`.
    machine
        Where the collisions happen.
    generator
        What the generator is told, plain data whose digest is the sample's key.
    events
        Number of events (of each mass, for a signal); 0 where files say it.
    selection_options
        Options of the selection that hold for this sample only, laid over those of the channel.
    """

    name: str
    role: Literal["signal", "background"]
    origin: Literal["matrix_element", "pythia", "external", "parametrised"]
    process: str
    machine: AnyMachine
    generator: dict[str, Any]
    events: int
    selection_options: dict[str, Any] = Field(default_factory=dict)

    @property
    def cuts(self) -> Mapping[str, tuple[float | None, float | None]]:
        """Cuts at generation."""
        return {name: (low, high) for name, (low, high) in self.generator.get("cuts", {}).items()}

    @property
    def parameters(self) -> Mapping[str, float]:
        """Parameters of the process, without masses."""
        return dict(self.generator.get("parameters", {}))

    @property
    def masses_gev(self) -> tuple[float, ...]:
        """Generated masses of a signal."""
        return tuple(self.generator.get("masses_gev", ()))


class Selection(Record):
    """Name and options of the selection, see `umbra.selection`."""

    name: str
    options: dict[str, Any]


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


class PeakFit(Record):
    """A peak over a smooth background."""

    method: Literal["peak"] = "peak"
    half_window_sigma: float
    bin_sigma: float
    background_degree: int


class TemplatesFit(Record):
    """Simulated templates of signal and background.

    Parameters
    ----------
    half_window_sigma, bin_sigma
        Window and bins in resolutions.
    count_below
        Where fewer background events are expected or (effectively) simulated within two resolutions, these are counted
        in one bin instead, whose expectation comes from the nearest simulated events.
    """

    method: Literal["templates"] = "templates"
    half_window_sigma: float
    bin_sigma: float
    count_below: float


class CountingFit(Record):
    """One count in a window."""

    method: Literal["counting"] = "counting"
    half_window_sigma: float


class EllipseFit(Record):
    """One count in an ellipse around each point of the plane of two search variables."""

    method: Literal["ellipse"] = "ellipse"
    half_axes_sigma: float


Fit = PeakFit | TemplatesFit | CountingFit | EllipseFit


class Systematics(Record):
    """Uncertainties that all categories share."""

    signal_efficiency_relative: float
    background_relative: float = 0.0


class Limit(Record):
    """How limits are set."""

    method: Literal["cls", "bayesian", "profile", "feldman_cousins"]
    level: float
    calculation: Literal["auto", "exact", "toys", "asymptotic"] = "auto"


class Significance(Record):
    """Pseudo-experiments behind the global p-value, made where there are data."""

    toys: int
    chunk_toys: int


class Injection(Record):
    """A signal that is put into pseudo-data."""

    mass_gev: float
    mass2_gev: float | None = None
    coupling: float


class Asimov(Record):
    """The expectation itself plays the part of the data."""

    kind: Literal["asimov"] = "asimov"
    inject: Injection | None = None


class ToyData(Record):
    """One pseudo-experiment plays the part of the data."""

    kind: Literal["toy"] = "toy"
    seed: int
    inject: Injection | None = None


class FileData(Record):
    """Data of a file: ROOT or CSV in the search variables, or a CSV of bins (region, low, high, count)."""

    kind: Literal["file"] = "file"
    file: str


Data = Asimov | ToyData | FileData


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


class Axes(Record):
    """Axes of the figures of a channel.

    Parameters
    ----------
    mass, mass2
        Titles of the mass axes.
    scale
        Of the mass axis.
    lifetime_mm
        Lifetime whose bands are shown in figures against mass; about 10 mm without it.
    """

    mass: str
    mass2: str | None = None
    scale: Literal["log", "linear"] = "log"
    lifetime_mm: float | None = None


class Detector(Record):
    """Detector of a channel: its name, and the content of its file."""

    name: str
    settings: DetectorRecord


class Channel(Record):
    """One search, complete and resolved for a scan.

    Parameters
    ----------
    from_memory
        Keys whose value no source shows, in the words of the figures.
    detector_from_memory
        Number of such entries of the detector's file.
    """

    name: str
    title: str
    portal: str
    experiment: str
    reference: Reference
    machine: AnyMachine
    detector: Detector
    luminosity: Luminosity
    produced: Produced | None
    lifetimes_mm: Several[float]
    masses: Masses
    interpretations: OneOrMore[Interpretation]
    samples: dict[str, Sample]
    selection: Selection
    categories: OneOrMore[Category]
    fit: Fit = Field(discriminator="method")
    systematics: Systematics
    limit: Limit
    significance: Significance
    data: Data = Field(discriminator="kind")
    comparisons: Several[Comparison]
    overlays: Several[str]
    quoted: Several[str]
    axes: Axes
    from_memory: Several[str]
    detector_from_memory: int

    @property
    def main(self) -> Interpretation:
        """The first interpretation."""
        return self.interpretations[0]

    @property
    def coupling(self) -> Coupling:
        """Coupling of the main interpretation."""
        return self.main.coupling

    @property
    def production_quantity(self) -> str:
        """What limits on production are called: a branching fraction where signals are decays of counted parents."""
        return "branching_fraction" if self.produced else "cross_section_fb"

    @property
    def assumptions(self) -> tuple[Interpretation, ...]:
        """Interpretations that only assume something else of the main one's search, such as no background."""
        return tuple(
            each for each in self.interpretations if each.kind == "assumption" and each.of == self.main.name
        )

    def interpretation(self, name: str) -> Interpretation:
        """Interpretation of that name."""
        return next(each for each in self.interpretations if each.name == name)

    def category(self, name: str) -> Category:
        """Category of that name."""
        return next(each for each in self.categories if each.name == name)

    def categories_of(self, interpretation: Interpretation | None) -> list[Category]:
        """Categories that an interpretation fits."""
        chosen = None if interpretation is None else interpretation.categories
        return [each for each in self.categories if chosen is None or each.name in chosen]

    def signal_sample(self, category: Category, interpretation: Interpretation | None = None) -> Sample:
        """Signal that an interpretation seeks in a category: the category's own, unless it names another."""
        named = {} if interpretation is None else interpretation.signals
        return self.samples[named.get(category.name, category.signal)]

    def luminosity_fb(self, interpretation: Interpretation | None = None) -> float:
        """Luminosity of an interpretation: its own, where it is a projection, or that of the channel."""
        projected = None if interpretation is None else interpretation.luminosity_fb
        return self.luminosity.luminosity_fb if projected is None else projected

    def sliced(self, *blocks: str) -> dict[str, Any]:
        """Give some blocks of the channel as plain data, for a job that sees no more of it."""
        return self.model_dump(mode="json", include=set(blocks))

    @classmethod
    def from_slice(cls, content: Mapping[str, Any]) -> Self:
        """Read a slice; a block that is not in it is a missing attribute of the channel."""
        return cls.model_construct(
            **{name: _adapter(name).validate_python(value) for name, value in content.items()}
        )


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    field = Channel.model_fields[name]
    hint: Any = Annotated[field.annotation, field]
    return TypeAdapter(hint)
