"""Signal injection: whether a channel gives back the signal that is put into pseudo-data.

At a few hypotheses of the main interpretation a signal of known strength is added to the expected background, many
pseudo-experiments are drawn, and each is fitted as data would be. The signal's own uncertainties are left out, because
pseudo-data do not fluctuate with them; all that is constrained by auxiliary measurements fluctuates with those.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from umbra.core import seeds
from umbra.core.io import read_json, write_json
from umbra.core.kinematics import Array
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.channel import coupling_power
from umbra.expectation.point import Point
from umbra.inference import workspace
from umbra.inference.binned_data import injected
from umbra.inference.hypothesis import FittedPoint, read_fits
from umbra.inference.methods.method import Method
from umbra.inference.methods.peak import Peak
from umbra.inference.workspace import Workspace
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.likelihood import Data
from umbra.statistics.model import Model
from umbra.statistics.profile import Hypotheses, prepare, profile
from umbra.statistics.significance import signal_fits
from umbra.statistics.toys import draw

log = logging.getLogger(__name__)

TOYS = 1000
#: Injected signal, in standard deviations of the background.
SIGNIFICANCE = 5.0
#: With fewer expected background events the pulls are no Gaussian, and coverage is looked at instead.
FEW_EVENTS = 25.0
#: Events that are injected at least.
_FEWEST_INJECTED = 8.0
#: Masses of the scan that are looked at, as fractions of its length.
_PLACES = (0.25, 0.75)
#: Shifts of the mass that are tried, in resolutions.
_SHIFTS = np.linspace(-1.5, 1.5, 13)
#: Pseudo-experiments in which the best mass is looked for: five deviations tell it to a fifth of a resolution.
_MASS_TOYS = 250
#: Twice the log-likelihood ratio that a 90 % interval reaches up to.
_INTERVAL_90 = 2.705543
#: Signal uncertainties that are left out.
_CERTAIN = ("signal_efficiency", "luminosity", "signal_statistics", "parents")


@dataclass(frozen=True, kw_only=True)
class Injection:
    """What came back at one hypothesis.

    Parameters
    ----------
    mass_gev
        Mass of the injected signal; `member` names the hypothesis in full.
    kind
        `gaussian`, or `few_events` where pulls are not expected to be normal.
    injected_yield, mean_yield, mean_yield_error
        Events put in, and the mean of what was found.
    pull_mean, pull_width
        Of (found - injected) / error.
    coverage_90
        Share of the 90 % intervals (one bin: upper limits) that hold the injected strength.
    coupling_ratio
        Injected coupling over the one that the fitted strength stands for, without fluctuations; `None` where the
        hypothesis is more than a mass.
    mass_shift, mass_shift_error
        Mean of (found - injected mass) in resolutions; `None` for a count.
    failed_fits
        Pseudo-experiments without a fit, of `toys`.
    """

    channel: str
    member: str
    mass_gev: float
    kind: str
    toys: int
    failed_fits: int
    injected_yield: float
    mean_yield: float
    mean_yield_error: float
    pull_mean: float
    pull_width: float
    coverage_90: float
    coupling_ratio: float | None
    mass_shift: float | None
    mass_shift_error: float | None


def study(
    method: Method,
    expectation: Any,
    fits: Sequence[Path],
    archives: Sequence[Path],
    output: Path,
    provenance: Mapping[str, Any],
    toys: int = TOYS,
) -> None:
    """Inject signals into a channel and write what came back (JSON).

    Parameters
    ----------
    method, expectation
        The channel's.
    fits, archives
        Output of the fit stage, block by block.
    output
        JSON file.
    provenance
        Written into it.
    toys
        Pseudo-experiments at each hypothesis.
    """
    found, name = [], expectation.channel.name
    for point, specification in _chosen(fits, archives, expectation.channel.simulated.name):
        rng = seeds.generator(name, "injection", str(point.member))
        found.append(_injection(method, expectation, point, certain(specification), toys, rng))
        log.info("%s", found[-1])
    write_json(output, {"injections": [asdict(each) for each in found], "provenance": dict(provenance)})


def read(path: Path) -> list[Injection]:
    """Read what `study` wrote."""
    return [Injection(**each) for each in read_json(path)["injections"]]


def certain(specification: Workspace) -> Workspace:
    """Copy a workspace without the uncertainties of the signal."""
    channels = []
    for channel in specification["channels"]:
        samples = [
            sample
            | {
                "modifiers": [
                    modifier
                    for modifier in sample["modifiers"]
                    if sample["name"] != "signal" or not modifier["name"].startswith(_CERTAIN)
                ]
            }
            for sample in channel["samples"]
        ]
        channels.append(channel | {"samples": samples})
    return specification | {"channels": channels}


def _chosen(
    fits: Sequence[Path], archives: Sequence[Path], interpretation: str
) -> list[tuple[FittedPoint, Workspace]]:
    """Hypotheses of one interpretation at `_PLACES` of the scan, with their workspaces."""
    usable = [
        (point, archive)
        for path, archive in zip(fits, archives, strict=True)
        for point in read_fits(path)
        if point.interpretation == interpretation and point.status == "converged"
    ]
    places = sorted({round(place * (len(usable) - 1)) for place in _PLACES})
    return [(usable[i][0], workspace.read_archive(usable[i][1])[str(usable[i][0].member)]) for i in places]


def _injection(
    method: Method,
    expectation: Any,
    point: FittedPoint,
    specification: Workspace,
    toys: int,
    rng: np.random.Generator,
) -> Injection:
    model = compile_workspace(specification)
    one = prepare([model])
    strength = _strength(one, point)
    theta = one.background.theta.copy()
    theta[0, one.poi] = strength
    # Per-bin parameters follow the data they are seen with, so these are the ones that the signal belongs to.
    expected = one.asimov.observed.copy()
    expected[0, : model.n_bins] += strength * _signal(specification)
    data = draw(one.batch, one.asimov._replace(observed=expected), theta, toys, rng)
    hypotheses = prepare([model] * toys, data)
    found = signal_fits(hypotheses)
    good = found.fit.converged & np.isfinite(found.error)
    mu, error = found.fit.theta[:, one.poi], found.error
    # A fit that ends where a bin would expect less than nothing has found its smallest signal.
    usable = good | found.edge
    unit = point.yield_per_mu
    pulls = (mu[good] - strength) / error[good]
    shift = None
    if isinstance(method, Peak):
        shift = _mass_shift(method, expectation, point, data.take(np.arange(min(toys, _MASS_TOYS))))
    return Injection(
        channel=expectation.channel.name,
        member=str(point.member),
        mass_gev=point.mass_gev,
        kind="few_events" if point.expected_background < FEW_EVENTS else "gaussian",
        toys=toys,
        failed_fits=int((~usable).sum()),
        injected_yield=strength * unit,
        mean_yield=float(mu[usable].mean()) * unit,
        mean_yield_error=float(mu[usable].std() / np.sqrt(usable.sum())) * unit,
        pull_mean=float(pulls.mean()),
        pull_width=float(pulls.std()),
        coverage_90=_coverage(hypotheses, model, specification, strength, found.fit.value),
        coupling_ratio=_coupling_ratio(expectation, point, specification),
        mass_shift=None if shift is None else float(shift.mean()),
        mass_shift_error=None if shift is None else float(shift.std() / np.sqrt(len(shift))),
    )


def _strength(one: Hypotheses, point: FittedPoint) -> float:
    known = one.sigma[0] if np.isfinite(one.sigma[0]) else 0.0
    return float(max(SIGNIFICANCE * known, _FEWEST_INJECTED / point.yield_per_mu))


def _coverage(
    hypotheses: Hypotheses, model: Model, specification: Workspace, strength: float, best: Array
) -> float:
    """Share of pseudo-experiments whose 90 % interval holds the strength: for a count, whose upper limit is above."""
    if model.n_bins == 1:
        return _coverage_of_limits(hypotheses.data.observed[:, 0], specification, strength)
    lanes = np.arange(len(hypotheses))
    here = profile(
        hypotheses,
        lanes,
        hypotheses.data,
        np.full(len(lanes), strength),
        hypotheses.best.theta,
        np.minimum(best, hypotheses.best.value),
    )
    return float((np.square(here.root) <= _INTERVAL_90).mean())


def _coverage_of_limits(counts: Array, specification: Workspace, strength: float) -> float:
    different, place = np.unique(counts, return_inverse=True)
    name = specification["channels"][0]["name"]
    observed = [specification | {"observations": [{"name": name, "data": [n]}]} for n in different.tolist()]
    limits = upper_limits(observed, LimitSettings(method="bayesian", cl=0.9))
    above = [limit.observed is not None and limit.observed >= strength for limit in limits]
    return float(np.array(above)[place].mean())


def _coupling_ratio(expectation: Any, point: FittedPoint, specification: Workspace) -> float | None:
    """Signal that a coupling puts into pseudo-data over the one that the fit's conversion expects of it."""
    per_mu = point.coupling_power_per_mu
    if not isinstance(expectation, BinnedExpectation) or point.lifetime_mm is not None or per_mu is None:
        return None
    power = coupling_power(expectation.channel.simulated)
    assert power is not None, "a coupling has a reference"
    # The signal of pseudo-data is that of the reference coupling, times this.
    strength = per_mu / power
    put_in = 0.0
    for bins in specification["channels"]:
        category = expectation.channel.category(bins["name"])
        first, step, number = point.bins[category.name]
        counts = strength * injected(expectation, category, point.point)
        put_in += float(counts[first : first + step * number].sum())
    return put_in / float(_signal(specification).sum())


