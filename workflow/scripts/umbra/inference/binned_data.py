"""Data as counts in the bins of the templates, or in those of a file."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hist
import numpy as np

from umbra.config.records import Category
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.variables import position
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.point import Point
from umbra.inference.data import check_inside, read_root, read_rows, read_trees, write_root

log = logging.getLogger(__name__)

_EVENTS, _BINS = ("region", "value"), ("region", "low", "high", "count")


@dataclass(frozen=True)
class Counts:
    """Counts of one category: bin edges, shape (n + 1,), and contents, shape (n,)."""

    edges: Array
    values: Array


BinnedData = Mapping[str, Counts]


@dataclass(frozen=True)
class BinnedForm:
    """Counts in bins, see `umbra.inference.data.Form`.

    Parameters
    ----------
    expectation
        The channel.
    """

    expectation: BinnedExpectation

    def expected(self, category: Category) -> Counts:
        """Expected background per bin of the axis."""
        return Counts(self.expectation.edges(category), self.expectation.data_background(category))

    def injected(
        self,
        category: Category,
        point: Point,
        strength: float,
        rng: np.random.Generator,
    ) -> Counts:
        """Expected signal per bin of the axis."""
        return Counts(
            self.expectation.edges(category), strength * injected(self.expectation, category, point)
        )

    def added(self, parts: Sequence[Counts]) -> Counts:
        """Add up bin by bin."""
        return Counts(parts[0].edges, np.sum([part.values for part in parts], axis=0))

    def drawn(self, expected: Counts, rng: np.random.Generator) -> Counts:
        """Draw each bin from a Poisson distribution."""
        return Counts(expected.edges, rng.poisson(expected.values).astype(float))

    def from_file(self, path: Path) -> dict[str, Counts]:
        """Read events or bins, see `umbra.inference.data.from_file`."""
        categories = self.expectation.channel.categories
        if path.suffix == ".root":
            columns, tables = _EVENTS, read_trees(path, categories)
        else:
            columns, tables = read_rows(path, categories, (_EVENTS, _BINS))  # type: ignore[assignment]
        if list(columns) == list(_BINS):
            data = {each.name: _bins(tables[each.name], path, each) for each in categories}
            for each in categories:
                self._check_width(data[each.name], path, each)
        else:
            data = {each.name: self._binned(tables[each.name][:, 0], path, each) for each in categories}
        log.info("%s: %s", path, {name: float(counts.values.sum()) for name, counts in data.items()})
        return data

    def _check_width(self, counts: Counts, path: Path, category: Category) -> None:
        """Refuse bins too wide to show a signal at a generated mass."""
        signal, (low, high) = self.expectation.signal(category), category.hypotheses_gev
        for mass in signal.mass_gev[(signal.mass_gev >= low) & (signal.mass_gev <= high)]:
            place, resolution = position(category.variable, mass), signal.resolution_at(mass)
            i = int(np.searchsorted(counts.edges, place, side="right")) - 1
            if 0 <= i < len(counts.values) and counts.edges[i + 1] - counts.edges[i] > resolution:
                raise UmbraError(
                    f"{path}: region {category.name}: the bin {counts.edges[i]:g}..{counts.edges[i + 1]:g} is wider "
                    f"than the resolution of {category.variable} at {mass:g} GeV, {resolution:.3g}: it hides a signal"
                )

    def _binned(self, x: Array, path: Path, category: Category) -> Counts:
        edges = self.expectation.edges(category)
        check_inside(x, edges[0], edges[-1], path, category, category.variable)
        return Counts(edges, np.histogram(x, edges)[0].astype(float))


def injected(expectation: BinnedExpectation, category: Category, point: Point) -> Array:
    """Candidates of the channel's simulated signal at the reference coupling per bin of a category's axis."""
    reading = expectation.channel.simulated
    expected, _ = expectation.signal_yield(category, point, reading)
    found: Array = expected * expectation.signal_shape(category, point.mass_gev, reading)
    return found


def axes(expectation: BinnedExpectation, data: BinnedData | None) -> dict[str, Array]:
    """Bin edges that the windows of each category are cut from: those of the data, or of the templates."""
    return {
        category.name: expectation.edges(category) if data is None else data[category.name].edges
        for category in expectation.channel.categories
    }


def write(path: Path, data: BinnedData | None) -> None:
    """Write the counts as histograms, see `umbra.inference.data.write_root`."""
    write_root(path, data, "counts", _put)


def read(path: Path) -> BinnedData | None:
    """Read what `write` wrote."""
    return read_root(path, lambda found: Counts(found.axis().edges(), found.values()))


def _put(file: Any, name: str, counts: Counts) -> None:
    filled = hist.Hist(hist.axis.Variable(counts.edges), storage=hist.storage.Double())
    filled.view()[...] = counts.values
    file[name] = filled


def _bins(table: Array, path: Path, category: Category) -> Counts:
    """Check that the bins of a file follow each other and return them."""
    where = f"{path}: region {category.name}"
    if len(table) == 0:
        raise UmbraError(f"{where} has no bins")
    low, high, count = table[np.argsort(table[:, 0])].T
    bad = ~(low < high) | (count < 0.0)
    if bad.any():
        i = int(np.argmax(bad))
        raise UmbraError(f"{where}: bin {low[i]:g}..{high[i]:g} with {count[i]:g} is not a bin with a count")
    gap = ~np.isclose(low[1:], high[:-1], rtol=1e-9, atol=0.0)
    if gap.any():
        i = int(np.argmax(gap))
        raise UmbraError(f"{where}: bins do not follow each other at {high[i]:g} and {low[i + 1]:g}")
    return Counts(np.append(low, high[-1]), count)
