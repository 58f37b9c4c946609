"""Entries of the decay chains in `umbra.generation.decays.dimuon`."""

from umbra.core.particles import SCALAR, Z_PRIME
from umbra.generation.decays.entry import DecayEntry

SCALAR_TO_MUMU = DecayEntry(
    name="scalar_to_mumu",
    function="scalar_to_mumu",
    decays=(SCALAR,),
)

SCALAR_TO_MUMU_AND_PHOTONS = DecayEntry(
    name="scalar_to_mumu_and_photons",
    function="scalar_to_mumu",
    arguments={"photons": True},
    decays=(SCALAR,),
)

ZPRIME_TO_MUMU_AND_PHOTONS = DecayEntry(
    name="zprime_to_mumu_and_photons",
    function="zprime_to_mumu",
    arguments={"photons": True},
    decays=(Z_PRIME,),
)

ZPRIME_TO_MUMU = DecayEntry(
    name="zprime_to_mumu",
    function="zprime_to_mumu",
    decays=(Z_PRIME,),
)
