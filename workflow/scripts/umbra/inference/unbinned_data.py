"""Data as weighted points in the plane of two search variables."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from umbra.config.records import Category
from umbra.core.errors import UmbraError
from umbra.expectation.point import Point
from umbra.expectation.unbinned import Candidates, UnbinnedExpectation, get_tree, put_tree
from umbra.inference.data import check_inside, read_root, read_rows, read_trees, variables, write_root

log = logging.getLogger(__name__)

UnbinnedData = Mapping[str, Candidates]

_EVENTS = ("region", "value", "value2")
#: Points that stand for an injected signal.
_SIGNAL_POINTS = 10_000


@dataclass(frozen=True)
class UnbinnedForm:
    """Points, see `umbra.inference.data.Form`.

    Asimov data are the simulated candidates with their expected numbers as weights, a toy has each of them as often as
    a Poisson distribution of that mean says.

    Parameters
    ----------
    expectation
        The channel.
    """

    expectation: UnbinnedExpectation

    def expected(self, category: Category) -> Candidates:
        """Simulated candidates of all backgrounds."""
        nothing = Candidates(np.zeros(0), np.zeros(0), np.zeros(0))
        return self.added([nothing, *self.expectation.data_background(category)])

    def injected(
        self, category: Category, point: Point, strength: float, rng: np.random.Generator
    ) -> Candidates:
        """Points of a Gaussian with the simulated covariance, and the yield of its window."""
        main = self.expectation.channel.main
        signal = self.expectation.signal(category, main)
        if not signal.covers(point):
            raise UmbraError(
                f"channel {self.expectation.channel.name}: data/inject: no signal is simulated at {point}"
            )
        expected, _ = self.expectation.signal_yield(category, point, main)
        window = signal.windows([point])
        ((xx, xy, yy),) = window.covariance
        x, y = rng.multivariate_normal(window.centre[0], [[xx, xy], [xy, yy]], _SIGNAL_POINTS).T
        # The yield is that inside of the window.
        inside = window.distance2(np.zeros(len(x), int), *(np.stack([x, y]) - window.centre.T)) < 1.0
        return Candidates(x, y, np.full(len(x), strength * expected / inside.sum()))

    def added(self, parts: Sequence[Candidates]) -> Candidates:
        """Put all points together."""
        return Candidates(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y", "weight"))
        )

    def drawn(self, expected: Candidates, rng: np.random.Generator) -> Candidates:
        """Draw how often each point is there."""
        times = rng.poisson(expected.weight)
        return Candidates(
            np.repeat(expected.x, times), np.repeat(expected.y, times), np.ones(int(times.sum()))
        )

    def from_file(self, path: Path) -> dict[str, Candidates]:
        """Read events, see `umbra.inference.data.from_file`."""
        categories = self.expectation.channel.categories
        if path.suffix == ".root":
            tables = read_trees(path, categories)
        else:
            _, tables = read_rows(path, categories, (_EVENTS,))
        data = {}
        for category in categories:
            table = tables[category.name]
            simulated = self.expectation.signals[category.name][category.signal].search_range
            for column, name, (low, high) in zip(table.T, variables(category), simulated, strict=True):
                check_inside(column, low, high, path, category, name)
            data[category.name] = Candidates(table[:, 0], table[:, 1], np.ones(len(table)))
        log.info("%s: %s", path, {name: len(points.x) for name, points in data.items()})
        return data


def write(path: Path, data: UnbinnedData | None) -> None:
    """Write the points as trees, see `umbra.inference.data.write_root`."""
    write_root(path, data, "points", put_tree)


def read(path: Path) -> UnbinnedData | None:
    """Read what `write` wrote."""
    return read_root(path, get_tree)
