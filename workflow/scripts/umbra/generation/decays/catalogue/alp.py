"""Entries of the decay chains in `umbra.generation.decays.alp`."""

from umbra.core.particles import ALP
from umbra.generation.decays.entry import DecayEntry

ALP_TO_PHOTONS = DecayEntry(
    name="alp_to_photons",
    function="to_photons",
    decays=(ALP,),
)
