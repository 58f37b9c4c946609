"""The shape of limits against lifetime beside a published one, with the level of each mass divided out.

At one mass all lifetimes use the same data: background, number of parents and what does not depend on the flight
cancel in the ratio of two of them, and what is left is the efficiency against flight. At each mass our limits are
scaled so that they agree with the published one at one lifetime, the anchor.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from umbra.config.records import Bound, Channel, Flight
from umbra.core.errors import UmbraError
from umbra.core.machines import AnyMachine
from umbra.core.pdg import mass_gev as known_mass_gev
from umbra.results.limits import LimitRow, select
from umbra.validation.bins import ComparedBin
from umbra.validation.comparison import Comparison, Level
from umbra.validation.interpolation import limit_at
from umbra.validation.published import Bin, Curve


def median_flight_mm(flight: Flight, mass_gev: float, lifetime_mm: float, machine: AnyMachine) -> float:
    """Median flight: ln 2 times the mean one, with the mean energy of a particle from a parent nearly at rest."""
    parent, recoil = known_mass_gev(flight.parent), known_mass_gev(flight.recoil)
    energy = (parent**2 + mass_gev**2 - recoil**2) / (2.0 * parent)
    energy *= float(machine.total[3]) / machine.sqrt_s_gev
    return math.log(2.0) * lifetime_mm * math.sqrt(max((energy / mass_gev) ** 2 - 1.0, 0.0))


def compare_shape(
    channel: str,
    rows: Mapping[float, Sequence[LimitRow]],
    curve: Curve,
    flight: Flight,
    machine: AnyMachine,
    *,
    bounds: Sequence[Bound],
    reason: str = "",
) -> Comparison:
    """Compare expected medians with a published curve of several lifetimes.

    Parameters
    ----------
    channel
        Name of the channel.
    rows
        Lifetime in mm -> limits of one model on the curve's quantity.
    curve
        The published limit.
    flight
        Anchor and range.
    machine
        Where the parents are made.
    bounds, reason
        As in `umbra.validation.comparison.compare`.

    Raises
    ------
    UmbraError
        If a published lifetime is not one of ours.
    """
    missing = [lifetime for lifetime in curve.lifetimes_mm if lifetime not in rows]
    if missing:
        raise UmbraError(f"{channel}: no limits for the lifetime {missing[0]!r} mm of {curve.name}")
    by_mass: dict[float, list[Bin]] = {}
    for each in curve.bins:
        by_mass.setdefault(each.mass_gev, []).append(each)
    bins: list[ComparedBin] = []
    levels: list[float] = []
    above = 0
    for mass, members in sorted(by_mass.items()):
        found = {_lifetime(each): limit_at(rows[_lifetime(each)], mass) for each in members}
        flights = {t: median_flight_mm(flight, mass, t, machine) for t in found}
        usable = {t: ours.value for t, (ours, _) in found.items() if ours is not None and flights[t] > 0.0}
        if not usable:
            bins += [
                ComparedBin(bin=each, theirs=each.of_kind("expected"), mass_gev=mass, ours=None, skipped=why)
                for each in members
                for why in (found[_lifetime(each)][1],)
            ]
            continue
        anchor = min(usable, key=lambda t: abs(math.log(flights[t] / flight.anchor_mm)))
        (published,) = (each.of_kind("expected").value for each in members if each.lifetime_mm == anchor)
        scale = published / usable[anchor]
        levels.append(-math.log10(scale))
        for each in members:
            lifetime = _lifetime(each)
            ours, skipped = found[lifetime]
            theirs = each.of_kind("expected")
            low, high = flight.range_mm
            if not low <= flights[lifetime] <= high:
                skipped = f"median flight outside of {low:g} to {high:g} mm"
            elif lifetime == anchor:
                skipped = "anchor"
            else:
                above += ours is not None and ours.value > theirs.value
            shown = None if ours is None or skipped else ours.scaled(scale)
            bins.append(ComparedBin(bin=each, theirs=theirs, mass_gev=mass, ours=shown, skipped=skipped))
    level = Level(
        anchor_mm=flight.anchor_mm,
        median_dex=float(np.median(levels)) if levels else math.nan,
        rms_dex=float(np.std(levels)) if levels else math.nan,
        above=above,
    )
    return Comparison(
        channel=channel, curve=curve, bins=tuple(bins), bounds=tuple(bounds), reason=reason, level=level
    )


def channel_shapes(
    channel: Channel, rows: Sequence[LimitRow], curves: Mapping[str, Curve]
) -> list[Comparison]:
    """Compare shapes against lifetime for each comparison of a channel that states a `flight`.

    Parameters
    ----------
    channel
        With `name`, `comparisons`, `lifetimes_mm`, `interpretations` and `machine`.
    rows
        Its table of limits.
    curves
        Published curves by name.
    """
    found = []
    for wanted in channel.comparisons:
        if wanted.flight is None:
            continue
        curve = curves[wanted.curve]
        several = len(channel.interpretations) > 1
        model = (wanted.interpretation or channel.main.name) if several else None
        mine = select(rows, curve.quantity, model=model)
        by_lifetime = {
            lifetime: [row for row in mine if row.lifetime_mm == lifetime]
            for lifetime in channel.lifetimes_mm
        }
        found.append(
            compare_shape(
                channel.name,
                by_lifetime,
                curve,
                wanted.flight,
                channel.machine,
                bounds=wanted.bounds,
                reason=wanted.why,
            )
        )
    return found


def _lifetime(each: Bin) -> float:
    if each.lifetime_mm is None:
        raise UmbraError(f"the published bin at {each.mass_gev:g} GeV has no lifetime")
    return each.lifetime_mm
