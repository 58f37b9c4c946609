"""What options of selections are made of: records that the job graph can check, without NumPy."""

from typing import ClassVar

from umbra.core.records import Interval, Record


class SelectionOptions(Record):
    """Options of a selection: nothing unknown, nothing missing; there are no defaults.

    Class attributes
    ----------------
    COLUMNS
        Columns that the selection makes: `weight`, `event` (row of the event in the batch), the search variables and
        what regions may cut on.
    """

    COLUMNS: ClassVar[tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the selection makes with these options."""
        return self.COLUMNS


class MassResolution(Record):
    """Width of the measured mass, constant + slope x mass."""

    constant_mev: float
    slope_mev_per_gev: float


class Chamber(Record):
    """A drift chamber, see `umbra.detector.helix.DriftChamber`."""

    field_tesla: float
    radius_mm: Interval
    layers: int
    z_mm: Interval
    minimum_layers: int
