"""What a detector file says, as typed records (`config/detectors/`).

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

from itertools import combinations, pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from umbra.core.records import (
    Fraction,
    NotNegativeFloat,
    OneOrMore,
    PositiveFloat,
    Record,
    Several,
    Source,
    increasing,
)

#: Lowest and highest polar angle in the laboratory, in degrees.
ThetaRange = Annotated[
    tuple[Annotated[float, Field(ge=0.0, le=180.0)], Annotated[float, Field(ge=0.0, le=180.0)]],
    Strict(False),
    AfterValidator(increasing),
]
Name = Annotated[str, Field(min_length=1)]


class RegionRecord(Record):
    """A range of polar angle where photons are noticed.

    Parameters
    ----------
    name
        Of the region.
    theta_deg
        Lowest and highest polar angle in the laboratory.
    energy_gev
        From 0 upwards: the i-th inefficiency holds from the i-th energy on.
    inefficiency
        Probability that a photon is missed, as many as energies.
    """

    name: Name
    theta_deg: ThetaRange
    energy_gev: OneOrMore[NotNegativeFloat]
    inefficiency: OneOrMore[Fraction]

    @model_validator(mode="after")
    def _has_a_value_at_each_energy(self) -> Self:
        _same_length("energy_gev", self.energy_gev, "inefficiency", self.inefficiency)
        if self.energy_gev[0] != 0.0:
            raise ValueError(
                f"energy_gev: it begins at {self.energy_gev[0]:g}, not at 0: nothing holds below"
            )
        for low, high in pairwise(self.energy_gev):
            if not low < high:
                raise ValueError(f"energy_gev: it does not increase: {low:g} is followed by {high:g}")
        return self


def _apart(regions: tuple[RegionRecord, ...]) -> tuple[RegionRecord, ...]:
    """Refuse regions of one name, and regions that overlap, where nothing says which inefficiency holds."""
    for one, other in combinations(regions, 2):
        if one.name == other.name:
            raise ValueError(f"two regions have the name '{one.name}'")
        (low, high), (low2, high2) = one.theta_deg, other.theta_deg
        if max(low, low2) < min(high, high2):
            ranges = f"{low:g} to {high:g} and {low2:g} to {high2:g} degrees"
            raise ValueError(f"the regions '{one.name}' and '{other.name}' overlap: {ranges}")
    return regions


#: Photons are noticed in these ranges of the polar angle, and nowhere between them.
Regions = Annotated[OneOrMore[RegionRecord], AfterValidator(_apart)]


class EnergyResolution(Record):
    """sigma(E)/E = a/E (+) b/E^(1/2) (+) c/E^(1/4) (+) d with E in GeV, a Crystal Ball.

    Parameters
    ----------
    per_energy_percent, per_root_energy_percent, per_fourth_root_energy_percent, constant_percent
        The terms a, b, c, d.
    tail_alpha
        Where the tail on the low side begins, in standard deviations.
    tail_index
        Power with which it falls.
    source
        Where the numbers come from.
    """

    per_energy_percent: NotNegativeFloat
    per_root_energy_percent: NotNegativeFloat
    per_fourth_root_energy_percent: NotNegativeFloat
    constant_percent: PositiveFloat
    tail_alpha: PositiveFloat
    tail_index: Annotated[float, Field(gt=1.0)]
    source: Source


class AngularResolution(Record):
    """Resolution of theta and of sin(theta) phi: max(minimum, stochastic/E^(1/2) (+) constant) with E in GeV.

    Parameters
    ----------
    per_root_energy_mrad, constant_mrad, minimum_mrad
        The stochastic and the constant term, and the minimum.
    source
        Where the numbers come from.
    """

    per_root_energy_mrad: NotNegativeFloat
    constant_mrad: NotNegativeFloat
    minimum_mrad: NotNegativeFloat
    source: Source


class CalorimeterRecord(Record):
    """The electromagnetic calorimeter.

    Parameters
    ----------
    regions
        Photons are noticed in these ranges of the polar angle, and nowhere between them.
    minimum_separation_deg
        Photons nearer to each other become one cluster.
    energy_resolution, angular_resolution
        How well photons are measured.
    source
        Where the numbers come from.
    """

    regions: Regions
    minimum_separation_deg: Annotated[float, Field(ge=0.0, le=90.0)]
    energy_resolution: EnergyResolution
    angular_resolution: AngularResolution
    source: Source


class OuterVetoRecord(Record):
    """The muon system as a second chance to notice photons; its inefficiency multiplies that of the calorimeter.

    Parameters
    ----------
    regions
        Where it notices photons.
    source
        Where the numbers come from.
    """

    regions: Regions
    source: Source


class ByKind(Record):
    """One probability for each kind of track.

    Parameters
    ----------
    electron, muon, hadron
        Probability for the true kind.
    """

    electron: Fraction
    muon: Fraction
    hadron: Fraction


class MomentumResolution(Record):
    """sigma(pT)/pT = a pT (+) b/beta (+) c with pT in GeV.

    Parameters
    ----------
    per_pt_percent_per_gev, per_beta_percent, constant_percent
        The terms a, b, c.
    source
        Where the numbers come from.
    """

    per_pt_percent_per_gev: NotNegativeFloat
    per_beta_percent: NotNegativeFloat
    constant_percent: NotNegativeFloat
    source: Source


class TrackAngularResolution(Record):
    """Resolution of theta and of sin(theta) phi of tracks.

    Parameters
    ----------
    constant_mrad
        One width for all.
    source
        Where the number comes from.
    """

    constant_mrad: NotNegativeFloat
    source: Source


class VertexResolution(Record):
    """Resolution of the production point.

    Parameters
    ----------
    transverse_um, longitudinal_um
        Across and along the beams.
    source
        Where the numbers come from.
    """

    transverse_um: NotNegativeFloat
    longitudinal_um: NotNegativeFloat
    source: Source


class TrackerRecord(Record):
    """The tracking detector.

    Parameters
    ----------
    theta_deg
        Lowest and highest polar angle in the laboratory.
    minimum_pt_gev
        Softer tracks are not found.
    efficiency
        Probability that a track inside of the acceptance is found.
    momentum_resolution, angular_resolution, vertex_resolution
        How well tracks are measured.
    source
        Where the numbers come from.
    """

    theta_deg: ThetaRange
    minimum_pt_gev: NotNegativeFloat
    efficiency: ByKind
    momentum_resolution: MomentumResolution
    angular_resolution: TrackAngularResolution
    vertex_resolution: VertexResolution
    source: Source


class HarderTracks(ByKind):
    """Probabilities of tracks from a momentum on.

    Parameters
    ----------
    electron, muon, hadron
        Probability for the true kind.
    momentum_gev
        Where they begin.
    """

    momentum_gev: PositiveFloat


class LeptonIdentification(Record):
    """Probability that a track of each kind passes as this lepton, zero outside of the ranges.

    Parameters
    ----------
    theta_deg
        Lowest and highest polar angle in the laboratory.
    minimum_momentum_gev
        Softer tracks do not pass.
    probability
        By the true kind of the track, from the smallest momentum on.
    harder
        The probabilities that take their place at higher momenta, in increasing order.
    source
        Where the numbers come from.
    """

    theta_deg: ThetaRange
    minimum_momentum_gev: NotNegativeFloat
    probability: ByKind
    harder: Several[HarderTracks] = ()
    source: Source

    @model_validator(mode="after")
    def _has_harder_tracks_in_order(self) -> Self:
        begins = (self.minimum_momentum_gev, *(step.momentum_gev for step in self.harder))
        for low, high in pairwise(begins):
            if not low < high:
                raise ValueError(
                    f"the momenta of harder tracks do not increase: {low:g} is followed by {high:g}"
                )
        return self


class IdentificationRecord(Record):
    """How tracks are called leptons.

    Parameters
    ----------
    electron, muon
        Tracks that pass as an electron, and as a muon.
    """

    electron: LeptonIdentification
    muon: LeptonIdentification


class BeamBackgroundRecord(Record):
    """Clusters in every event, with an exponential spectrum above the minimum, uniform in theta and phi.

    Parameters
    ----------
    theta_deg
        Lowest and highest polar angle in the laboratory.
    clusters_per_event
        Mean number above the minimum energy, before the cut on the time.
    minimum_energy_mev, spectrum_slope_mev
        The spectrum exp(-E/slope) begins at the minimum.
    timing_efficiency
        Share of the clusters that passes the cut on the time.
    source
        Where the numbers come from.
    """

    theta_deg: ThetaRange
    clusters_per_event: Annotated[float, Field(gt=0.0, le=10.0)]
    minimum_energy_mev: PositiveFloat
    spectrum_slope_mev: PositiveFloat
    timing_efficiency: Annotated[float, Field(gt=0.0, le=1.0)]
    source: Source


class TriggerRecord(Record):
    """Efficiency against one quantity, linear between the values and constant beyond; a value given twice makes a step.

    Parameters
    ----------
    quantity
        Name of the quantity, with its unit.
    values
        Of the quantity, in increasing order.
    efficiency
        Probability at each value.
    source
        Where the numbers come from.
    """

    quantity: Name
    values: Annotated[Several[float], Field(min_length=2)]
    efficiency: Annotated[Several[Fraction], Field(min_length=2)]
    source: Source

    @model_validator(mode="after")
    def _is_a_curve(self) -> Self:
        _same_length("values", self.values, "efficiency", self.efficiency)
        for low, high in pairwise(self.values):
            if low > high:
                raise ValueError(f"values: they do not increase: {low:g} is followed by {high:g}")
        for value in self.values:
            if self.values.count(value) > 2:
                raise ValueError(f"values: they hold {value:g} more than twice; two make a step")
        return self


class DetectorRecord(Record):
    """A parametrised detector.

    Parameters
    ----------
    calorimeter, tracker, identification
        The parts.
    outer_veto
        The muon system, where it notices photons.
    beam_background
        Clusters added to each event.
    triggers
        By name.
    """

    calorimeter: CalorimeterRecord
    outer_veto: OuterVetoRecord | None = None
    tracker: TrackerRecord
    identification: IdentificationRecord
    beam_background: BeamBackgroundRecord | None = None
    triggers: dict[str, TriggerRecord] = Field(default={})


def _same_length(one: str, ones: tuple[float, ...], other: str, others: tuple[float, ...]) -> None:
    if len(ones) != len(others):
        raise ValueError(f"{one}: it has {len(ones)} entries and {other} has {len(others)}")
