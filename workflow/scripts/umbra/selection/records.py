"""What options of selections and of discriminants are made of: records that the job graph can check, without NumPy."""

from typing import ClassVar, Literal

from umbra.core.records import Curve, Fraction, Interval, PositiveFloat, Record

#: Width of the measured mass: rows (mass in GeV, width in MeV), linear in between and constant beyond.
MassResolution = Curve


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


class PunziPoint(Record):
    """Working point of a discriminant by a figure of merit, see `umbra.selection.discriminant.find_punzi`.

    Parameters
    ----------
    column
        Column of the skim of which the largest values are kept.
    punzi_sigma
        Number of standard deviations a of the figure efficiency / (a/2 + error of the background).
    fewest_simulated
        Cuts that leave fewer effective simulated background events are not tried.
    keeps
        The `largest` values, or the `rest` that such a category leaves: with both nothing is lost.
    """

    column: str
    punzi_sigma: PositiveFloat
    fewest_simulated: PositiveFloat
    keeps: Literal["largest", "rest"] = "largest"


class SoftMuons(Record):
    """Muons that do not reach the muon system, identified by drift chamber and calorimeter.

    Parameters
    ----------
    minimum_momentum_gev
        Softer tracks are never called muons; those harder than the detector's own smallest momentum are called as it
        says.
    muon, hadron
        Probability that a track of the one or the other kind is called a muon.
    """

    minimum_momentum_gev: PositiveFloat
    muon: Fraction
    hadron: Fraction


class Chamber(Record):
    """A drift chamber, see `umbra.detector.helix.DriftChamber`."""

    field_tesla: float
    radius_mm: Interval
    layers: int
    z_mm: Interval
    minimum_layers: int
