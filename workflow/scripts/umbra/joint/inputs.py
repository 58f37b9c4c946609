"""What an input of a joint fit has to say at a mass: the workspace that its own fit stage builds there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from umbra.config.joint import Joint
from umbra.config.records import Channel, Interpretation
from umbra.core.errors import UmbraError
from umbra.core.status import Status
from umbra.expectation.point import Point
from umbra.inference.hypothesis import FittedPoint, Hypothesis
from umbra.inference.methods import registry as methods
from umbra.inference.workspace import Workspace
from umbra.recast.applicability import Reading, readings_of
from umbra.recast.own_model import OwnModel, build
from umbra.recast.refit import reweighted, weights


@dataclass(frozen=True)
class Part:
    """An input at one mass.

    Parameters
    ----------
    workspace
        With its own signal, or that of the model.
    coupling_power_per_mu
        Coupling to its power at a signal strength of one.
    """

    workspace: Workspace
    coupling_power_per_mu: float


@dataclass(frozen=True)
class Absent:
    """Why an input is not there at a mass."""

    status: Status
    reason: str


@dataclass(frozen=True)
class Input:
    """A channel that takes part in a joint fit.

    Parameters
    ----------
    name
        In the joint fit.
    channel, interpretation
        What is fitted.
    signals, templates, data
        Files of the channel's stages `model` and `data`.
    """

    name: str
    channel: Channel
    interpretation: Interpretation
    signals: Path
    templates: Path
    data: Path

    def at(self, masses_gev: Sequence[float], reader: "Reader") -> tuple[list[Part | Absent], bool]:
        """Fit the channel at masses that need not be of its own grid.

        Parameters
        ----------
        masses_gev
            Where.
        reader
            What its signal is read as.

        Returns
        -------
        tuple
            What there is at each mass, and whether the observations are data.
        """
        method = methods.find(self.channel.fit)
        expectation: Any = method.expectation(self.channel, self.signals, self.templates)
        data = method.read_data(self.data)
        points = [Point(mass) for mass in masses_gev]
        sought = [each for each in points if expectation.seeks(each, self.interpretation)]
        found = method.hypotheses(expectation, data, sought, self.interpretation)
        by_mass = {each.point.mass_gev: each for each in found}
        parts = [
            reader.part(by_mass[mass], self)
            if mass in by_mass
            else Absent("no_sensitivity", "not sought here")
            for mass in masses_gev
        ]
        return parts, data is not None


class Reader(Protocol):
    """What the signals of all inputs are read as."""

    def part(self, hypothesis: Hypothesis, of: Input) -> Part | Absent:
        """Read a hypothesis of an input, or say why it is none."""


class OwnCoupling:
    """The signal as each channel has it, on the coupling that is common to all."""

    def part(self, hypothesis: Hypothesis, of: Input) -> Part | Absent:
        """Take a hypothesis as it is."""
        return _refused(hypothesis) or Part(
            _workspace(hypothesis), float(hypothesis.coupling_power_per_mu or 0.0)
        )


@dataclass(frozen=True)
class OfModel:
    """The signal of a model of one's own in the place of that of each channel.

    Parameters
    ----------
    model
        Without dark matter.
    readings
        Input -> category -> how the model sees it.
    """

    model: OwnModel
    readings: Mapping[str, Mapping[str, Reading]]

    def part(self, hypothesis: Hypothesis, of: Input) -> Part | Absent:
        """Weigh the signal of each category anew."""
        refused = _refused(hypothesis)
        if refused is not None:
            return refused
        mass = hypothesis.point.mass_gev
        if not self.model.covers(mass):
            return Absent("no_sensitivity", "the model is not asked at this mass")
        point = FittedPoint.of(hypothesis, None, of.channel.production_quantity)
        content = _workspace(hypothesis)
        try:
            found = weights(of.channel, of.interpretation, point, content, self.readings[of.name], self.model)
        except UmbraError as error:  # the model does not know its hadrons here
            return Absent("no_sensitivity", str(error))
        if isinstance(found, str):
            return Absent("no_sensitivity", found)
        (a, _), (c, _) = found.effective, found.total
        per_mu = float(hypothesis.coupling_power_per_mu or 0.0) * c / a
        return Part(reweighted(content, found.by_category), per_mu)


def reader_of(joint: Joint, inputs: Sequence[Input]) -> Reader:
    """What the signals of a joint fit are read as.

    Raises
    ------
    UmbraError
        If an input says nothing of the model.
    """
    if joint.model is None:
        return OwnCoupling()
    model = build(joint.model)
    readings = {}
    for each in inputs:
        found = readings_of(each.channel, each.interpretation, model)
        if isinstance(found, str):
            raise UmbraError(f"joint fit {joint.name}: inputs/{each.name} does not apply: {found}")
        readings[each.name] = found
    return OfModel(model, readings)


def _workspace(hypothesis: Hypothesis) -> Workspace:
    assert hypothesis.workspace is not None  # that of a converged one
    return hypothesis.workspace


def _refused(hypothesis: Hypothesis) -> Absent | None:
    if hypothesis.status != "converged" or hypothesis.workspace is None:
        return Absent(hypothesis.status, hypothesis.reason)
    if not hypothesis.coupling_power_per_mu:
        return Absent("no_sensitivity", "no signal of the channel tells its coupling here")
    return None
