"""What the files of published limits say: `config/published/<curve>.yaml`, and quoted ranges in `ranges.yaml`.

Imported while Snakemake parses the workflow, so: standard library, PyYAML and pydantic only.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from umbra.config import yaml
from umbra.core.errors import UmbraError
from umbra.core.records import (
    Interval,
    NotNegativeFloat,
    OneOrMore,
    PositiveFloat,
    PositiveInt,
    Record,
    Several,
    unknown_word,
    validated,
)
from umbra.core.vocabulary import PORTALS, QUANTITIES

#: What a curve's points are: an upper limit as a function of mass; the lower edge of an excluded region; the points
#: along the outline of an excluded region, in order; points of both edges whose order is lost.
Shape = Literal["upper_limit", "lower_edge", "contour", "points"]
#: Columns of expected limits, from the strongest to the weakest.
BANDS = ("expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2")
#: All columns that a row of a curve can have.
Column = Literal[
    "lifetime_mm",
    "mass_gev",
    "limit",
    "limit_p16",
    "limit_p84",
    "points",
    "expected_minus2",
    "expected_minus1",
    "expected",
    "expected_plus1",
    "expected_plus2",
]


def _one_of(known: Mapping[str, Any]) -> AfterValidator:
    """Refuse a word that is not in a table of the vocabulary."""

    def check(word: str) -> str:
        if word not in known:
            raise ValueError(unknown_word(f"'{word}' is not known", word, list(known)))
        return word

    return AfterValidator(check)


class Publication(Record):
    """A published limit in words.

    Parameters
    ----------
    experiment, arxiv, citation
        Who published it and where; `arxiv` is null where the compilation does not say.
    portal
        Summary plot that it belongs to.
    quantity
        One of `umbra.core.vocabulary.QUANTITIES`.
    definition
        What the quantity is, and with which assumptions.
    confidence
        Confidence or credibility level as the source states it.
    luminosity
        Amount of data as the source states it.
    origin
        Public compilation that the points were digitised in, or where a range is quoted.
    remark
        What a reader must know before using it.
    """

    experiment: str
    arxiv: str | None
    citation: str
    portal: Annotated[str, _one_of(PORTALS)]
    quantity: Annotated[str, _one_of(QUANTITIES)]
    definition: str
    confidence: str
    luminosity: str
    origin: str
    remark: str


class CurveText(Publication):
    """What is said of a curve.

    Parameters
    ----------
    label
        Short name for legends, with mathtext.
    confidence_level
        The level as a fraction; null where the source leaves it open.
    shape
        What the points are.
    projection
        Whether it is a projection and not a measurement.
    """

    label: str
    confidence_level: Annotated[float, Field(gt=0.0, lt=1.0)] | None
    shape: Shape
    projection: bool


class Point(Record):
    """Digitised points of a limit inside one mass bin.

    Parameters
    ----------
    mass_gev
        Mass as digitised.
    limit, limit_p16, limit_p84
        Median and quantiles of the digitised limit in the bin, in the unit that the quantity ends with.
    points
        How many digitised points the bin has.
    expected_minus2, expected_minus1, expected, expected_plus1, expected_plus2
        What the source expects there, and the edges of its bands of one and two standard deviations; all or none.
    lifetime_mm
        Proper decay length for which the limit holds.
    """

    mass_gev: NotNegativeFloat
    limit: PositiveFloat
    limit_p16: PositiveFloat
    limit_p84: PositiveFloat
    points: PositiveInt
    expected_minus2: PositiveFloat | None = None
    expected_minus1: PositiveFloat | None = None
    expected: PositiveFloat | None = None
    expected_plus1: PositiveFloat | None = None
    expected_plus2: PositiveFloat | None = None
    lifetime_mm: PositiveFloat | None = None

    @model_validator(mode="after")
    def _quantiles_rise(self) -> Self:
        if not self.limit_p16 <= self.limit <= self.limit_p84:
            raise ValueError(
                f"limit: limit_p16 <= limit <= limit_p84 does not hold for {self.limit_p16:g}, {self.limit:g}, "
                f"{self.limit_p84:g}"
            )
        return self

    @model_validator(mode="after")
    def _bands_rise(self) -> Self:
        bands = [getattr(self, name) for name in BANDS]
        known = [value for value in bands if value is not None]
        if known and len(known) < len(bands):
            raise ValueError(f"some of {', '.join(BANDS)} are there and some are missing")
        if known != sorted(known):
            raise ValueError(f"the expected limits {known} fall where they must rise")
        return self


class MassFactor(Record):
    """All masses are multiplied, where a limit stands against a fraction of the mass."""

    factor: PositiveFloat
    source: str


class MassReplacement(Record):
    """The mass that one digitised mass stands for."""

    digitised_gev: float
    mass_gev: NotNegativeFloat
    source: str


class CurveFile(CurveText):
    """A file: numbers as they were digitised, and corrections of documented defects of the digitisation.

    Parameters
    ----------
    columns
        Names of the cells of each row of `bins`.
    bins
        Rows of numbers.
    mass_factor, mass_replacements
        Corrections, in this order.
    """

    columns: OneOrMore[Column]
    bins: OneOrMore[Point]
    mass_factor: MassFactor | None = None
    mass_replacements: Several[MassReplacement] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_cells(cls, content: Any) -> Any:
        """Give each cell of a row the name of its column."""
        if not isinstance(content, Mapping):
            return content
        columns, rows = content.get("columns"), content.get("bins")
        if not isinstance(columns, list) or not isinstance(rows, list):
            return content
        if len(set(columns)) < len(columns):
            raise ValueError(f"columns: a name occurs twice in {columns}")
        for row in rows:
            if not isinstance(row, list) or len(row) != len(columns):
                raise ValueError(f"bins: {row!r} does not hold {len(columns)} numbers, one for each column")
        return {**content, "bins": [dict(zip(columns, row, strict=True)) for row in rows]}

    @model_validator(mode="after")
    def _replaced_are_there(self) -> Self:
        masses = {point.mass_gev for point in self.bins}
        for each in self.mass_replacements:
            if each.digitised_gev not in masses:
                raise ValueError(f"mass_replacements: no bin is at {each.digitised_gev!r} GeV")
        return self

    def has_mass(self, mass_gev: float) -> bool:
        """Whether a bin is at a mass, as far as the axis is not scaled."""
        replaced = {each.digitised_gev: each.mass_gev for each in self.mass_replacements}
        masses = (replaced.get(point.mass_gev, point.mass_gev) for point in self.bins)
        return self.mass_factor is not None or mass_gev in masses


class Range(Publication):
    """A range of limits that a text quotes, where no curve is public.

    Parameters
    ----------
    name
        Its key in the file.
    mass_gev
        Lowest and highest mass that the range is quoted for.
    low, high
        Smallest and largest limit; null where the text gives one end only.
    verified
        Whether the numbers were read in a source and not remembered.
    """

    name: str
    mass_gev: Interval
    low: PositiveFloat | None
    high: PositiveFloat | None
    verified: bool


def read_curve(path: Path) -> CurveFile:
    """Read the file of a curve.

    Raises
    ------
    UmbraError
        If the file is missing or not YAML, a key is unknown, missing or twice there, or a value is not what it must be.
    """
    return validated(CurveFile, yaml.read(path).content, path)


def read_ranges(path: Path) -> dict[str, Range]:
    """Read the quoted ranges, by name; see `read_curve` for the errors."""
    content = yaml.read(path).content
    if content is None:
        return {}
    if not isinstance(content, Mapping) or not all(isinstance(each, Mapping) for each in content.values()):
        raise UmbraError(f"{path}: does not hold a mapping of names to ranges")
    return {
        str(name): validated(Range, {**said, "name": str(name)}, f"{path}: {name}")
        for name, said in content.items()
    }
