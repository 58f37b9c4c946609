"""What a channel expects where its windows are ellipses: backgrounds as the simulated candidates themselves.

Windows may then have any shape; all windows of a block are counted at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.records import Category, Channel
from umbra.core.kinematics import Array
from umbra.core.root import new_root_file, open_root
from umbra.expectation import signals_file
from umbra.expectation.channel import Expectation, Reading, background_scale
from umbra.expectation.ellipses import Ellipses, sums
from umbra.expectation.signal_plane import PlaneSignal

#: A background of which the simulation has fewer events than this in a window (in terms of their statistical power) is
#: averaged over an ellipse with larger half axes, by the first of these factors that holds enough of them.
FEWEST, SCALES = 25.0, (1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class Candidates:
    """Candidates in the plane of two search variables, each with a weight; shapes (n,)."""

    x: Array
    y: Array
    weight: Array


@dataclass(frozen=True)
class Expected:
    """Expected events of one background in n windows, and the statistical variance of the simulation; shapes (n,)."""

    events: Array
    variance: Array


@dataclass(frozen=True)
class UnbinnedExpectation(Expectation[PlaneSignal]):
    """Expected signal and background of a channel, as candidates.

    Parameters
    ----------
    candidates
        Category -> background -> simulated candidates, with the visible cross-section in pb as weight.
    """

    candidates: Mapping[str, Mapping[str, Candidates]]

    def background(self, category: Category, windows: Ellipses, reading: Reading) -> dict[str, Expected]:
        """Expected events of each background in each window, averaged around it where the simulation is short."""
        scale = float(background_scale(reading, partial(np.zeros, 1)))  # a plane has one number
        return {
            name: expected_events(each, windows, self._per_pb(name, category, reading) * scale)
            for name, each in self.candidates[category.name].items()
        }

    def data_background(self, category: Category) -> list[Candidates]:
        """Candidates that pseudo-data are drawn from, with expected numbers as weights."""
        return [
            Candidates(each.x, each.y, each.weight * self._per_pb(name, category, None))
            for name, each in self.candidates[category.name].items()
        ]

    def write_backgrounds(self, path: Path) -> None:
        """Write the candidates (ROOT)."""
        write(path, self.candidates)

    def _per_pb(self, background: str, category: Category, reading: Reading) -> float:
        return self.produced_per_unit(self.channel.samples[background], category, reading)


def expected_events(candidates: Candidates, windows: Ellipses, scale: float) -> Expected:
    """Events in each window, from weighted candidates and a factor that turns weights into events.

    Where fewer than `FEWEST` effective events are inside, their density in an ellipse that is larger by the first of
    `SCALES` that holds enough of them (or by the largest) stands for that in the window.
    """
    found = sums(windows, candidates.x, candidates.y, (candidates.weight, candidates.weight**2), SCALES)
    weight, square = found[..., 0], found[..., 1]
    effective = np.divide(weight**2, square, out=np.zeros_like(weight), where=square > 0.0)
    enough = effective >= FEWEST
    enough[:, -1] = True
    rows, chosen = np.arange(len(windows)), np.argmax(enough, axis=1)
    area = np.square(SCALES)[chosen]
    return Expected(scale * weight[rows, chosen] / area, scale**2 * square[rows, chosen] / area**2)


def write(path: Path, candidates: Mapping[str, Mapping[str, Candidates]]) -> None:
    """Write one tree `<category>/<background>` each, with the branches x, y and weight."""
    with new_root_file(path) as file:
        for category, backgrounds in candidates.items():
            for name, points in backgrounds.items():
                put_tree(file, f"{category}/{name}", points)


def read(path: Path, backgrounds: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Candidates]]:
    """Read the candidates of the given categories and backgrounds.

    Raises
    ------
    UmbraError
        If the file is missing, truncated or lacks one of them.
    """
    with open_root(path, "not a readable file of candidates") as file:
        return {
            category: {name: get_tree(file[f"{category}/{name}"]) for name in names}
            for category, names in backgrounds.items()
        }


def put_tree(file: Any, name: str, candidates: Candidates) -> None:
    """Write candidates into an open ROOT file, as a tree with the branches x, y and weight."""
    file.mktree(name, {column: np.dtype(float) for column in vars(candidates)})
    file[name].extend(vars(candidates))


def get_tree(tree: Any) -> Candidates:
    """Read what `put_tree` wrote."""
    return Candidates(**tree.arrays(library="np"))


def read_expectation(channel: Channel, signals: Path, candidates: Path) -> UnbinnedExpectation:
    """Read what `umbra.expectation.building.make` wrote."""
    found = signals_file.read(signals, PlaneSignal.from_json)
    names = {each.name: each.backgrounds for each in channel.categories}
    return UnbinnedExpectation(channel, found, read(candidates, names))
