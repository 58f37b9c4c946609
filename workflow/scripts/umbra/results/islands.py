"""Excluded regions of a coupling that fixes the lifetime of its particle: islands with a lower and an upper edge.

A weakly coupled particle is made too rarely, and leaves the detector; a strongly coupled one decays before it can be
told from the beams. Limits on the rate are there for a few lifetimes at each mass; the coupling gives both the rate and
the lifetime, and is excluded where the rate is above the limit at that lifetime. Between lifetimes the logarithm of the
limit is interpolated in that of the lifetime. Below the shortest one with a limit only the tail of an exponential
reaches the smallest flight that is accepted: there it is linear in the inverse of the lifetime. A search that accepts
decays at the collision has no such flight: below the shortest lifetime its limit stays. Beyond the longest one nothing
is excluded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from contourpy import LineType, contour_generator

from umbra.config.records import Channel, Coupling, Island
from umbra.core.kinematics import Array
from umbra.inference.hypothesis import LimitedPoint
from umbra.results.contours import Contour
from umbra.results.limits import VALUES
from umbra.results.table import tags
from umbra.theory import registry as theory
from umbra.theory.model import Model

#: Couplings per decade at which rate and limit are compared.
_PER_DECADE = 60
#: Decades of the coupling beyond that of the shortest lifetime.
_BEYOND = 0.5
#: log10(rate/limit) where there is no limit, and of the frame around the grid: far from excluded.
_FLOOR = -3.0


def of_channel(channel: Channel, points: Sequence[LimitedPoint]) -> list[Contour]:
    """Outlines of the regions that the interpretations of a channel exclude, where the coupling fixes the lifetime."""
    found = []
    for interpretation in channel.interpretations:
        if interpretation.island is not None and interpretation.coupling is not None:
            mine = [point for point in points if point.interpretation == interpretation.name]
            model, luminosity_fb = tags(channel, interpretation)
            outlines = contours(
                mine, interpretation.island, interpretation.coupling, channel.masses.vetoed_gev
            )
            found += [replace(each, model=model, luminosity_fb=luminosity_fb) for each in outlines]
    return found


def contours(
    points: Sequence[LimitedPoint],
    island: Island,
    coupling: Coupling,
    vetoed_gev: Sequence[tuple[float, float]] = (),
    *,
    physics: Model | None = None,
) -> list[Contour]:
    """Outlines of the excluded regions of one interpretation, one or more for each level of the limit.

    Parameters
    ----------
    points
        Limits of one interpretation.
    island
        What gives the lifetime, and where it is asked.
    coupling
        That fixes the lifetime.
    vetoed_gev
        Windows in mass that are left out; no region reaches across one.
    physics
        What gives the lifetime, where it is not the particle that the island names.
    """
    lived = theory.find(island.particle) if physics is None else physics
    pieces: dict[tuple[bool, ...], list[LimitedPoint]] = {}
    for point in points:
        if not any(low <= point.mass_gev <= high for low, high in vetoed_gev):
            pieces.setdefault(tuple(point.mass_gev > low for low, _ in vetoed_gev), []).append(point)
    return [outline for piece in pieces.values() for outline in _contours(piece, island, coupling, lived)]


def _contours(
    points: Sequence[LimitedPoint], island: Island, coupling: Coupling, physics: Model
) -> list[Contour]:
    low, high = island.masses_gev
    by_mass: dict[float, list[LimitedPoint]] = {}
    for point in points:
        if low <= point.mass_gev <= high:
            by_mass.setdefault(point.mass_gev, []).append(point)
    if len(by_mass) < 2:
        return []
    masses = np.array(sorted(by_mass))
    lifetimes = np.array([point.lifetime_mm for point in points])
    unit = np.asarray(physics.ctau_mm(masses, 1.0))
    # ctau is proportional to the inverse square of the coupling.
    weakest = 0.5 * float(np.log10(unit.min() / lifetimes.max()))
    strongest = np.inf if island.largest is None else float(np.log10(island.largest))
    if not island.prompt:
        strongest = min(strongest, 0.5 * float(np.log10(unit.max() / lifetimes.min())) + _BEYOND)
    log_coupling = np.linspace(weakest, strongest, int(_PER_DECADE * (strongest - weakest)) + 2)
    branching = np.ones_like(masses)
    if island.final_state is not None:
        branching = physics.branching_fraction(masses, island.final_state)
    rate = np.log10(branching)[:, None] + coupling.power * log_coupling
    lived = np.log10(unit)[:, None] - 2.0 * log_coupling
    found = []
    for number, level in enumerate(VALUES):
        limits = [_limits(by_mass[mass], number) for mass in masses.tolist()]
        known = [k for k, (lifetime, _) in enumerate(limits) if len(lifetime)]
        if len(known) < 2:
            continue
        # Nothing is drawn beyond the outermost masses that have a limit.
        inside = slice(known[0], known[-1] + 1)
        height = np.array(
            [_height(r, t, *limit, island.prompt) for r, t, limit in zip(rate, lived, limits, strict=True)]
        )
        for line in _outlines(np.log10(masses[inside]), log_coupling, height[inside]):
            found.append(
                Contour(
                    quantity=coupling.name,
                    level=level,
                    mass_gev=tuple(10.0 ** line[:, 0]),
                    value=tuple(10.0 ** line[:, 1]),
                )
            )
    return found


def _limits(points: Sequence[LimitedPoint], level: int) -> tuple[Array, Array]:
    """log10 of lifetime and of the limit on the coupling to its power at one mass, in order of lifetime."""
    rows = []
    for point in points:
        strength, per_mu = point.strengths[level], point.coupling_power_per_mu
        if point.status == "converged" and strength is not None and strength > 0.0 and per_mu is not None:
            rows.append((point.lifetime_mm, strength * per_mu))
    table = np.log10(np.array(sorted(rows)).reshape(-1, 2))
    return table[:, 0], table[:, 1]


def _height(rate: Array, lived: Array, lifetime: Array, limit: Array, prompt: bool) -> Array:
    """log10(rate/limit) along the couplings of one mass; `_FLOOR` where no limit is known."""
    if len(lifetime) == 0:
        return np.full_like(rate, _FLOOR)
    height = rate - np.interp(lived, lifetime, limit, left=limit[0] if prompt else np.inf, right=np.inf)
    short = lived < lifetime[0]
    if not prompt and len(lifetime) > 1 and limit[0] > limit[1]:
        inverse = 10.0 ** -lifetime[:2]
        slope = (limit[0] - limit[1]) / (inverse[0] - inverse[1])
        height[short] = rate[short] - limit[0] - slope * (10.0 ** -lived[short] - inverse[0])
    clipped: Array = np.maximum(height, _FLOOR)
    return clipped


def _outlines(x: Array, y: Array, height: Array) -> Iterator[Array]:
    """Closed curves of height 0; a frame of `_FLOOR` closes those that leave the grid."""
    framed = np.pad(height, 1, constant_values=_FLOOR)
    lines = contour_generator(
        np.pad(x, 1, mode="edge"),
        np.pad(y, 1, mode="edge"),
        framed.T,
        line_type=LineType.Separate,
    ).lines(0.0)
    for line in lines:
        outline = np.asarray(line, dtype=float)
        # The last point repeats the first.
        if len(outline) > 3:
            yield outline[:-1]
