"""Entries of the decay chains in `umbra.generation.decays.alp`."""

from umbra.core.particles import ALP
from umbra.generation.decays.entry import DecayEntry

ALP_TO_PHOTONS = DecayEntry(
    name="alp_to_photons",
    function="to_photons",
    decays=(ALP,),
)

#: 300 cm, about the outer radius of Belle II's muon system: arXiv:1709.00009, section 5.2.
ALP_ESCAPES_BELLE2 = DecayEntry(
    name="alp_escapes_belle2",
    function="escape",
    arguments={"beyond_mm": 3000.0},
    decays=(ALP,),
    escapes=True,
)

#: 2.43 m, where vetoes of BaBar's muon system end: arXiv:1911.03176.
ALP_ESCAPES_BABAR = DecayEntry(
    name="alp_escapes_babar",
    function="escape",
    arguments={"beyond_mm": 2430.0},
    decays=(ALP,),
    escapes=True,
)
