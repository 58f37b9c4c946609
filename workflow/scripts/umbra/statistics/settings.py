"""How limits are set: what a caller may choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from umbra.core.errors import UmbraError
from umbra.statistics.results import Engine

Method = Literal["cls", "bayesian", "profile", "feldman_cousins"]
Calculation = Literal["auto", "exact", "toys", "asymptotic"]
Nuisance = Literal["marginalised", "profiled"]

FEWEST_TOYS, MOST_TOYS = 50, 1_000_000  # fewer have no 95% quantile to speak of, more do not fit in memory


@dataclass(frozen=True)
class LimitSettings:
    """How limits are set.

    Attributes
    ----------
    method : `cls`, `bayesian` (flat prior in the signal strength), `profile` (one-sided), `feldman_cousins`
    cl : confidence level
    calculation : `auto` follows the counts, see `calculations.choose_calculation`; the others are forced
    poi : parameter of interest; the measurement's own if None
    measurement : name of the measurement; the first one of each workspace if None
    seed : names that the random numbers of toys derive from, together with the name of the measurement
    n_toys : pseudo-experiments a hypothesis; `auto` may take fewer where a fit is slow
    nuisance : what exact calculations do with nuisance parameters
    expected : whether to give the limits expected without signal; without them an observed limit is sooner there
    engine : `umbra`, or `pyhf` to have every limit set by stock pyhf

    Raises
    ------
    UmbraError
        A value is unknown or out of range; the sentence names it.
    """

    method: Method = "cls"
    cl: float = 0.95
    calculation: Calculation = "auto"
    poi: str | None = None
    seed: tuple[str, ...] = ("limits",)
    n_toys: int = 2000
    nuisance: Nuisance = "marginalised"
    measurement: str | None = None
    expected: bool = True
    engine: Engine = "umbra"

    def __post_init__(self) -> None:
        for what, value, known in (
            ("limit method", self.method, get_args(Method)),
            ("calculation", self.calculation, get_args(Calculation)),
            ("treatment of nuisance parameters", self.nuisance, get_args(Nuisance)),
            ("engine", self.engine, get_args(Engine)),
        ):
            if value not in known:
                raise UmbraError(f"unknown {what} '{value}'; there are {', '.join(known)}")
        if not 0.5 < self.cl < 1.0:
            raise UmbraError(f"the confidence level must lie between 0.5 and 1, not at {self.cl}")
        if isinstance(self.n_toys, bool) or self.n_toys != int(self.n_toys):
            raise UmbraError(f"the number of toys must be whole, not {self.n_toys}")
        if not FEWEST_TOYS <= self.n_toys <= MOST_TOYS:
            raise UmbraError(
                f"the number of toys must lie between {FEWEST_TOYS} and {MOST_TOYS}, not at {self.n_toys}"
            )
