"""What the engine returns: typed results, with numbers only where a calculation converged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from umbra.core.status import Status as Status

Engine = Literal["umbra", "pyhf"]
Five = tuple[float | None, float | None, float | None, float | None, float | None]
NO_BANDS: Five = (None, None, None, None, None)


@dataclass(frozen=True)
class Limit:
    """Limit on one signal strength.

    Attributes
    ----------
    poi : parameter of interest
    cl : confidence level, such as 0.95
    observed : upper limit, or upper end of the interval; None without data
    observed_low : lower end of a two-sided interval; None for one-sided methods
    expected : upper limits expected without signal, at -2, -1, 0, +1, +2 standard deviations
    method : what was computed, such as `cls_asymptotic` or `cls_exact_marginalised`
    status : `converged`, or why there are no numbers
    reason : a sentence where the status is not `converged`, or where a converged limit needs a remark
    observed_error, expected_error : statistical errors of the observed limit and of the median expected one from the
        finite number of pseudo-experiments; None where there were none, or too few near the limit to tell
    engine : what set the limit, `umbra` or `pyhf`
    """

    poi: str
    cl: float
    observed: float | None
    observed_low: float | None
    expected: Five
    method: str
    status: Status
    reason: str
    observed_error: float | None = None
    expected_error: float | None = None
    engine: Engine = "umbra"


@dataclass(frozen=True)
class Discovery:
    """Signal fit and local significance of one workspace.

    Attributes
    ----------
    mu_hat, mu_hat_error : best signal strength, which may be negative, and its uncertainty from the curvature
    q0 : discovery statistic, zero where mu_hat is not positive
    p0, z : local p-value and the standard deviations it stands for; 0.5 and zero where mu_hat is not positive
    chi2, chi2_signal : Poisson deviance of the bins for the fits without and with signal
    n_bins : number of bins
    method : how p0 was calculated: `asymptotic` (z is then the root of q0), `exact`, `exact_conditional` or `toys`
    status, reason : as for `Limit`
    p0_error : statistical error of p0 from the finite number of pseudo-experiments; None where there were none
    """

    mu_hat: float | None
    mu_hat_error: float | None
    q0: float | None
    z: float | None
    p0: float | None
    chi2: float | None
    chi2_signal: float | None
    n_bins: int
    method: str
    status: Status
    reason: str
    p0_error: float | None = None


@dataclass(frozen=True)
class FittedChannel:
    """Counts of one channel, bin by bin: observed, and expected by the fits without and with signal."""

    name: str
    observed: tuple[float, ...]
    background: tuple[float, ...]
    signal_plus_background: tuple[float, ...]


@dataclass(frozen=True)
class FittedExpectations:
    """Fitted expectations of one workspace, and the parameters of the two fits by name."""

    channels: tuple[FittedChannel, ...]
    background_parameters: dict[str, float]
    signal_parameters: dict[str, float]
    status: Status
    reason: str
