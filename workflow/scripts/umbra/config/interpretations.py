"""What one set of limits takes the data for: couplings, branching fractions, islands, interpretations."""

from typing import Literal

from pydantic import Field

from umbra.core.records import Curve, Interval, OpenInterval, Record, Several


class OtherCoupling(Record):
    """The same limit in another convention: factor times the coupling to the power of the exponent."""

    name: str
    factor: float
    exponent: float
    convention: str


class Holds(Record):
    """Where a coupling means something in the plane of two masses: there it has a limit beside the cross-section.

    Parameters
    ----------
    masses_gev
        Lowest and highest first mass.
    ratio
        Lowest and highest second mass, in units of the first.
    """

    masses_gev: OpenInterval | None = None
    ratio: OpenInterval | None = None

    def at(self, mass_gev: float, mass2_gev: float) -> bool:
        """Whether a point of the plane is one of those."""
        return _inside(self.masses_gev, mass_gev) and _inside(self.ratio, mass2_gev / mass_gev)


def _inside(interval: tuple[float | None, float | None] | None, value: float) -> bool:
    low, high = interval or (None, None)
    return (low is None or low <= value) and (high is None or value <= high)


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
    holds
        Where it means something in the plane of two masses, or `nowhere`; everywhere without it.
    """

    name: str
    reference: float
    power: Literal[1, 2, 4]
    convention: str
    also: Several[OtherCoupling] = ()
    benchmarks: Several[float] = ()
    y_label: str
    holds: Holds | Literal["nowhere"] | None = None

    @property
    def all(self) -> tuple["Coupling | OtherCoupling", ...]:
        """The coupling itself, and those that are the same limit in another convention."""
        return (self, *self.also)

    def holds_at(self, mass_gev: float, mass2_gev: float) -> bool:
        """Whether it has a limit at a point of the plane of two masses."""
        return self.holds is None or (self.holds != "nowhere" and self.holds.at(mass_gev, mass2_gev))


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


class PublishedData(Record):
    """Data of a paper, which an interpretation takes in place of our own simulation of the search.

    Parameters
    ----------
    table
        Stem of a file in `config/published/data/`.
    form
        What it holds, see `umbra.config.measurements.TableHead`.
    citation
        Where it was published.
    """

    table: str
    form: Literal["counts", "fits"]
    citation: str


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
        That limits are set on; `None` where they are on what is seen, whatever made it.
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
    background_exact
        The expected background of a count has no uncertainty, neither those of the channel nor the statistical error of
        the simulation.
    background_slope_per_unit
        Uncertainty of the shape of simulated backgrounds: relative change per unit of the search variable, linear.
    background_scale
        Multiplies the expected background, a number or rows (mass, factor), linear between them; 0 shows the reach of a
        search without any.
    published
        Data, efficiency and background are the paper's; our simulation tells the cross-section at a coupling only.
    """

    name: str
    label: str
    kind: Literal["interpretation", "assumption", "projection"] = "interpretation"
    of: str | None = None
    categories: Several[str] | None = None
    signals: dict[str, str] = Field(default_factory=dict)
    coupling: Coupling | None
    branching: Branching | None = None
    island: Island | None = None
    published_efficiency: float | None = None
    luminosity_fb: float | None = None
    background_relative: float | None = None
    background_exact: bool = False
    peaking_uncertainty: float | Literal["free"] = "free"
    background_slope_per_unit: float = 0.0
    background_scale: float | Curve = 1.0
    published: PublishedData | None = None

    @property
    def couplings(self) -> tuple[Coupling | OtherCoupling, ...]:
        """The coupling, and those that are the same limit in another convention; none where there is none."""
        return () if self.coupling is None else self.coupling.all