def _signal(specification: Workspace) -> Array:
    """Signal of strength 1 in the bins of all channels, one after the other."""
    samples = (sample for channel in specification["channels"] for sample in channel["samples"])
    return np.concatenate([sample["data"] for sample in samples if sample["name"] == "signal"])


def _mass_shift(
    method: Peak, expectation: BinnedExpectation, point: FittedPoint, data: Data
) -> NDArray[np.float64]:
    """Mass of the best fit in each pseudo-experiment, seen from the injected one, in resolutions."""
    reading, mass = expectation.channel.simulated, point.mass_gev
    (category, *_) = expectation.categories_at(mass, reading)
    resolution = expectation.signal(category, reading).mass_resolution_at(mass)
    toys = len(data.observed)
    values = []
    for shift in _SHIFTS:
        moved = Point(mass + shift * resolution, None, point.lifetime_mm)
        at = method.hypothesis(expectation, None, moved, reading, window_gev=mass)
        assert at.workspace is not None, f"no signal at {moved}"
        values.append(prepare([compile_workspace(certain(at.workspace))] * toys, data).best.value)
    return _minimum(_SHIFTS, np.array(values))


def _minimum(x: Array, values: Array) -> Array:
    """Lowest point of the parabola through the lowest of some values and its neighbours; values (n, toys)."""
    lowest = np.clip(values.argmin(axis=0), 1, len(x) - 2)
    columns = np.arange(values.shape[1])
    below, here, above = (values[lowest + k, columns] for k in (-1, 0, 1))
    curvature = below - 2.0 * here + above
    safe = np.where(curvature > 0.0, curvature, 1.0)
    step = np.where(curvature > 0.0, 0.5 * (below - above) / safe, np.sign(below - above))
    found: Array = x[lowest] + np.clip(step, -1.0, 1.0) * (x[1] - x[0])
    return found
