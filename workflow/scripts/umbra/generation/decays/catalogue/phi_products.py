"""Entries of the decay chains in `umbra.generation.decays.phi_products`."""

from umbra.generation.decays.entry import DecayEntry

#: Out to where a vertex of the tracks is taken for one at the beams, from memory of arXiv:1501.06795.
KAON_PAIR_TO_MUONS_NEAR_BEAMS = DecayEntry(
    name="kaon_pair_to_muons_near_beams",
    function="kaons_to_muons",
    arguments={"radius_mm": 40.0},
)

PI0_TO_PHOTONS = DecayEntry(
    name="pi0_to_photons",
    function="pi0_to_photons",
)
