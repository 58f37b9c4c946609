"""Tables of a joint fit: `limits.csv` of all inputs together, `inputs.csv` of each alone."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from umbra.config.joint import Joint
from umbra.core.io import atomic_open
from umbra.joint.points import JointPoint, Strengths
from umbra.results.limits import VALUES

#: How much weaker a joint expected limit may be than that of its best input, relative, in the signal strength. What is
#: beyond is said in the table and on the page: more data cannot weaken what is expected.
TOLERANCE = 0.01

_MORE = ("method", "status", "reason")


def write_limits(path: Path, joint: Joint, points: Iterable[JointPoint]) -> None:
    """Write the joint limits on the coupling, with the inputs of each, the best of them, and the gain over it."""
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["mass_gev", "coupling", *VALUES, "inputs", "best_input", "gain", *_MORE])
        for point in points:
            best = "" if point.best is None else point.best[0]
            gain = None if point.gain is None else point.gain ** (1.0 / joint.power)
            cells = [
                *(point.mass_gev, joint.coupling, *couplings(joint, point, point.joint)),
                *(" ".join(point.alone), best, gain, point.joint.method, point.joint.status),
                "; ".join(filter(None, (point.joint.reason, weaker(point)))),
            ]
            writer.writerow([_text(each) for each in cells])


def write_inputs(path: Path, joint: Joint, points: Iterable[JointPoint]) -> None:
    """Write the limits of each input alone, and why one has none."""
    with atomic_open(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["mass_gev", "input", *VALUES, *_MORE])
        for point in points:
            for name in joint.interpretations:
                found = point.alone.get(name) or point.left_out[name]
                cells = [
                    *(point.mass_gev, name, *couplings(joint, point, found)),
                    *(found.method, found.status, found.reason),
                ]
                writer.writerow([_text(each) for each in cells])


def couplings(joint: Joint, point: JointPoint, limits: Strengths) -> tuple[float | None, ...]:
    """Observed and expected limits on the coupling, in the order of `umbra.results.limits.VALUES`."""
    if limits.status != "converged":
        return (None,) * len(VALUES)
    return tuple(
        None if strength is None else (strength * point.coupling_power_per_mu) ** (1.0 / joint.power)
        for strength in limits.values
    )


def weaker(point: JointPoint) -> str:
    """Say that a joint expected limit is weaker than that of its best input; empty where it is not."""
    if point.gain is None or point.gain >= 1.0 - TOLERANCE:
        return ""
    return f"weaker by {1.0 / point.gain - 1.0:.1%} in the signal strength than {point.best and point.best[0]} alone"


def page(
    joint: Joint, title: str, said: dict[str, dict[str, str]], points: Sequence[JointPoint]
) -> Iterator[str]:
    """Lines of `index.md`: what was fitted together, what is correlated and why, and what it gains."""
    limit = joint.limit
    yield f"# {title}"
    yield ""
    yield (
        f"Limits on {joint.coupling}, {limit.method} at {100.0 * limit.level:g} % CL, {limit.calculation} "
        "calculation, of the joint likelihood and of each input alone."
    )
    yield ""
    yield "![joint limit beside that of each input](exclusion.png)"
    yield ""
    yield "| input | interpretation | masses with a hypothesis | strongest alone at |"
    yield "|---|---|---|---|"
    for name, interpretation in joint.interpretations.items():
        there = sum(name in point.alone for point in points)
        strongest = sum(point.best is not None and point.best[0] == name for point in points)
        yield f"| `{name}` | `{interpretation}` | {there} | {strongest} |"
    yield ""
    yield "## Correlations"
    yield ""
    for name, shared in joint.shared.items():
        yield f"* `{name}`: `{shared.parameter}` of {', '.join(shared.of)} is one parameter. {said['shared'][name]}"
    for name, common in joint.common.items():
        yield (
            f"* `{name}`: {100.0 * common.relative:g} % of the signals of {', '.join(common.of)}. "
            f"{said['common'][name]}"
        )
    for block in ("independent", "disjoint"):
        yield f"* {' '.join(said[block].values())}"
    yield ""
    yield "## Gain"
    yield ""
    yield from _gains(joint, points)


def _gains(joint: Joint, points: Sequence[JointPoint]) -> Iterator[str]:
    several = sorted(
        point.gain ** (1.0 / joint.power)
        for point in points
        if point.gain is not None and len(point.alone) > 1
    )
    without = [point for point in points if point.joint.status != "converged"]
    yield f"{len(points)} masses; {len(several)} with two inputs or more, {len(without)} without a limit."
    if several:
        yield (
            f"There the median expected limit on {joint.coupling} is stronger than that of the best input by a factor "
            f"of {several[len(several) // 2]:.3f} (median), from {several[0]:.3f} to {several[-1]:.3f}."
        )
    wrong = [f"{point.mass_gev:g} GeV: {weaker(point)}" for point in points if weaker(point)]
    yield f"Weaker than the best input by more than {TOLERANCE:.0%}: {'; '.join(wrong) or 'nowhere'}."


def _text(value: str | float | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(float(value))
