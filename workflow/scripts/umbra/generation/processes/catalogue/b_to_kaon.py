"""Entries of the processes in `umbra.generation.processes.b_to_kaon`."""

from umbra.core.particles import ALP, SCALAR
from umbra.generation.processes.entry import ProcessEntry

B_TO_K_SCALAR = ProcessEntry(
    name="b_to_k_scalar",
    implementation="BToKScalar",
    summary="B+ -> K+ S at the Upsilon(4S), coupling sin(theta); a fraction per B",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
    produces=(SCALAR,),
)

B_TO_KSTAR_SCALAR = ProcessEntry(
    name="b_to_kstar_scalar",
    implementation="BToKStarScalar",
    summary="B0 -> K*0 S, K*0 -> K+ pi- at the Upsilon(4S), coupling sin(theta); a fraction per B",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
    produces=(SCALAR,),
)

B_TO_K_ALP = ProcessEntry(
    name="b_to_k_alp",
    implementation="BToKAlp",
    summary="B+ -> K+ a at the Upsilon(4S), coupling g_aW in GeV^-1; a fraction per B",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
    produces=(ALP,),
)
