"""Entries of the decay chains in `umbra.generation.decays.dark_photon`."""

from umbra.core.particles import DARK_PHOTON
from umbra.generation.decays.entry import DecayEntry

DARK_PHOTON_TO_EE = DecayEntry(
    name="dark_photon_to_ee",
    function="to_pair",
    arguments={"pair": "ee"},
    decays=(DARK_PHOTON,),
)

DARK_PHOTON_TO_PIPI = DecayEntry(
    name="dark_photon_to_pipi",
    function="to_pair",
    arguments={"pair": "pipi"},
    decays=(DARK_PHOTON,),
)

DARK_PHOTON_TO_MUMU = DecayEntry(
    name="dark_photon_to_mumu",
    function="to_pair",
    arguments={"pair": "mumu"},
    decays=(DARK_PHOTON,),
)
