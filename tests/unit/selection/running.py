"""Run a selection as the skim stage does."""

from collections.abc import Mapping
from typing import Any

from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.records import validated
from umbra.detector.detector import Reconstructed
from umbra.selection import registry
from umbra.selection.cutflow import Cutflow


def selected(
    name: str, reco: Reconstructed, machine: Machine, options: Mapping[str, Any], cutflow: Cutflow
) -> dict[str, Array]:
    """Check the options, select, and see that the columns are those that the selection declares, in their order."""
    record = validated(registry.options_of(name), options, f"selection {name}")
    columns = registry.find(name)(reco, machine, record, cutflow)
    assert tuple(columns) == registry.columns_of(name, record)
    assert len({len(column) for column in columns.values()}) == 1
    return columns
