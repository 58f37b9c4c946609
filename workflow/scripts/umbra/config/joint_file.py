"""How a joint fit of several channels is written down: `config/joint/<name>.yaml`, one class for each block.

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from umbra.config import yaml
from umbra.config.blocks import Name
from umbra.core.records import (
    OneOrMore,
    PositiveFloat,
    PositiveInt,
    Record,
    Source,
    distinct,
    no_such,
    validated,
)

#: Inputs that share something, by their names.
Sharers = Annotated[OneOrMore[str], AfterValidator(distinct)]


class JointInput(Record):
    """A channel that takes part.

    Parameters
    ----------
    channel
        The stem of its file.
    interpretation
        Of the channel: an interpretation, an assumption or a projection; the main one if nothing is said.
    """

    channel: str
    interpretation: str | None = None


class SharedNuisance(Record):
    """A parameter that several inputs have, each for itself, made one: fully correlated.

    Parameters
    ----------
    parameter
        Its name in the workspaces of the inputs, such as `luminosity`.
    of
        Inputs whose parameter it is; two or more.
    why
        Why it is the same quantity there.
    """

    parameter: str
    of: Annotated[Sharers, Field(min_length=2)]
    why: Source


class CommonNuisance(Record):
    """An uncertainty of the signal that no input has by itself, such as of its cross-section.

    Parameters
    ----------
    relative
        Of the signal's rate.
    of
        Inputs whose signal it concerns.
    why
        What it is, and where its size is from.
    """

    relative: PositiveFloat
    of: Sharers
    why: Source


class JointLimit(Record):
    """How limits are set, of the joint likelihood and of each input alone.

    Parameters
    ----------
    method
        Kind of limit.
    level
        Confidence or credibility.
    calculation
        `auto` follows the counts.
    """

    method: Literal["cls", "bayesian", "profile"] = "cls"
    level: Annotated[float, Field(gt=0.5, lt=1.0)]
    calculation: Literal["auto", "toys", "asymptotic"] = "asymptotic"


class JointFile(Record):
    """Several channels in one likelihood at each mass.

    Parameters
    ----------
    title
        What figures call it, in Unicode or mathtext.
    coupling
        That the signals of all inputs are proportional to a power of, as channels name it.
    model
        In its place: a model of `config/models` whose signal each input is read as.
    limit
        Of the joint likelihood and of each input alone.
    inputs
        Name -> channel.
    disjoint
        Why no event is counted twice; needed where inputs are of one experiment.
    shared
        Parameters of the inputs that are one.
    common
        Uncertainties of the signal that are added.
    uncorrelated
        What is left independent among the inputs, and why.
    masses_per_job
        Hypotheses of one job.
    """

    title: str
    coupling: str | None = None
    model: str | None = None
    limit: JointLimit
    inputs: Annotated[dict[Name, JointInput], Field(min_length=2)]
    disjoint: Source | None = None
    shared: dict[Name, SharedNuisance] = Field(default_factory=dict)
    common: dict[Name, CommonNuisance] = Field(default_factory=dict)
    uncorrelated: Source
    masses_per_job: PositiveInt = 200

    @model_validator(mode="after")
    def _is_of_one_signal(self) -> Self:
        if (self.coupling is None) == (self.model is None):
            raise ValueError("a joint fit is on either a coupling or a model")
        return self

    @model_validator(mode="after")
    def _names_its_inputs(self) -> Self:
        for block, nuisances in (("shared", self.shared), ("common", self.common)):
            for name, each in nuisances.items():
                for input_ in each.of:
                    if input_ not in self.inputs:
                        raise ValueError(f"{block}/{name}/of: {no_such('input', input_, self.inputs)}")
        seen: set[tuple[str, str]] = set()
        for each in self.shared.values():
            for place in ((each.parameter, input_) for input_ in each.of):
                if place in seen:
                    raise ValueError(f"shared: '{place[0]}' of '{place[1]}' is part of two of them")
                seen.add(place)
        both = [name for name in self.shared if name in self.common]
        if both:
            raise ValueError(f"common: '{both[0]}' is the name of a shared one, too")
        return self

    @model_validator(mode="after")
    def _takes_a_channel_once(self) -> Self:
        channels = [each.channel for each in self.inputs.values()]
        for i, channel in enumerate(channels):
            if channel in channels[:i]:
                raise ValueError(f"inputs: '{channel}' occurs twice, and its events would count twice")
        return self


def load(path: Path) -> JointFile:
    """Read a joint fit.

    Raises
    ------
    UmbraError
        For anything that is wrong: one sentence with file, key and value.
    """
    return validated(JointFile, yaml.read(path).content, path)
