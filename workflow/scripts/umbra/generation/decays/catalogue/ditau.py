"""Entries of the decay chains in `umbra.generation.decays.ditau`."""

from umbra.core.particles import ALP, SCALAR, Z_PRIME
from umbra.generation.decays.entry import DecayEntry

ZPRIME_TO_TAUS = DecayEntry(
    name="zprime_to_taus",
    function="zprime_to_taus",
    decays=(Z_PRIME,),
)

SCALAR_TO_TAUS = DecayEntry(
    name="scalar_to_taus",
    function="spinless_to_taus",
    arguments={"new": SCALAR, "source": "scalar"},
    decays=(SCALAR,),
)

ALP_TO_TAUS = DecayEntry(
    name="alp_to_taus",
    function="spinless_to_taus",
    arguments={"new": ALP, "source": "pseudoscalar"},
    decays=(ALP,),
)

ZPRIME_TO_TAUS_AND_PHOTONS = DecayEntry(
    name="zprime_to_taus_and_photons",
    function="zprime_to_taus",
    arguments={"photons": True},
    decays=(Z_PRIME,),
)

SCALAR_TO_TAUS_AND_PHOTONS = DecayEntry(
    name="scalar_to_taus_and_photons",
    function="spinless_to_taus",
    arguments={"new": SCALAR, "source": "scalar", "photons": True},
    decays=(SCALAR,),
)

ALP_TO_TAUS_AND_PHOTONS = DecayEntry(
    name="alp_to_taus_and_photons",
    function="spinless_to_taus",
    arguments={"new": ALP, "source": "pseudoscalar", "photons": True},
    decays=(ALP,),
)

TAU_PAIRS_TO_ONE_PRONGS = DecayEntry(
    name="tau_pairs_to_one_prongs",
    function="one_prongs",
)

TAU_PAIRS_TO_ONE_AND_THREE_PRONGS = DecayEntry(
    name="tau_pairs_to_one_and_three_prongs",
    function="one_and_three_prongs",
)
