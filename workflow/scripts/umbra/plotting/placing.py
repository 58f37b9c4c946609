"""Labels along curves, each where it covers least."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from umbra.core.kinematics import Array

#: Distance of candidate places along a curve, and of a label from its curve, in points.
_STEP, _GAP = 12.0, 3.0
#: Distance at which curves are followed when covering is counted, in points.
_SAMPLING = 4.0
#: What it costs to cover another label's whole area, a point of another curve, one of the own.
_LABEL_COST, _OTHER_COST, _OWN_COST = 200.0, 1.0, 1.0


@dataclass(frozen=True, kw_only=True)
class Label:
    """A label to be placed along a curve.

    Parameters
    ----------
    text
        What it says, with mathtext.
    x, y
        Points of the curve in data coordinates, in order.
    color, size, weight
        Of the text.
    """

    text: str
    x: Sequence[float]
    y: Sequence[float]
    color: str
    size: float = 9.0
    weight: str = "normal"


def place_labels(figure: Figure, axes: Axes, labels: Sequence[Label]) -> None:
    """Write labels beside their curves, one after the other, where each covers least.

    Parameters
    ----------
    figure, axes
        Figure and axes, whose limits, scales and place are final.
    labels
        The labels; the first ones have the choice. One whose curve lies outside the axes is left out.
    """
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    point = figure.dpi / 72.0
    area = axes.get_window_extent(renderer)
    frame = np.array([area.x0, area.y0, area.x1, area.y1])
    curves = [_sampled(axes, label, frame, _SAMPLING * point) for label in labels]
    placed: list[Array] = []
    for number, label in enumerate(labels):
        if not len(curves[number]):
            continue
        style = {"color": label.color, "fontsize": label.size, "fontweight": label.weight}
        text = axes.text(0.0, 0.0, label.text, style, ha="center", va="center", clip_on=True, zorder=7)
        extent = text.get_window_extent(renderer)
        boxes = _candidates(curves[number], extent.width, extent.height, point)
        inside = np.all((boxes[:, :2] >= frame[:2] + 2.0) & (boxes[:, 2:] <= frame[2:] - 2.0), axis=1)
        boxes = boxes[inside] if inside.any() else boxes
        rest = [curve for other, curve in enumerate(curves) if other != number]
        others = np.concatenate([np.empty((0, 2)), *rest])
        cost = (
            _LABEL_COST * _overlap(boxes, placed)
            + _OTHER_COST * _covered(boxes, others)
            + _OWN_COST * _covered(boxes, curves[number])
        )
        best = boxes[int(np.argmin(cost))]
        placed.append(best)
        x, y = axes.transData.inverted().transform(0.5 * (best[:2] + best[2:])).tolist()
        text.set_position((x, y))


def _sampled(axes: Axes, label: Label, frame: Array, step: float) -> Array:
    """Points along a curve inside the frame, in pixels, shape (n, 2)."""
    corners = axes.transData.transform(np.column_stack([label.x, label.y]))
    corners = corners[np.all(np.isfinite(corners), axis=1)]
    if len(corners) > 1:
        lengths = np.hypot(*np.diff(corners, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(lengths)])
        wanted = np.linspace(0.0, along[-1], min(max(int(along[-1] / step), 2), 4000))
        corners = np.column_stack([np.interp(wanted, along, corners[:, axis]) for axis in (0, 1)])
    inside = np.all((corners >= frame[:2]) & (corners <= frame[2:]), axis=1)
    points: Array = corners[inside]
    return points


def _candidates(curve: Array, width: float, height: float, point: float) -> Array:
    """Boxes (x0, y0, x1, y1) above, below, left and right of places along a curve, shape (n, 4)."""
    places = curve[:: max(int(_STEP / _SAMPLING), 1)]
    reach = np.array([0.5 * width, 0.5 * height])
    gap = _GAP * point
    shifts = np.array(
        [[0.0, reach[1] + gap], [0.0, -reach[1] - gap], [reach[0] + gap, 0.0], [-reach[0] - gap, 0.0]]
    )
    centres = (places[:, None, :] + shifts[None]).reshape(-1, 2)
    return np.hstack([centres - reach, centres + reach])


def _overlap(boxes: Array, placed: Sequence[Array]) -> Array:
    """Covered part of placed boxes, in units of a candidate's area, shape (n,)."""
    total = np.zeros(len(boxes))
    size = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    for other in placed:
        sides = np.minimum(boxes[:, 2:], other[2:]) - np.maximum(boxes[:, :2], other[:2])
        total += np.prod(np.maximum(sides, 0.0), axis=1) / size
    return total


def _covered(boxes: Array, points: Array) -> Array:
    """How many points lie in each box, shape (n,)."""
    inside = np.all((points[None] >= boxes[:, None, :2]) & (points[None] <= boxes[:, None, 2:]), axis=2)
    counts: Array = inside.sum(axis=1).astype(float)
    return counts
