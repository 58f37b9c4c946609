"""Hypotheses: the records that cross the stages fit, limit and table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from umbra.core.io import read_json, write_json
from umbra.core.records import Record, Several
from umbra.core.status import Status
from umbra.expectation.point import Point
from umbra.inference.workspace import Workspace, member
from umbra.statistics.results import Discovery, Limit


@dataclass(frozen=True)
class Hypothesis:
    """One point in one interpretation of the data.

    Parameters
    ----------
    point, interpretation
        What is tested.
    status, reason
        `converged` if there is a workspace, else why there is none; a reason may say what was left out.
    workspace
        `None` where no workspace could be made.
    yield_per_mu, production_per_mu, coupling_power_per_mu
        What a signal strength of 1 means: events in all categories, lowest-order cross-section in fb (averaged over the
        luminosities of the categories) or fraction of the parents' decays, times the interpretation's branching
        fraction, and the coupling to the power in which it enters, `None` where no signal tells it.
    windows
        Category -> lowest and highest value of the search variable; centre and covariance of an ellipse.
    bins
        Category -> (first bin of the axis or data, bins of it in one bin of the fit, bins of the fit).
    expected_background
        Within two resolutions of the mass, or in the window, all categories.
    """

    point: Point
    interpretation: str
    status: Status
    reason: str = ""
    workspace: Workspace | None = None
    yield_per_mu: float = 0.0
    production_per_mu: float = 0.0
    coupling_power_per_mu: float | None = 0.0
    windows: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    bins: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    expected_background: float = 0.0

    @property
    def member(self) -> str:
        """Name of its workspace in an archive."""
        return member(self.interpretation, self.point)


class TestedPoint(Record):
    """What fits and limits of a point have in common; see `Hypothesis` for what is not explained here."""

    mass_gev: float
    mass2_gev: float | None
    lifetime_mm: float | None
    interpretation: str
    status: Status
    reason: str
    yield_per_mu: float
    production: str
    production_per_mu: float
    coupling_power_per_mu: float | None

    @property
    def point(self) -> Point:
        """Masses and lifetime."""
        return Point(self.mass_gev, self.mass2_gev, self.lifetime_mm)


class FittedPoint(TestedPoint):
    """A point after the fit stage.

    Attributes
    ----------
    production
        What `production_per_mu` is: `cross_section_fb` or `branching_fraction`.
    member
        Name of its workspace, `None` without one.
    mu_hat, ..., n_bins
        Of the fit to data (`umbra.statistics.results.Discovery`), `None` without data.
    """

    member: str | None
    windows: dict[str, Several[float]]
    bins: dict[str, Several[int]]
    expected_background: float
    mu_hat: float | None = None
    mu_hat_error: float | None = None
    q0: float | None = None
    z: float | None = None
    p0: float | None = None
    chi2: float | None = None
    chi2_signal: float | None = None
    n_bins: int | None = None

    @property
    def has_data(self) -> bool:
        """Whether its workspace holds data."""
        return self.n_bins is not None

    @classmethod
    def of(cls, hypothesis: Hypothesis, found: Discovery | None, production: str) -> Self:
        """Put a hypothesis and its fit together."""
        h = hypothesis
        failed = found is not None and found.status != "converged"
        fitted = {} if found is None else {name: getattr(found, name) for name in _FITTED}
        return cls(
            mass_gev=h.point.mass_gev,
            mass2_gev=h.point.mass2_gev,
            lifetime_mm=h.point.lifetime_mm,
            interpretation=h.interpretation,
            status=found.status if failed and found else h.status,
            reason=found.reason if failed and found else h.reason,
            member=None if h.workspace is None else h.member,
            yield_per_mu=h.yield_per_mu,
            production=production,
            production_per_mu=h.production_per_mu,
            coupling_power_per_mu=h.coupling_power_per_mu,
            windows=dict(h.windows),
            bins=dict(h.bins),
            expected_background=h.expected_background,
            **fitted,
        )


_FITTED = ("mu_hat", "mu_hat_error", "q0", "z", "p0", "chi2", "chi2_signal", "n_bins")


class LimitedPoint(TestedPoint):
    """A point after the limit stage: limits on the signal strength.

    Attributes
    ----------
    method
        How they were calculated; empty without limits.
    observed
        `None` without data.
    expected
        At -2, -1, 0, +1, +2 standard deviations; empty without limits.
    observed_error, expected_error
        Statistical errors of the observed limit and of the median expected one; `None` where there were no toys.
    """

    method: str
    observed: float | None
    expected: Several[float]
    observed_error: float | None = None
    expected_error: float | None = None

    @classmethod
    def of(cls, fitted: FittedPoint, limit: Limit | None) -> Self:
        """Put a fitted point and its limit together."""
        common = {name: getattr(fitted, name) for name in TestedPoint.model_fields}
        if limit is None:
            return cls(**common, method="", observed=None, expected=())
        expected = tuple(each for each in limit.expected if each is not None)
        own = {name: getattr(limit, name) for name in _LIMITED}
        return cls(**{**common, **own}, expected=expected)

    @property
    def strengths(self) -> tuple[float | None, ...]:
        """Observed limit, and the five expected ones."""
        return (self.observed, *(self.expected or (None,) * 5))


_LIMITED = ("status", "reason", "method", "observed", "observed_error", "expected_error")


def write_points(
    path: Path, channel: str, points: Iterable[TestedPoint], provenance: Mapping[str, Any]
) -> None:
    """Write the points of a block (JSON)."""
    content = [point.model_dump(mode="json") for point in points]
    write_json(path, {"channel": channel, "points": content, "provenance": dict(provenance)})


def read_fits(path: Path) -> list[FittedPoint]:
    """Read what the fit stage wrote of a block."""
    return [FittedPoint.model_validate(each) for each in read_json(path)["points"]]


def read_limits(path: Path) -> list[LimitedPoint]:
    """Read what the limit stage wrote of a block."""
    return [LimitedPoint.model_validate(each) for each in read_json(path)["points"]]
