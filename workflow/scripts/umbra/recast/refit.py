"""Fits of a channel's workspaces with the signal of another model in the place of its own."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from umbra.config.records import Channel, Interpretation
from umbra.expectation.channel import branching_of
from umbra.inference.hypothesis import FittedPoint
from umbra.inference.workspace import Workspace, contents
from umbra.recast.applicability import Reading
from umbra.recast.own_model import OwnModel


@dataclass(frozen=True)
class Weights:
    """What a model makes of the signal of one point.

    Parameters
    ----------
    by_category
        Category of the workspace -> factor of its signal. Their mean, weighted with the signal, is one: so many events
        in all are a signal strength of one, before and after.
    effective
        a and b of `umbra.recast.own_model.coupling_at`, averaged over the categories.
    total
        c and d.
    """

    by_category: Mapping[str, float]
    effective: tuple[float, float]
    total: tuple[float, float]


def weights(
    channel: Channel,
    interpretation: Interpretation,
    point: FittedPoint,
    workspace: Workspace,
    readings: Mapping[str, Reading],
    model: OwnModel,
) -> Weights | str:
    """Weigh the signal of a point anew, or say why that cannot be.

    Parameters
    ----------
    channel, interpretation, point
        What was fitted.
    workspace
        Of the point.
    readings
        Of the interpretation's categories.
    model
        Whose signal it shall be.

    Raises
    ------
    UmbraError
        If the model does not know its widths at this mass.
    """
    mass = point.mass_gev
    total = model.width_gev(mass), model.dark_width_gev(mass)
    if sum(total) <= 0.0:
        return "no decay of the particle is open"
    factors = {}
    for name in readings if not point.windows else point.windows:
        reading, category = readings[name], channel.category(name)
        own = branching_of(category.branching, mass) * branching_of(interpretation.branching, mass)
        if own <= 0.0:
            return f"the channel's own particle does not decay to {reading.final_state} here"
        visible = model.partial_width_gev(mass, reading.final_state)
        dark = total[1] if reading.final_state == "invisible" else 0.0
        factors[name] = (reading.made.value * visible / own, reading.made.value * dark / own)
    if not any(a + b > 0.0 for a, b in factors.values()):
        states = " or ".join(dict.fromkeys(readings[name].final_state for name in factors))
        return f"the model's particle does not decay to {states} here"
    events = {name: sum(found.signal) for name, found in contents(workspace).items()}
    if set(events) != set(factors):
        return _in_one(factors, events, total)
    whole = sum(events.values())
    a, b = (sum(events[name] * factors[name][i] for name in events) / whole for i in (0, 1))
    return Weights({name: (factors[name][0] + factors[name][1]) / (a + b) for name in events}, (a, b), total)


def _in_one(
    factors: Mapping[str, tuple[float, float]], events: Mapping[str, float], total: tuple[float, float]
) -> Weights | str:
    """Weights where categories were added to one count, which only tells their sum: all factors must be the same."""
    first, *others = factors.values()
    if any(
        abs(each[i] - first[i]) > 1e-6 * max(map(sum, factors.values())) for each in others for i in (0, 1)
    ):
        return "categories that the model weighs differently were added to one count"
    return Weights(dict.fromkeys(events, 1.0), first, total)


def reweighted(workspace: Workspace, by_category: Mapping[str, float]) -> Workspace:
    """Copy of a workspace with the signal of each category multiplied by its factor."""
    changed = copy.deepcopy(workspace)
    for channel in changed["channels"]:
        for sample in channel["samples"]:
            if sample["name"] == "signal":
                sample["data"] = [by_category[channel["name"]] * value for value in sample["data"]]
    return changed
