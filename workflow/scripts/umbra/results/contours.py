"""`contours.csv`: outlines of excluded regions that have an upper edge, or that lie in the plane of two masses."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from umbra.core.errors import UmbraError
from umbra.core.io import atomic_open
from umbra.core.vocabulary import COUPLINGS
from umbra.results.limits import KEYS, VALUES, Key

#: What the ordinate of a contour may be: a coupling, or the second mass.
ORDINATES = (*COUPLINGS, "mass2_gev")
_COLUMNS = ("quantity", "level", "contour", "mass_gev", "value")


@dataclass(frozen=True, kw_only=True)
class Contour:
    """One closed curve; the last point is followed by the first.

    Parameters
    ----------
    quantity
        What the ordinate is, one of `ORDINATES`.
    level
        Which limit it belongs to, one of `umbra.results.limits.VALUES`.
    mass_gev, value
        Points along the curve, in order.
    model, luminosity_fb, lifetime_mm
        Which limits it belongs to, as in `umbra.results.limits`; None where the channel has one value.
    benchmark
        Value of the coupling that excludes the inside, where the ordinate is the second mass; else None.
    """

    quantity: str
    level: str
    mass_gev: tuple[float, ...]
    value: tuple[float, ...]
    model: str | None = None
    luminosity_fb: float | None = None
    lifetime_mm: float | None = None
    benchmark: float | None = None

    @property
    def key(self) -> Key:
        """As that of the rows of `limits.csv` that it belongs to, without a second mass."""
        return (self.model, None, self.luminosity_fb, self.lifetime_mm)


_KEYS = (*(name for name in KEYS if name != "mass2_gev"), "benchmark")


def check_contour(contour: Contour, where: str) -> None:
    """Refuse a contour that breaks the contract of the table.

    Raises
    ------
    UmbraError
        Naming `where` and the offending value.
    """
    if contour.quantity not in ORDINATES:
        raise UmbraError(f"{where}: quantity {contour.quantity!r} is not one of {', '.join(ORDINATES)}")
    if contour.level not in VALUES:
        raise UmbraError(f"{where}: level {contour.level!r} is not one of {', '.join(VALUES)}")
    if len(contour.mass_gev) != len(contour.value) or len(contour.value) < 3:
        raise UmbraError(
            f"{where}: {len(contour.mass_gev)} masses and {len(contour.value)} values make no closed curve"
        )
    for number in (*contour.mass_gev, *contour.value):
        if not (math.isfinite(number) and number >= 0.0):
            raise UmbraError(f"{where}: {number!r} stands where a finite number >= 0 is needed")


def write_contours(path: Path | str, contours: Sequence[Contour]) -> None:
    """Write `contours.csv`, whole or not at all, one point a line; the same contours give the same bytes.

    Raises
    ------
    UmbraError
        If a contour is not valid, or a key is set in some of them only.
    """
    keys = [name for name in _KEYS if any(getattr(contour, name) is not None for contour in contours)]
    for contour in contours:
        check_contour(contour, str(path))
        for name in keys:
            if getattr(contour, name) is None:
                raise UmbraError(f"{path}: {name} is missing in a contour, but others have it")
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*keys, *_COLUMNS])
        for number, contour in enumerate(contours):
            head = [_text(getattr(contour, name)) for name in keys]
            for mass, value in zip(contour.mass_gev, contour.value, strict=True):
                writer.writerow([*head, contour.quantity, contour.level, number, _text(mass), _text(value)])


def read_contours(path: Path | str) -> list[Contour]:
    """Read `contours.csv` by the names of its columns and check it.

    Raises
    ------
    UmbraError
        If the file is missing, a column is unknown or missing, or a contour is not valid.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UmbraError(f"{path}: not readable: {error}") from error
    reader = csv.DictReader(io.StringIO(text), strict=True)
    header = reader.fieldnames or []
    if not set(_COLUMNS) <= set(header) <= {*_KEYS, *_COLUMNS}:
        raise UmbraError(f"{path}: header {','.join(header)} is not [{','.join(_KEYS)},]{','.join(_COLUMNS)}")
    found = []
    for number, points in groupby(reader, key=lambda line: line["contour"]):
        found.append(_contour(list(points), f"{path}, contour {number}"))
    return found


def _contour(points: Sequence[Mapping[str, str]], where: str) -> Contour:
    first = points[0]
    try:
        contour = Contour(
            quantity=first["quantity"],
            level=first["level"],
            mass_gev=tuple(float(point["mass_gev"]) for point in points),
            value=tuple(float(point["value"]) for point in points),
            model=first.get("model"),
            luminosity_fb=float(first["luminosity_fb"]) if "luminosity_fb" in first else None,
            lifetime_mm=float(first["lifetime_mm"]) if "lifetime_mm" in first else None,
            benchmark=float(first["benchmark"]) if "benchmark" in first else None,
        )
    except (TypeError, ValueError) as error:
        raise UmbraError(f"{where}: {error}") from error
    check_contour(contour, where)
    return contour


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else repr(float(value))
