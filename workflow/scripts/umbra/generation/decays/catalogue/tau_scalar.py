"""Entries of the decay chains in `umbra.generation.decays.tau_scalar`."""

from umbra.core.particles import SCALAR
from umbra.generation.decays.entry import DecayEntry

TAUTAU_SCALAR_TO_EE = DecayEntry(
    name="tautau_scalar_to_ee",
    function="to_pair",
    arguments={"pair": "ee"},
    decays=(SCALAR,),
    displaced=True,
)

TAUTAU_SCALAR_TO_MUMU = DecayEntry(
    name="tautau_scalar_to_mumu",
    function="to_pair",
    arguments={"pair": "mumu"},
    decays=(SCALAR,),
    displaced=True,
)

TAU_PAIRS_WITH_PION_PAIR = DecayEntry(
    name="tau_pairs_with_pion_pair",
    function="with_pion_pair",
)
