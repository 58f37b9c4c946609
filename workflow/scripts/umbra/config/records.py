"""A channel as the library knows it: one frozen record, complete and resolved for a scan.

`umbra.config.channel_file` says how a channel is written down, `umbra.config.expansion` turns the one into the other.
Jobs get their slice of a channel as plain data and read it back with `Channel.from_slice`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, TypeAdapter

from umbra.config.blocks import Scan
from umbra.config.categories import BinsFit as BinsFit
from umbra.config.categories import Category as Category
from umbra.config.categories import CountingFit as CountingFit
from umbra.config.categories import EllipseFit as EllipseFit
from umbra.config.categories import Fit as Fit
from umbra.config.categories import PeakFit as PeakFit
from umbra.config.categories import PublishedEfficiency as PublishedEfficiency
from umbra.config.categories import TemplatesFit as TemplatesFit
from umbra.config.comparisons import Bound as Bound
from umbra.config.comparisons import Compared as Compared
from umbra.config.comparisons import Comparison as Comparison
from umbra.config.comparisons import Flight as Flight
from umbra.config.data_kinds import Asimov as Asimov
from umbra.config.data_kinds import Data as Data
from umbra.config.data_kinds import FileData as FileData
from umbra.config.data_kinds import Injection as Injection
from umbra.config.data_kinds import PublishedCounts as PublishedCounts
from umbra.config.data_kinds import ToyData as ToyData
from umbra.config.event_map import EventMap as EventMap
from umbra.config.interpretations import Branching as Branching
from umbra.config.interpretations import Coupling as Coupling
from umbra.config.interpretations import Interpretation as Interpretation
from umbra.config.interpretations import Island as Island
from umbra.config.interpretations import OtherCoupling as OtherCoupling
from umbra.config.interpretations import PublishedData as PublishedData
from umbra.config.systematics import Systematics as Systematics
from umbra.config.thermal import ThermalTargets as ThermalTargets
from umbra.core.machines import GivenMachine
from umbra.core.records import Curve, OneOrMore, OpenInterval, Pair, Record, Several
from umbra.detector.records import DetectorRecord
from umbra.generation.settings import GeneratorSettings


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


class Segment(Record):
    """A stretch of a mass grid; steps are proportional to the spacing, rows (mass, step)."""

    from_gev: float
    to_gev: float
    points: int
    spacing_gev: Curve


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
    largest_sum_gev: float | None


class Masses(Record):
    """Hypotheses of a channel."""

    segments: Several[Segment]
    second: SecondMass | None = None
    block_points: int
    vetoed_gev: Several[Pair[float]] = ()


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
        What the generator is told; the digest of it is the sample's key.
    events
        Number of events (of each mass, for a signal); 0 where files say it.
    selection_options
        Options of the selection that hold for this sample only, laid over those of the channel.
    """

    name: str
    role: Literal["signal", "background"]
    origin: Literal["matrix_element", "pythia", "external", "parametrised"]
    process: str
    machine: GivenMachine
    generator: GeneratorSettings
    events: int
    selection_options: dict[str, Any] = Field(default_factory=dict)

    @property
    def cuts(self) -> Mapping[str, tuple[float | None, float | None]]:
        """Cuts at generation."""
        return self.generator.ranges

    @property
    def parameters(self) -> Mapping[str, float]:
        """Parameters of the process, without masses."""
        return self.generator.parameters or {}

    @property
    def masses_gev(self) -> tuple[float, ...]:
        """Generated masses of a signal."""
        return self.generator.masses_gev or ()


class Selection(Record):
    """Name and options of the selection, see `umbra.selection`."""

    name: str
    options: dict[str, Any]


class Limit(Record):
    """How limits are set.

    Parameters
    ----------
    method
        Kind of limit.
    level
        Confidence or credibility.
    calculation
        `auto` follows the counts.
    engine
        `umbra`, or `pyhf` for whoever trusts stock pyhf only: slower by three orders of magnitude, CLs alone.
    """

    method: Literal["cls", "bayesian", "profile", "feldman_cousins"]
    level: float
    calculation: Literal["auto", "exact", "toys", "asymptotic"] = "auto"
    engine: Literal["umbra", "pyhf"] = "umbra"


