"""Entries of the decay chains in `umbra.generation.decays.b_meson`."""

from umbra.core.particles import ALP, SCALAR
from umbra.generation.decays.entry import DecayEntry

B_X_UNSEEN = DecayEntry(name="b_x_unseen", function="unseen")

B_ALP_TO_PHOTONS = DecayEntry(
    name="b_alp_to_photons",
    function="displaced_pair",
    arguments={"new": ALP, "pair": "gammagamma"},
    decays=(ALP,),
    displaced=True,
)

B_SCALAR_TO_EE = DecayEntry(
    name="b_scalar_to_ee",
    function="displaced_pair",
    arguments={"new": SCALAR, "pair": "ee"},
    decays=(SCALAR,),
    displaced=True,
)

B_SCALAR_TO_MUMU = DecayEntry(
    name="b_scalar_to_mumu",
    function="displaced_pair",
    arguments={"new": SCALAR, "pair": "mumu"},
    decays=(SCALAR,),
    displaced=True,
)

B_SCALAR_TO_PIPI = DecayEntry(
    name="b_scalar_to_pipi",
    function="displaced_pair",
    arguments={"new": SCALAR, "pair": "pipi"},
    decays=(SCALAR,),
    displaced=True,
)

B_SCALAR_TO_KK = DecayEntry(
    name="b_scalar_to_kk",
    function="displaced_pair",
    arguments={"new": SCALAR, "pair": "kk"},
    decays=(SCALAR,),
    displaced=True,
)
