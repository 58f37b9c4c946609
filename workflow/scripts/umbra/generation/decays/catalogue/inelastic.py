"""Entries of the decay chains in `umbra.generation.decays.inelastic`."""

from umbra.core.particles import DARK_PHOTON
from umbra.generation.decays.entry import DecayEntry

INELASTIC_NARROW_TO_EE = DecayEntry(
    name="inelastic_narrow_to_ee",
    function="decay_benchmark",
    arguments={"benchmark": "narrow", "pair": "ee"},
    decays=(DARK_PHOTON,),
    displaced=True,
)

INELASTIC_NARROW_TO_MUMU = DecayEntry(
    name="inelastic_narrow_to_mumu",
    function="decay_benchmark",
    arguments={"benchmark": "narrow", "pair": "mumu"},
    decays=(DARK_PHOTON,),
    displaced=True,
)

INELASTIC_WIDE_TO_EE = DecayEntry(
    name="inelastic_wide_to_ee",
    function="decay_benchmark",
    arguments={"benchmark": "wide", "pair": "ee"},
    decays=(DARK_PHOTON,),
    displaced=True,
)

INELASTIC_WIDE_TO_MUMU = DecayEntry(
    name="inelastic_wide_to_mumu",
    function="decay_benchmark",
    arguments={"benchmark": "wide", "pair": "mumu"},
    decays=(DARK_PHOTON,),
    displaced=True,
)
