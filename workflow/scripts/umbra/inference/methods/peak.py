"""A peak over a smooth background, written in a Bernstein basis that is fitted to the expectation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import nnls
from scipy.special import bdtrc

from umbra.config.categories import Degree, degree_at
from umbra.config.records import Category, CountingFit, PeakFit
from umbra.core.kinematics import Array
from umbra.core.search_variables import VARIABLES
from umbra.expectation.binned import rebinned
from umbra.inference.methods.binned import At, Window
from umbra.inference.methods.counting import Counting
from umbra.inference.methods.interval import Binning, IntervalMethod
from umbra.inference.workspace import Background

#: A component of the background keeps at least this part of the mean coefficient as its scale.
_SMALLEST_COEFFICIENT = 0.01


@dataclass(frozen=True)
class Peak(IntervalMethod):
    """A peak over a polynomial, see `umbra.config.records.PeakFit`."""

    fit: PeakFit
    #: With fewer a peak cannot be told from a polynomial.
    fewest_bins: ClassVar[int] = 8

    def binning(self, at: At, category: Category, centre_gev: float) -> Binning:
        """Bins of a part of the resolution."""
        return Binning(category.half_window_sigma or self.fit.half_window_sigma, self.fit.bin_sigma)

    def without_background(self) -> Counting:
        """The window is one count."""
        return Counting(CountingFit(half_window_sigma=self.fit.half_window_sigma))

    def backgrounds(self, at: At, window: Window) -> list[Background]:
        """A polynomial, and the backgrounds that peak."""
        return [*_polynomial(at, window, self.fit.background_degree), *_peaks(at, window)]


def _polynomial(at: At, window: Window, degree: Degree) -> list[Background]:
    """Components that are fitted to the smooth part of the expectation."""
    category = window.category
    smooth = [
        values
        for name, values in at.expectation.background(category, at.interpretation).items()
        if name not in category.peaking_backgrounds
    ]
    total = rebinned(np.sum(smooth, axis=0), at.expectation.edges(category), window.edges)
    chosen = degree if category.background_degree is None else category.background_degree
    basis = _basis(window, degree_at(chosen, window.mass_gev))
    coefficients = _fit_basis(basis, total)
    scale = np.maximum(coefficients, _SMALLEST_COEFFICIENT * coefficients.mean())
    return [
        Background(f"bernstein{k}", scale[k] * basis[k], free=True, start=float(coefficients[k] / scale[k]))
        for k in range(len(basis))
    ]


def _basis(window: Window, degree: int) -> Array:
    """Bernstein polynomials of a window, without those that the kinematics forbid at a threshold.

    A coefficient that is zero but free is found above zero half of the time, and hides signal there.
    """
    basis = bernstein(window.edges, degree)
    forbidden = VARIABLES[window.category.variable].threshold_power if window.edges[0] == 0.0 else 0
    return basis[forbidden:]


def _peaks(at: At, window: Window) -> list[Background]:
    """Backgrounds that peak, in their simulated shape: known as well as the interpretation says, or not at all."""
    category, known = window.category, at.interpretation.peaking_uncertainty
    if not category.peaking_backgrounds:
        return []
    axis = at.expectation.edges(category)
    backgrounds = at.expectation.background(category, at.interpretation)
    variances = at.expectation.background_variance(category, at.interpretation)
    return [
        Background(
            name,
            rebinned(backgrounds[name], axis, window.edges),
            free=known == "free",
            relative_uncertainty=0.0 if known == "free" else known,
            variance=rebinned(variances[name], axis, window.edges),
        )
        for name in category.peaking_backgrounds
    ]


def bernstein(edges: Array, degree: int) -> Array:
    """Integrals of the Bernstein polynomials over bins.

    Parameters
    ----------
    edges
        Bin edges, shape (n + 1,); the polynomials live between the first and the last.
    degree
        Degree d.

    Returns
    -------
    ndarray
        Shape (d + 1, n). The rows add up to the widths of the bins in units of the mean width, so that equal
        coefficients mean a flat density.
    """
    t = (edges - edges[0]) / (edges[-1] - edges[0])
    # The integral of B(k, d) from 0 to t is P(more than k of d + 1 successes at t) / (d + 1).
    integrals = np.array([bdtrc(k, degree + 1, t) for k in range(degree + 1)]) / (degree + 1)
    basis: Array = np.diff(integrals, axis=1) * (len(edges) - 1)
    return basis


def _fit_basis(basis: Array, counts: Array) -> Array:
    """Non-negative coefficients by least squares with Poisson-like weights, in two passes."""
    expected = np.full_like(counts, max(counts.mean(), 1e-12))
    coefficients = np.zeros(len(basis))
    for _ in range(2):
        root = np.sqrt(np.maximum(expected, 1e-3 * expected.mean()))
        coefficients, _ = nnls((basis / root).T, counts / root)
        expected = coefficients @ basis
    return coefficients if coefficients.any() else np.full(len(basis), 1e-9)
