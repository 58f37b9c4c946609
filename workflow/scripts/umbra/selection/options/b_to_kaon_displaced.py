"""Options of the selection `b_to_kaon_displaced`, and the columns that it makes."""

from typing import ClassVar, Literal

from umbra.selection.records import Chamber, SelectionOptions


class Options(SelectionOptions):
    """Cuts of `umbra.selection.b_to_kaon_displaced`.

    Parameters
    ----------
    kaon, pair
        `k_plus`, or `k_star` for K+ pi-; and which masses the tracks of the pair have: `ee`, `mumu`, `pipi`, `kk`.
    chamber
        See `umbra.detector.helix.DriftChamber`: every track must cross so many layers.
    minimum_transverse_flight_mm
        Distance of the pair's vertex from the beams: 0.5 mm in the paper.
    maximum_prompt_distance_mm
        Largest distance from the beams at which kaon and pion start.
    maximum_vertex_distance_mm
        Between the measured origins of the two tracks of a pair, which stands in for the quality of a vertex fit.
    minimum_mbc_gev, maximum_abs_delta_e_gev
        Of the beam-constrained mass, and of the energy in the centre of mass less half of that of the beams; regions
        may ask for more, 5.27 and 0.05 GeV in the paper.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "weight",
        "event",
        "mass_gev",
        "mbc_gev",
        "abs_delta_e_gev",
        "flight_mm",
        "kaon_pion_gev",
    )

    kaon: Literal["k_plus", "k_star"]
    pair: Literal["ee", "mumu", "pipi", "kk"]
    chamber: Chamber
    minimum_transverse_flight_mm: float
    maximum_prompt_distance_mm: float
    maximum_vertex_distance_mm: float
    minimum_mbc_gev: float
    maximum_abs_delta_e_gev: float
