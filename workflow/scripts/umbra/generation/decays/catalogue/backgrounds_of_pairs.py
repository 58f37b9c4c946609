"""Entries of the decay chains in `umbra.generation.decays.backgrounds_of_pairs`."""

from umbra.core.particles import DARK_PHOTON
from umbra.generation.decays.entry import DecayEntry

#: Helium and ethane in equal parts: 640 m, from memory. From the innermost layer (arXiv:1011.0352) to the search's end.
PHOTON_CONVERTS_IN_BELLE2_CHAMBER = DecayEntry(
    name="photon_converts_in_belle2_chamber",
    function="convert_in_gas",
    arguments={"radiation_length_mm": 6.4e5, "radius_mm": (168.0, 600.0)},
)

PHI_TO_KSHORT_KLONG = DecayEntry(
    name="phi_to_kshort_klong",
    function="phi_to_kaons",
    decays=(DARK_PHOTON,),
)
