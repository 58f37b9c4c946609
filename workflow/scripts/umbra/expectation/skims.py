"""Candidates of a channel's skims, as its categories want them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from umbra.config.records import Category
from umbra.core.io import read_json
from umbra.core.kinematics import Array
from umbra.core.records import validated
from umbra.generation.generated import Generated
from umbra.selection import skims
from umbra.selection.discriminant import WorkingPoint


def candidates(category: Category, path: Path, point: WorkingPoint | None = None) -> dict[str, Array]:
    """Candidates of a skim that meet the requirements of a category and pass its discriminant."""
    found = _required(skims.read(path), category)
    if point is None:
        return found
    keep = point.keeps(found)
    return {name: column[keep] for name, column in found.items()}


def generated(path: Path) -> list[Generated]:
    """What was generated of a sample, at each mass."""
    file = path.with_suffix(".json")
    return [validated(Generated, each, file) for each in read_json(file)["generated"]]


def scale_pb(path: Path) -> float:
    """Cross-section that a candidate of weight 1 of a background stands for."""
    (only,) = generated(path)
    return only.pb_per_weight


def _required(found: Mapping[str, Array], category: Category) -> dict[str, Array]:
    keep = np.ones(len(found["weight"]), dtype=bool)
    for name, (low, high) in category.requirements.items():
        if low is not None:
            keep &= found[name] >= low
        if high is not None:
            keep &= found[name] < high
    return {name: column[keep] for name, column in found.items()}
