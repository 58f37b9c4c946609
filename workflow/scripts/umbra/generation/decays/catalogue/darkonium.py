"""Entries of the decay chains in `umbra.generation.decays.darkonium`."""

from umbra.core.particles import DARK_PHOTON
from umbra.generation.decays.entry import DecayEntry

_THREE = (DARK_PHOTON, DARK_PHOTON, DARK_PHOTON)

DARKONIUM_TO_SIX_LEPTONS = DecayEntry(
    name="darkonium_to_six_leptons",
    function="to_leptons_and",
    arguments={"others": ()},
    decays=_THREE,
)

DARKONIUM_TO_FOUR_LEPTONS_AND_PIONS = DecayEntry(
    name="darkonium_to_four_leptons_and_pions",
    function="to_leptons_and",
    arguments={"others": ("pipi",)},
    decays=_THREE,
)

DARKONIUM_TO_TWO_LEPTONS_AND_PIONS = DecayEntry(
    name="darkonium_to_two_leptons_and_pions",
    function="to_leptons_and",
    arguments={"others": ("pipi", "pipi")},
    decays=_THREE,
)

#: Each with one lifetime of the dark photons, whatever the coupling would say.
DARKONIUM_TO_SIX_LEPTONS_AFTER_100UM = DecayEntry(
    name="darkonium_to_six_leptons_after_100um",
    function="to_leptons_and",
    arguments={"others": (), "ctau_mm": 0.1},
    decays=_THREE,
)

DARKONIUM_TO_SIX_LEPTONS_AFTER_1MM = DecayEntry(
    name="darkonium_to_six_leptons_after_1mm",
    function="to_leptons_and",
    arguments={"others": (), "ctau_mm": 1.0},
    decays=_THREE,
)

DARKONIUM_TO_SIX_LEPTONS_AFTER_10MM = DecayEntry(
    name="darkonium_to_six_leptons_after_10mm",
    function="to_leptons_and",
    arguments={"others": (), "ctau_mm": 10.0},
    decays=_THREE,
)
