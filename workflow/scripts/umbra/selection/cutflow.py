"""Cutflow: how many events, and how much weight, each cut of a selection leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array


@dataclass
class Count:
    """Events, sum of weights and sum of squared weights after a cut."""

    events: int = 0
    weight: float = 0.0
    weight_squared: float = 0.0

    def add(self, weight: Array) -> None:
        """Count events of these weights; those of weight zero did not pass."""
        self.events += int(np.count_nonzero(weight))
        self.weight += float(weight.sum())
        self.weight_squared += float(weight @ weight)


@dataclass
class Cutflow:
    """Ordered counts, which add up over the batches of a sample.

    A selection names the same cuts in the same order for every batch, an empty one too.
    """

    counts: dict[str, Count] = field(default_factory=dict)

    def count(self, cut: str, weight: Array) -> None:
        """Add the events that are left after a cut.

        Parameters
        ----------
        cut
            Its name, as tables show it.
        weight
            Weights of the events, shape (n,). An event that passes with probability p has p times its weight.
        """
        self.counts.setdefault(cut, Count()).add(weight)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the counts in order, ready for JSON."""
        return [
            {"cut": cut, "events": c.events, "weight": c.weight, "weight_squared": c.weight_squared}
            for cut, c in self.counts.items()
        ]

    @classmethod
    def from_json(cls, rows: list[Mapping[str, Any]]) -> "Cutflow":
        """Build a cutflow from what `to_json` gave."""
        return cls({row["cut"]: Count(row["events"], row["weight"], row["weight_squared"]) for row in rows})

    def add(self, other: "Cutflow") -> None:
        """Add the counts of another part of the same sample.

        Raises
        ------
        UmbraError
            If the cuts are not the same.
        """
        if self.counts and list(self.counts) != list(other.counts):
            raise UmbraError(
                f"cutflows of different selections: {list(self.counts)} and {list(other.counts)}"
            )
        for cut, theirs in other.counts.items():
            mine = self.counts.setdefault(cut, Count())
            mine.events += theirs.events
            mine.weight += theirs.weight
            mine.weight_squared += theirs.weight_squared
