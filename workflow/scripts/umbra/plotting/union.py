"""Several excluded regions filled as one: where they overlap the colour is no darker."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from umbra.core.kinematics import Array
from umbra.results.contours import Contour


def fill_union(axes: Axes, outlines: Iterable[Array], **style: Any) -> None:
    """Fill all that lies within one of some closed curves.

    Parameters
    ----------
    axes
        Where.
    outlines
        Closed curves, shape (n, 2); counter-clockwise, the other way round for holes. The last point is followed by the
        first.
    **style
        Of the patch, such as `facecolor`, `label` and `zorder`; it has no edge.
    """
    parts = [Path(np.vstack([line, line[:1]]), closed=True) for line in outlines if len(line) > 2]
    if parts:
        # One path is filled where it winds around, so that overlaps count once.
        axes.add_patch(PathPatch(Path.make_compound_path(*parts), edgecolor="none", **style))


def above(mass_gev: Sequence[float], limit: Sequence[float], top: float) -> Array:
    """Outline of what a limit excludes, up to a height, counter-clockwise."""
    return np.vstack(
        [np.column_stack([mass_gev, limit]), [[mass_gev[-1], top], [mass_gev[0], top]]],
    )


def outline_of(contour: Contour) -> Array:
    """Points of an outline; those of `umbra.results.islands` are counter-clockwise, and their holes are not."""
    return np.column_stack([contour.mass_gev, contour.value])
