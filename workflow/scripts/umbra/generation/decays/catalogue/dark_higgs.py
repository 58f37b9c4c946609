"""Entries of the decay chains in `umbra.generation.decays.dark_higgs`."""

from umbra.core.particles import DARK_HIGGS, DARK_PHOTON
from umbra.generation.decays.entry import DecayEntry

DARK_PHOTON_TO_MUMU_BESIDE_HIGGS = DecayEntry(
    name="dark_photon_to_mumu_beside_higgs",
    function="beside_higgs",
    arguments={"pair": "mumu"},
    decays=(DARK_PHOTON,),
)

DARK_PHOTONS_TO_SIX_LEPTONS = DecayEntry(
    name="dark_photons_to_six_leptons",
    function="to_leptons_and",
    arguments={"others": ()},
    decays=(
        DARK_PHOTON,
        DARK_HIGGS,
    ),
)

DARK_PHOTONS_TO_FOUR_LEPTONS_AND_PIONS = DecayEntry(
    name="dark_photons_to_four_leptons_and_pions",
    function="to_leptons_and",
    arguments={"others": ("pipi",)},
    decays=(
        DARK_PHOTON,
        DARK_HIGGS,
    ),
)

DARK_PHOTONS_TO_TWO_LEPTONS_AND_PIONS = DecayEntry(
    name="dark_photons_to_two_leptons_and_pions",
    function="to_leptons_and",
    arguments={"others": ("pipi", "pipi")},
    decays=(
        DARK_PHOTON,
        DARK_HIGGS,
    ),
)

DARK_PHOTONS_TO_SIX_PIONS = DecayEntry(
    name="dark_photons_to_six_pions",
    function="to_leptons_and",
    arguments={"others": ("pipi", "pipi", "pipi")},
    decays=(
        DARK_PHOTON,
        DARK_HIGGS,
    ),
)

DARK_PHOTONS_TO_FOUR_LEPTONS_AND_ANYTHING = DecayEntry(
    name="dark_photons_to_four_leptons_and_anything",
    function="to_leptons_and",
    arguments={"others": ("anything",)},
    decays=(
        DARK_PHOTON,
        DARK_HIGGS,
    ),
)
