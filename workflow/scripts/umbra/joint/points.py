"""What crosses the stages of a joint fit: its limits at one mass, and those of each input alone."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from umbra.core.io import read_json, write_json
from umbra.core.records import Record, Several
from umbra.core.status import Status
from umbra.statistics.results import Limit

_EXPECTED = 2


class Strengths(Record):
    """Limits on the signal strength at one mass.

    Parameters
    ----------
    status, reason
        `converged`, or why there are no numbers.
    method
        How they were calculated; empty without limits.
    observed
        `None` without data.
    expected
        At -2, -1, 0, +1, +2 standard deviations; empty without limits.
    """

    status: Status
    reason: str = ""
    method: str = ""
    observed: float | None = None
    expected: Several[float] = ()

    @classmethod
    def of(cls, limit: Limit) -> Self:
        """Take over what the engine found."""
        return cls(
            status=limit.status,
            reason=limit.reason,
            method=limit.method,
            observed=limit.observed,
            expected=tuple(each for each in limit.expected if each is not None),
        )

    @property
    def values(self) -> tuple[float | None, ...]:
        """Observed limit, and the five expected ones."""
        return (self.observed, *(self.expected or (None,) * 5))

    @property
    def median(self) -> float | None:
        """Median expected limit."""
        return self.expected[_EXPECTED] if self.expected else None


class JointPoint(Record):
    """One mass of a joint fit.

    Parameters
    ----------
    mass_gev
        Of the new particle.
    coupling_power_per_mu
        Coupling to its power at a signal strength of one, for the joint likelihood and for every input alone.
    joint
        Of all inputs that have a hypothesis here.
    alone
        Input -> its own limits, by the same method at the same level, with the same nuisance parameters.
    left_out
        Input -> why it has no hypothesis here.
    member
        Name of the workspace, `None` without one.
    """

    mass_gev: float
    coupling_power_per_mu: float
    joint: Strengths
    alone: dict[str, Strengths]
    left_out: dict[str, Strengths]
    member: str | None

    @property
    def best(self) -> tuple[str, float] | None:
        """Input with the strongest median expected limit, and that; `None` where no input has one."""
        known = {name: each.median for name, each in self.alone.items() if each.median is not None}
        return min(known.items(), key=lambda item: item[1]) if known else None

    @property
    def gain(self) -> float | None:
        """Median expected limit on the signal strength: of the best input over the joint one."""
        return None if self.best is None or not self.joint.median else self.best[1] / self.joint.median


def write(path: Path, joint: str, points: Iterable[JointPoint], provenance: Mapping[str, Any]) -> None:
    """Write the points of a block (JSON)."""
    content = [point.model_dump(mode="json") for point in points]
    write_json(path, {"joint": joint, "points": content, "provenance": dict(provenance)})


def read(path: Path) -> list[JointPoint]:
    """Read what `write` wrote of a block."""
    return [JointPoint.model_validate(each) for each in read_json(path)["points"]]
