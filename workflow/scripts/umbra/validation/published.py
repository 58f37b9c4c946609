"""Published limits as binned facts, each with its citation and the origin of its digitisation.

A curve is one file `config/published/<curve>.yaml`; ranges that only a text quotes stand in
`config/published/ranges.yaml`. Numbers are stored as they were digitised; a documented defect of a
digitisation is corrected on loading by a named step of the file, so that both can be seen.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.vocabulary import PORTALS, QUANTITIES

#: What a curve's points are: an upper limit as a function of mass; the lower edge of an excluded region; the
#: points along the outline of an excluded region, in order; points of both edges whose order is lost.
SHAPES = ("upper_limit", "lower_edge", "contour", "points")


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Digitised points of a published limit inside one mass bin.

    Parameters
    ----------
    digitised_mass_gev
        Mass as digitised.
    mass_gev
        The same after the corrections of the file.
    limit
        Median of the digitised limit in the bin, in the unit that the curve's quantity ends with.
    limit_p16, limit_p84
        16% and 84% quantiles of the digitised limit in the bin.
    points
        How many digitised points the bin has.
    lifetime_mm
        Proper decay length for which the limit holds; None where the limit does not depend on it.
    """

    digitised_mass_gev: float
    mass_gev: float
    limit: float
    limit_p16: float
    limit_p84: float
    points: int
    lifetime_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One published limit.

    Parameters
    ----------
    name
        Stem of its file.
    label
        Short name for legends, with mathtext.
    experiment, arxiv, citation
        Who published it and where; `arxiv` is None where the compilation does not say.
    portal
        Summary plot that it belongs to.
    quantity
        One of `umbra.core.vocabulary.QUANTITIES`.
    definition
        What the quantity is, and with which assumptions.
    confidence
        Confidence or credibility level as the source states it.
    confidence_level
        The same as a fraction; None where the source leaves it open.
    luminosity
        Amount of data as the source states it.
    origin
        Public compilation that the points were digitised in.
    shape
        One of `SHAPES`.
    projection
        Whether it is a projection and not a measurement.
    remark
        What a reader must know before using it.
    bins
        The points.
    """

    name: str
    label: str
    experiment: str
    arxiv: str | None
    citation: str
    portal: str
    quantity: str
    definition: str
    confidence: str
    confidence_level: float | None
    luminosity: str
    origin: str
    shape: str
    projection: bool
    remark: str
    bins: tuple[Bin, ...]

    def at_lifetime(self, lifetime_mm: float | None) -> tuple[Bin, ...]:
        """Bins of one lifetime.

        Raises
        ------
        UmbraError
            If the curve has none.
        """
        chosen = tuple(each for each in self.bins if each.lifetime_mm == lifetime_mm)
        if not chosen:
            raise UmbraError(f"published curve {self.name}: no bin has lifetime_mm={lifetime_mm!r}")
        return chosen

    @property
    def lifetimes_mm(self) -> tuple[float | None, ...]:
        """Lifetimes of the bins, rising; (None,) where the limit does not depend on it."""
        found = {each.lifetime_mm for each in self.bins}
        return tuple(sorted(found, key=lambda lifetime: -1.0 if lifetime is None else lifetime))


@dataclass(frozen=True, kw_only=True)
class Range:
    """A range of limits that a text quotes, where no curve is public.

    Parameters
    ----------
    name, experiment, arxiv, citation, portal, quantity, definition, confidence, luminosity, origin, remark
        As for `Curve`.
    mass_low_gev, mass_high_gev
        Masses that the range is quoted for.
    low, high
        Smallest and largest limit; None where the text gives one end only.
    verified
        Whether the numbers were read in a source and not remembered.
    """

    name: str
    experiment: str
    arxiv: str | None
    citation: str
    portal: str
    quantity: str
    definition: str
    confidence: str
    luminosity: str
    origin: str
    remark: str
    mass_low_gev: float
    mass_high_gev: float
    low: float | None
    high: float | None
    verified: bool


_TEXTS = ("experiment", "citation", "definition", "confidence", "luminosity", "origin", "remark")
_COMMON = (*_TEXTS, "arxiv", "portal", "quantity")
_OF_CURVE = (*_COMMON, "label", "confidence_level", "shape", "projection")
_CORRECTIONS = {"mass_factor", "mass_stretch", "mass_replacements"}
_OF_RANGE = (*_COMMON, "low", "high", "verified")
_COLUMNS = ("mass_gev", "limit", "limit_p16", "limit_p84", "points")


def load_curve(path: Path | str) -> Curve:
    """Load one curve and apply the corrections that its file states.

    Raises
    ------
    UmbraError
        If the file is missing or not YAML, a key is unknown or missing, or a value is not what it must be.
    """
    path = Path(path)
    content = _read(path)
    _check_keys(content, {*_OF_CURVE, "columns", "bins"}, _CORRECTIONS, str(path))
    _check_words(content, str(path))
    if content["shape"] not in SHAPES:
        raise UmbraError(f"{path}: shape {content['shape']!r} is not one of {', '.join(SHAPES)}")
    level = content["confidence_level"]
    if level is not None and not (isinstance(level, float) and 0.0 < level < 1.0):
        raise UmbraError(f"{path}: confidence_level {level!r} is neither null nor between 0 and 1")
    return Curve(
        name=path.stem, bins=_bins(content, str(path)), **{name: content[name] for name in _OF_CURVE}
    )


#: Name of a file of quoted ranges, of which there is one in each folder of published limits.
RANGES_FILE = "ranges.yaml"


def load_curves(files: Iterable[Path | str]) -> dict[str, Curve]:
    """Load all curves among files of published limits, by name and in the order of names."""
    paths = [path for path in map(Path, files) if path.name != RANGES_FILE]
    return {path.stem: load_curve(path) for path in sorted(paths, key=lambda path: path.stem)}


def load_all_ranges(files: Iterable[Path | str]) -> dict[str, Range]:
    """Load all quoted ranges among files of published limits, by name; the first file that has a name counts."""
    ranges: dict[str, Range] = {}
    for path in (path for path in map(Path, files) if path.name == RANGES_FILE):
        ranges = load_ranges(path) | ranges
    return ranges


def load_ranges(path: Path | str) -> dict[str, Range]:
    """Load the quoted ranges of one file, by name.

    Raises
    ------
    UmbraError
        As `load_curve`.
    """
    ranges = {}
    for name, content in _read(Path(path)).items():
        where = f"{path}, {name}"
        if not isinstance(content, dict):
            raise UmbraError(f"{where}: {content!r} is not a mapping")
        _check_keys(content, {*_OF_RANGE, "mass_gev"}, set(), where)
        _check_words(content, where)
        ends = content["mass_gev"]
        if not (isinstance(ends, list) and len(ends) == 2 and all(_is_number(end) for end in ends)):
            raise UmbraError(f"{where}: mass_gev {ends!r} is not a pair of numbers")
        for end in ("low", "high"):
            if content[end] is not None and not (_is_number(content[end]) and content[end] > 0.0):
                raise UmbraError(f"{where}: {end} {content[end]!r} is neither null nor a positive number")
        ranges[name] = Range(
            name=name,
            mass_low_gev=float(ends[0]),
            mass_high_gev=float(ends[1]),
            **{key: content[key] for key in _OF_RANGE},
        )
    return ranges


def unstretch(mass_gev: Array, offset: float, slope: float, from_gev: float, ratio: float) -> Array:
    """Undo a mass axis that a digitisation stretched by an amount that grows with the logarithm of the mass.

    Parameters
    ----------
    mass_gev
        Digitised masses, any shape.
    offset, slope
        The digitised mass is 1 + `offset` times too large below `from_gev` and 1 + `offset` + `slope` times
        above `from_gev` x `ratio`, with a straight line in ln(mass) between.
    from_gev, ratio
        Where the growth starts, and over which factor in mass it lasts.

    Returns
    -------
    numpy.ndarray
        True masses, shape of `mass_gev`.
    """
    progress = np.clip(np.log(mass_gev / from_gev) / math.log(ratio), 0.0, 1.0)
    true: Array = mass_gev / (1.0 + offset + slope * progress)
    return true


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UmbraError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise UmbraError(f"{path}: holds no mapping")
    return content


def _check_keys(content: Mapping[str, Any], needed: set[str], optional: set[str], where: str) -> None:
    unknown = sorted(set(content) - needed - optional)
    missing = sorted(needed - set(content))
    if unknown or missing:
        raise UmbraError(f"{where}: unknown keys {unknown}, missing keys {missing}")


def _check_words(content: Mapping[str, Any], where: str) -> None:
    for name in _TEXTS:
        if not isinstance(content[name], str):
            raise UmbraError(f"{where}: {name} {content[name]!r} is not text")
    if content["arxiv"] is not None and not isinstance(content["arxiv"], str):
        raise UmbraError(f"{where}: arxiv {content['arxiv']!r} is neither text (quote it) nor null")
    if content["portal"] not in PORTALS:
        raise UmbraError(f"{where}: portal {content['portal']!r} is not one of {', '.join(PORTALS)}")
    if content["quantity"] not in QUANTITIES:
        raise UmbraError(f"{where}: quantity {content['quantity']!r} is not one of {', '.join(QUANTITIES)}")


def _bins(content: Mapping[str, Any], where: str) -> tuple[Bin, ...]:
    columns = content["columns"]
    if columns not in ([*_COLUMNS], ["lifetime_mm", *_COLUMNS]):
        raise UmbraError(f"{where}: columns {columns!r} are not [lifetime_mm,] {', '.join(_COLUMNS)}")
    rows = content["bins"]
    for row in rows:
        if not (isinstance(row, list) and len(row) == len(columns) and all(_is_number(cell) for cell in row)):
            raise UmbraError(f"{where}: bin {row!r} does not hold {len(columns)} numbers")
        numbers = dict(zip(columns, row, strict=True))
        quantiles = [numbers["limit_p16"], numbers["limit"], numbers["limit_p84"]]
        if numbers["mass_gev"] < 0.0 or quantiles != sorted(quantiles) or quantiles[0] <= 0.0:
            raise UmbraError(f"{where}: bin {row!r} needs mass >= 0 and 0 < limit_p16 <= limit <= limit_p84")
    table = np.array(rows, dtype=float)
    masses = _corrected(table[:, columns.index("mass_gev")], content, where)
    return tuple(
        Bin(digitised_mass_gev=numbers.pop("mass_gev"), mass_gev=float(mass), **numbers)
        for numbers, mass in zip((dict(zip(columns, row, strict=True)) for row in rows), masses, strict=True)
    )


def _corrected(mass_gev: Array, content: Mapping[str, Any], where: str) -> Array:
    """Apply the factor, the stretch and the replacements that a file states, in this order."""
    corrected = mass_gev
    if "mass_factor" in content:
        factor = content["mass_factor"]
        _check_keys(factor, {"factor", "source"}, set(), f"{where}, mass_factor")
        corrected = float(factor["factor"]) * corrected
    if "mass_stretch" in content:
        stretch = content["mass_stretch"]
        names = ("offset", "slope", "from_gev", "ratio")
        _check_keys(stretch, {*names, "source"}, set(), f"{where}, mass_stretch")
        corrected = unstretch(corrected, **{name: float(stretch[name]) for name in names})
    for replacement in content.get("mass_replacements", ()):
        needed = {"digitised_gev", "mass_gev", "source"}
        _check_keys(replacement, needed, set(), f"{where}, mass_replacements")
        hit = mass_gev == replacement["digitised_gev"]
        if not hit.any():
            raise UmbraError(f"{where}: mass_replacements: no bin is at {replacement['digitised_gev']!r} GeV")
        corrected = np.where(hit, replacement["mass_gev"], corrected)
    return corrected


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def of_portal(curves: Mapping[str, Curve], portal: str, quantity: str) -> Sequence[Curve]:
    """Curves of one portal and quantity, in the order of names."""
    return [curve for curve in curves.values() if curve.portal == portal and curve.quantity == quantity]
