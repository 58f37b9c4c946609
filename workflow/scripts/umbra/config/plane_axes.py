"""A plane of two parameters of a model of one's own: its axes, as a file or the command line has them."""

import math
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from umbra.core.errors import UmbraError
from umbra.core.records import Record, validated

#: Parameters that are none of the model's file.
MASS, COUPLING = "mass_gev", "coupling"
#: No axis has more points.
MOST_POINTS = 1000


class PlaneAxis(Record):
    """An axis.

    Parameters
    ----------
    parameter
        `mass_gev`, `coupling` (that which limits are set on), or the place of a number in the file of the model, such
        as `couples/charges/electron` or `dark_matter/mass_ratio`.
    low, high
        Its ends.
    points
        On it.
    scale
        Spacing: `log` or `linear`.
    """

    parameter: Annotated[str, Field(pattern=r"^[a-z0-9_]+(/[a-z0-9_]+)*$")]
    low: float
    high: float
    points: Annotated[int, Field(ge=2, le=MOST_POINTS)] = 320
    scale: Literal["log", "linear"] = "log"

    @model_validator(mode="after")
    def _has_two_ends(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"high: {self.high:g} is not above {self.low:g}")
        if self.scale == "log" and self.low <= 0.0:
            raise ValueError(f"low: {self.low:g} has no place on a logarithmic axis; say `scale: linear`")
        return self

    @property
    def values(self) -> list[float]:
        """Points from end to end."""
        steps = [i / (self.points - 1) for i in range(self.points)]
        if self.scale == "linear":
            return [self.low + step * (self.high - self.low) for step in steps]
        return [self.low * math.exp(step * math.log(self.high / self.low)) for step in steps]


class Plane(Record):
    """A plane of two parameters, the others as in the file or as stated.

    Parameters
    ----------
    x, y
        Its axes.
    at
        Values of other parameters; the mass and the coupling, where they are no axes, have to be there.
    """

    x: PlaneAxis
    y: PlaneAxis
    at: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _knows_mass_and_coupling(self) -> Self:
        axes = (self.x.parameter, self.y.parameter)
        if axes[0] == axes[1]:
            raise ValueError(f"y/parameter: '{axes[1]}' is the other axis, too")
        for name in axes:
            if name in self.at:
                raise ValueError(f"at: '{name}' is an axis")
        for name in (MASS, COUPLING):
            if name not in (*axes, *self.at):
                raise ValueError(f"at: {name} is no axis and has no value")
            if self.at.get(name, 1.0) <= 0.0:
                raise ValueError(f"at: {name} is not above zero")
        for axis in (self.x, self.y):
            if axis.parameter in (MASS, COUPLING) and axis.low <= 0.0:
                raise ValueError(f"{axis.parameter} is not above zero on its axis")
        return self


def parsed(axes: Sequence[str], at: Sequence[str]) -> Plane:
    """Read axes `PARAMETER:LOW:HIGH[:POINTS[:SCALE]]` and values `PARAMETER=VALUE` of a command line.

    Raises
    ------
    UmbraError
        If one is not written so, or makes no plane.
    """
    x, y = (_axis(text) for text in axes)
    values = {}
    for text in at:
        name, _, value = text.partition("=")
        values[name] = _number(value, f"--at {text}")
    return validated(Plane, {"x": x, "y": y, "at": values}, "--plane")


def _axis(text: str) -> dict[str, object]:
    name, *rest = text.split(":")
    if not 2 <= len(rest) <= 4:
        raise UmbraError(f"--plane {text}: an axis is written PARAMETER:LOW:HIGH[:POINTS[:SCALE]]")
    found: dict[str, object] = {
        "parameter": name,
        "low": _number(rest[0], f"--plane {text}"),
        "high": _number(rest[1], f"--plane {text}"),
    }
    if len(rest) > 2:
        found["points"] = int(_number(rest[2], f"--plane {text}"))
    if len(rest) > 3:
        found["scale"] = rest[3]
    return found


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UmbraError(f"{where}: '{text}' is not a number") from None
