"""Limits of a joint fit at the masses of one block, and of each of its inputs alone."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from umbra.config.joint import Joint
from umbra.core.errors import UmbraError
from umbra.expectation.point import Point
from umbra.inference.workspace import Workspace, member, write_archive
from umbra.joint.inputs import Absent, Input, Part, reader_of
from umbra.joint.points import JointPoint, Strengths, write
from umbra.joint.workspace import Correlations, combined
from umbra.statistics.engine import LimitSettings, upper_limits

log = logging.getLogger(__name__)


def settings_of(joint: Joint, block: str) -> LimitSettings:
    """Settings of the engine for a block."""
    limit = joint.limit
    return LimitSettings(
        method=limit.method,
        cl=limit.level,
        calculation=limit.calculation,
        seed=("joint", joint.name, block),
    )


def correlations_of(joint: Joint) -> Correlations:
    """Which parameters of which inputs are one, and which are added."""
    return Correlations(
        {(of, each.parameter): name for name, each in joint.shared.items() for of in each.of},
        {name: (each.relative, each.of) for name, each in joint.common.items()},
    )


@dataclass(frozen=True)
class _Mass:
    """The inputs at one mass, and what a common signal strength means there."""

    mass_gev: float
    parts: Mapping[str, Part]
    absent: Mapping[str, Absent]

    @property
    def unit(self) -> float:
        """Coupling to its power at a signal strength of one: that of the first input that is there."""
        return next((each.coupling_power_per_mu for each in self.parts.values()), 0.0)

    def workspace(self, names: Sequence[str], joint: Joint) -> Workspace:
        """Likelihood of some of the inputs."""
        label = f"joint_{joint.name}_{'_'.join(names)}_{self.mass_gev:.6f}"
        factors = {name: self.unit / self.parts[name].coupling_power_per_mu for name in names}
        parts = {name: self.parts[name].workspace for name in names}
        return combined(parts, factors, correlations_of(joint), label)


def fit_block(
    joint: Joint,
    inputs: Sequence[Input],
    masses_gev: Sequence[float],
    output: Path,
    archive: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Set the limits of a block; write them (JSON) and the joint workspaces (ZIP).

    Parameters
    ----------
    joint
        What is fitted together.
    inputs
        In their order.
    masses_gev
        Of the block; every input is fitted at each of them that it seeks.
    output, archive
        Output files.
    provenance
        Written into `output`.

    Raises
    ------
    UmbraError
        If some inputs have data and others have none, or an input has not what it shall share.
    """
    masses, has_data = _at(joint, inputs, masses_gev)
    together = {each.mass_gev: each.workspace(list(each.parts), joint) for each in masses if each.parts}
    places = [(each, name) for each in masses for name in each.parts if len(each.parts) > 1]
    limits = upper_limits(
        [*together.values(), *(each.workspace([name], joint) for each, name in places)],
        settings_of(joint, archive.stem),
        has_data=has_data,
    )
    of_joint = dict(zip(together, map(Strengths.of, limits), strict=False))
    alone: dict[float, dict[str, Strengths]] = {}
    for (each, name), limit in zip(places, limits[len(together) :], strict=True):
        alone.setdefault(each.mass_gev, {})[name] = Strengths.of(limit)
    for each in masses:
        if len(each.parts) == 1:  # then it is the joint one, word for word
            alone[each.mass_gev] = dict.fromkeys(each.parts, of_joint[each.mass_gev])
    points = [_point(each, of_joint, alone.get(each.mass_gev, {})) for each in masses]
    for point in points:
        if point.joint.status not in ("converged", "excluded_window"):
            log.warning("%g GeV: %s: %s", point.mass_gev, point.joint.status, point.joint.reason)
    write_archive(archive, {_member(mass): content for mass, content in together.items()})
    write(output, joint.name, points, provenance)


def _at(joint: Joint, inputs: Sequence[Input], masses_gev: Sequence[float]) -> tuple[list[_Mass], bool]:
    reader = reader_of(joint, inputs)
    found: dict[str, list[Part | Absent]] = {}
    data: dict[str, bool] = {}
    for each in inputs:
        found[each.name], data[each.name] = each.at(masses_gev, reader)
    if len(set(data.values())) > 1:
        names = [", ".join(name for name, has in data.items() if has is there) for there in (True, False)]
        raise UmbraError(
            f"joint fit {joint.name}: {names[0]} have data and {names[1]} none: a limit of both is neither an observed "
            "one nor an expected one"
        )
    masses = []
    for i, mass in enumerate(masses_gev):
        here = {name: each[i] for name, each in found.items()}
        parts = {name: each for name, each in here.items() if isinstance(each, Part)}
        masses.append(_Mass(mass, parts, {n: each for n, each in here.items() if isinstance(each, Absent)}))
    return masses, all(data.values())


def _point(mass: _Mass, joint: Mapping[float, Strengths], alone: Mapping[str, Strengths]) -> JointPoint:
    left_out = {name: Strengths(status=each.status, reason=each.reason) for name, each in mass.absent.items()}
    nothing = Strengths(
        status="excluded_window"
        if any(each.status == "excluded_window" for each in left_out.values())
        else "no_sensitivity",
        reason="; ".join(f"{name}: {each.reason or each.status}" for name, each in left_out.items()),
    )
    return JointPoint(
        mass_gev=mass.mass_gev,
        coupling_power_per_mu=mass.unit,
        joint=joint.get(mass.mass_gev, nothing),
        alone=dict(alone),
        left_out=left_out,
        member=_member(mass.mass_gev) if mass.parts else None,
    )


def _member(mass_gev: float) -> str:
    return member("joint", Point(mass_gev))
