"""Blocks of a channel file: what is searched for, where and at which masses; see `umbra.config.channel_file`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from umbra.config.bounds import CouplingValue, Events, LuminosityFb, Points, Toys
from umbra.config.bounds import Produced as NumberProduced
from umbra.core.records import (
    Curve,
    Fraction,
    Interval,
    OneOrMore,
    OpenInterval,
    PositiveFloat,
    Record,
    Several,
    distinct,
)

#: Names of channels, samples, categories, interpretations: those of files, rules and branches.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


#: A name that may begin with a digit, as those of data sets do: `2s`.
Part = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=20)]


#: Where a block comes from: keys of `sources`, or one of `OWN_SOURCES`.
From = Annotated[OneOrMore[str], AfterValidator(distinct)] | str


#: What needs no entry in `sources`: it follows from other numbers; we chose it; we remember it.
OWN_SOURCES = ("derived", "choice", "memory", "experiment")


#: How fine the mass grids and how large the samples of a run are.
Scan = Literal["default", "full", "tiny"]


class PointsByScan(Record):
    """A number of points for each scan."""

    full: Points
    default: Points
    tiny: Points


class EventsByScan(Record):
    """A number of events for each scan."""

    full: Events
    default: Events
    tiny: Events


class ToysByScan(Record):
    """A number of pseudo-experiments for each scan."""

    full: Toys
    default: Toys
    tiny: Toys


class Search(Record):
    """Which search it is.

    Parameters
    ----------
    experiment
        Stem of a file in `config/experiments/`.
    arxiv, citation
        Its paper, which `from: paper` points at.
    particle, second
        New particles whose masses are scanned, see `umbra.core.vocabulary.PARTICLES`.
    portal
        Summary that it belongs to, see `umbra.core.vocabulary.PORTALS`.
    detector
        Stem of a file in `config/detectors/`, where it is not that of the experiment.
    projection
        Whether the data have not been taken: the limits are a projection, and no summary calls them excluded.
    """

    experiment: Name
    arxiv: str
    citation: str
    particle: Name
    second: Name | None = None
    portal: Name
    detector: Name | None = None
    projection: bool = False


class DataSet(Record):
    """Data taken at one energy."""

    from_: From = Field("paper", alias="from")
    machine: Name
    luminosity_fb: LuminosityFb


class Produced(Record):
    """Decaying particles that signals are fractions of.

    Parameters
    ----------
    particle
        What the figures call it.
    number
        Of them in the data.
    relative_uncertainty
        Of the number.
    label
        Axis title of the limits on the branching fraction.
    """

    from_: From = Field(alias="from")
    particle: str
    number: NumberProduced
    relative_uncertainty: Fraction
    label: str


class AlsoOn(Record):
    """The same limit in another convention: factor times the coupling to the power of the exponent."""

    name: Name
    factor: PositiveFloat
    exponent: PositiveFloat
    convention: str


class CouplingHolds(Record):
    """Where a coupling means something in a plane of two masses, see `umbra.config.interpretations.Holds`."""

    masses_gev: OpenInterval | None = None
    ratio: OpenInterval | None = None


class CouplingChoice(Record):
    """Coupling that limits are set on; what it says of itself is in `umbra.core.vocabulary.COUPLINGS`.

    Parameters
    ----------
    name
        Of the coupling.
    reference
        Value at which signals are generated, where it is not the usual one.
    convention, label
        Lagrangian or definition, and axis title, where they are not the usual ones.
    also
        The same limit in other conventions.
    benchmarks
        Values whose excluded region in the plane of two masses is outlined.
    holds
        Where in such a plane it means something, or `nowhere`; everywhere without it.
    """

    name: Name
    reference: CouplingValue | None = None
    convention: str | None = None
    label: str | None = None
    also: Several[AlsoOn] = ()
    benchmarks: Annotated[Several[CouplingValue], AfterValidator(distinct)] = ()
    holds: CouplingHolds | Literal["nowhere"] | None = None


class LimitBlock(Record):
    """On what, and how, limits are set.

    Parameters
    ----------
    coupling
        By its name, where it is the usual one.
    quantity
        In the place of a coupling, for a search that no model stands behind: the efficiency times the cross-section,
        which is signal events over luminosity, whatever made them.
    """

    coupling: Name | CouplingChoice | None = None
    quantity: Literal["visible_cross_section_fb"] | None = None
    method: Literal["cls", "bayesian", "profile", "feldman_cousins"]
    level: Annotated[float, Field(gt=0.5, lt=1.0)]
    calculation: Literal["auto", "exact", "toys", "asymptotic"] = "auto"
    engine: Literal["umbra", "pyhf"] = "umbra"

    @model_validator(mode="after")
    def _check(self) -> "LimitBlock":
        if (self.coupling is None) == (self.quantity is None):
            raise ValueError(
                "coupling: limits are on a coupling or on a quantity without one, not on both or neither"
            )
        return self


class GridSegment(Record):
    """A stretch of a mass grid.

    Parameters
    ----------
    from_gev, to_gev
        Its ends, both of them points.
    points
        How many.
    spacing_gev
        Rows (mass, step) that steps are proportional to; even steps without it.
    """

    from_gev: PositiveFloat
    to_gev: PositiveFloat
    points: PointsByScan | Points
    spacing_gev: Annotated[Curve, Field(max_length=1000)] = ((1.0, 1.0),)

    @model_validator(mode="after")
    def _check(self) -> "GridSegment":
        if not self.from_gev < self.to_gev:
            raise ValueError(f"from_gev: {self.from_gev:g} is not below to_gev {self.to_gev:g}")
        for mass, step in self.spacing_gev:
            if step <= 0.0:
                raise ValueError(f"spacing_gev: a step of {step} at {mass:g} GeV is not above 0")
        return self


class SecondMass(Record):
    """Grid of a second mass, with which hypotheses are points of a plane; `ratio` is in units of the first mass.

    `largest_sum_gev` is left out where the second particle decays to the first.
    """

    grid: OneOrMore[GridSegment]
    ratio: OpenInterval
    largest_sum_gev: PositiveFloat | None = None


class MassesBlock(Record):
    """Hypotheses.

    Parameters
    ----------
    grid
        Segments, masses increasing from one to the next.
    second
        A second mass.
    points_per_job
        How many one job handles.
    vetoed_gev
        Windows around known resonances.
    """

    from_: From = Field(alias="from")
    grid: OneOrMore[GridSegment]
    second: SecondMass | None = None
    points_per_job: Points = 100
    vetoed_gev: Several[Interval] = ()


class BranchingBlock(Record):
    """A branching fraction that a particle of `umbra.theory` knows."""

    particle: Name
    final_state: Name


class IslandBlock(Record):
    """The coupling fixes the lifetime, see `umbra.config.records.Island`."""

    particle: Name
    final_state: Name | None = None
    masses_gev: Interval
    largest: CouplingValue | None = None
    prompt: bool = False

    @model_validator(mode="after")
    def _check(self) -> "IslandBlock":
        if self.prompt and self.largest is None:
            raise ValueError("prompt: it needs the largest coupling, up to which it is excluded")
        return self
