"""Published limits as binned facts, each with its citation and the origin of its digitisation.

Numbers are stored as they were digitised (`umbra.config.published`); a documented defect of a digitisation is corrected
on loading by a named step of the file, so that both can be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from umbra.config.published import CurveFile, CurveText, Range, read_curve, read_ranges
from umbra.config.records import Compared
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.validation.limit import Limit

#: Name of a file of quoted ranges, of which there is one in each folder of published limits.
RANGES = "ranges.yaml"


@dataclass(frozen=True, kw_only=True)
class Bin:
    """A bin of a published limit; see `umbra.config.published.Point` for what is not explained here.

    Parameters
    ----------
    digitised_mass_gev
        Mass as digitised.
    mass_gev
        The same after the corrections of the file.
    """

    digitised_mass_gev: float
    mass_gev: float
    limit: float
    limit_p16: float
    limit_p84: float
    points: int
    expected_minus2: float | None = None
    expected_minus1: float | None = None
    expected: float | None = None
    expected_plus1: float | None = None
    expected_plus2: float | None = None
    lifetime_mm: float | None = None

    def of_kind(self, kind: Compared) -> Limit:
        """Its expected limit, or the observed one also where no other is published."""
        if (
            kind == "observed"
            or self.expected is None
            or self.expected_minus1 is None
            or self.expected_plus1 is None
        ):
            return Limit("observed", self.limit, (self.limit_p16, self.limit_p84))
        return Limit("expected", self.expected, (self.expected_minus1, self.expected_plus1))


class Curve(CurveText):
    """One published limit.

    Parameters
    ----------
    name
        Stem of its file.
    bins
        The points.
    """

    name: str
    bins: tuple[Bin, ...]

    def compared(self, each: Bin, kind: Compared) -> Limit:
        """What ours of a kind are compared with in a bin: see `Bin.of_kind`; a projection is what is expected."""
        limit = each.of_kind(kind)
        return Limit("expected", limit.value) if self.projection else limit

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


def load_curve(path: Path | str) -> Curve:
    """Load one curve and apply the corrections that its file states; see `umbra.config.published.read_curve`."""
    path = Path(path)
    file = read_curve(path)
    masses = _corrected(np.array([point.mass_gev for point in file.bins]), file)
    bins = tuple(
        Bin(digitised_mass_gev=point.mass_gev, **{**point.model_dump(), "mass_gev": mass})
        for point, mass in zip(file.bins, masses.tolist(), strict=True)
    )
    return Curve(name=path.stem, bins=bins, **{name: getattr(file, name) for name in CurveText.model_fields})


def load_curves(files: Iterable[Path | str]) -> dict[str, Curve]:
    """Load all curves among files of published limits, by name and in the order of names."""
    paths = [path for path in map(Path, files) if path.name != RANGES]
    return {path.stem: load_curve(path) for path in sorted(paths, key=lambda path: path.stem)}


def load_ranges(files: Iterable[Path | str]) -> dict[str, Range]:
    """Load all quoted ranges among files of published limits, by name; the first file that has a name counts."""
    ranges: dict[str, Range] = {}
    for path in (path for path in map(Path, files) if path.name == RANGES):
        ranges = read_ranges(path) | ranges
    return ranges


def of_portal(curves: Mapping[str, Curve], portal: str, quantity: str) -> Sequence[Curve]:
    """Curves of one portal and quantity, in the order of names."""
    return [curve for curve in curves.values() if curve.portal == portal and curve.quantity == quantity]


def _corrected(mass_gev: Array, file: CurveFile) -> Array:
    """Apply the factor and the replacements that a file states, in this order."""
    corrected = mass_gev
    if file.mass_factor is not None:
        corrected = file.mass_factor.factor * corrected
    for replacement in file.mass_replacements:
        corrected = np.where(mass_gev == replacement.digitised_gev, replacement.mass_gev, corrected)
    return corrected