class Significance(Record):
    """Pseudo-experiments behind the global p-value, made where there are data."""

    toys: int
    chunk_toys: int


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
    map
        Of the backgrounds, if there is one.
    thermal_targets
        Curves in figures of limits on y, if there are some.
    """

    mass: str
    mass2: str | None = None
    scale: Literal["log", "linear"] = "log"
    lifetime_mm: float | None = None
    map: EventMap | None = None
    thermal_targets: ThermalTargets | None = None


class Detector(Record):
    """Detector of a channel: its name, and the content of its file."""

    name: str
    settings: DetectorRecord


class Channel(Record):
    """One search, complete and resolved for a scan.

    Parameters
    ----------
    scan
        `tiny`, `default` or `full`: how fine the masses are, and how many events there are.
    from_memory
        Keys whose value no source shows, `block: key`.
    detector_from_memory
        Number of such entries of the detector's file.
    """

    name: str
    scan: Scan = "default"
    title: str
    portal: str
    experiment: str
    projection: bool = False
    reference: Reference
    machine: GivenMachine
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
    def simulated(self) -> Interpretation:
        """The first interpretation that our own simulation is fitted in: pseudo-data and injected signals are its."""
        return next(each for each in self.interpretations if each.published is None)

    @property
    def coupling(self) -> Coupling | None:
        """Coupling of the main interpretation; `None` where limits are on what is seen, whatever made it."""
        return self.main.coupling

    @property
    def production_quantity(self) -> str:
        """What limits on production are called: a branching fraction where signals are decays of counted parents.

        Without a coupling there is no model of the production, and limits are on what is seen of it.
        """
        if self.coupling is None:
            return "visible_cross_section_fb"
        return "branching_fraction" if self.produced else "cross_section_fb"

    @property
    def quantities(self) -> tuple[str, ...]:
        """All that limits are set on, without doubles."""
        couplings = [coupling.name for each in self.interpretations for coupling in each.couplings]
        return tuple(dict.fromkeys((*couplings, self.production_quantity, "yield")))

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

    def categories_at(self, mass_gev: float, interpretation: Interpretation | None) -> list[Category]:
        """Categories that a hypothesis uses: those whose range holds it, the upper end only where none follows."""
        last = self.span_of(interpretation)[1]
        return [
            each
            for each in self.categories_of(interpretation)
            if each.hypotheses_gev[0] <= mass_gev < each.hypotheses_gev[1]
            or mass_gev == each.hypotheses_gev[1] == last
        ]

    def span_of(self, interpretation: Interpretation | None) -> tuple[float, float]:
        """Lowest and highest mass of the categories that an interpretation fits; a mode may open above a threshold."""
        low, high = zip(*(each.hypotheses_gev for each in self.categories_of(interpretation)), strict=True)
        return min(low), max(high)

    def signal_sample(self, category: Category, interpretation: Interpretation | None = None) -> Sample:
        """Signal that an interpretation seeks in a category: the category's own, unless it names another."""
        named = {} if interpretation is None else interpretation.signals
        return self.samples[named.get(category.name, category.signal)]

    def background_relative(self, interpretation: Interpretation, mass_gev: float) -> float:
        """Uncertainty of the expected background: of an interpretation where it has its own, or that of the channel."""
        own = interpretation.background_relative
        return self.systematics.background_at(mass_gev) if own is None else own

    def luminosity_fb(self, interpretation: Interpretation | None = None) -> float:
        """Luminosity of an interpretation: its own, where it is a projection, or that of the channel."""
        projected = None if interpretation is None else interpretation.luminosity_fb
        return self.luminosity.luminosity_fb if projected is None else projected

    def sliced(self, blocks: Mapping[str, Any]) -> dict[str, Any]:
        """Give some blocks of the channel as plain data, for a job that sees no more of it.

        Parameters
        ----------
        blocks
            Name -> `True`, or for `fit` the keys that the job sees of it.
        """
        return self.model_dump(mode="json", include=dict(blocks))

    @classmethod
    def from_slice(cls, content: Mapping[str, Any]) -> Self:
        """Read a slice; a block, or a key of the fit, that is not in it is a missing attribute."""
        found: dict[str, Any] = {
            name: _FITS[value["method"]].model_construct(**value)
            if name == "fit"
            else _adapter(name).validate_python(value)
            for name, value in content.items()
        }
        return cls.model_construct(**found)


_FITS: Mapping[str, type[Fit]] = {each.model_fields["method"].default: each for each in get_args(Fit)}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    field = Channel.model_fields[name]
    hint: Any = Annotated[field.annotation, field]
    return TypeAdapter(hint)
