"""What a kind of fit has to offer, so that stages need not know which it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from umbra.config.records import Channel, Data, Interpretation
from umbra.expectation.point import Point
from umbra.inference.hypothesis import Hypothesis


class Method(Protocol):
    """A kind of fit. Expectation and data have the form that its windows need, and are passed on as they come."""

    def expectation(self, channel: Channel, signals: Path, background: Path) -> Any:
        """Put a channel together from its record and what `umbra.expectation.building` wrote."""

    def make_data(self, expectation: Any, settings: Data) -> Any:
        """Return what plays the part of the data, `None` where that is the expectation itself."""

    def write_data(self, path: Path, data: Any) -> None:
        """Write what `make_data` returned."""

    def read_data(self, path: Path) -> Any:
        """Read what `write_data` wrote."""

    def hypotheses(
        self, expectation: Any, data: Any, points: Sequence[Point], interpretation: Interpretation
    ) -> list[Hypothesis]:
        """Build the workspaces of points in one interpretation, in their order, or say why there is none."""
