"""Entries of the processes in `umbra.generation.processes.k_to_pion`."""

from umbra.core.particles import SCALAR
from umbra.generation.processes.entry import ProcessEntry

K_TO_PI_SCALAR = ProcessEntry(
    name="k_to_pi_scalar",
    implementation="KToPiScalar",
    summary="K+ -> pi+ S in a beam of kaons, coupling sin(theta); a fraction per K+",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
    produces=(SCALAR,),
)

K_TO_PI_NUNU = ProcessEntry(
    name="k_to_pi_nunu",
    implementation="KToPiNuNu",
    summary="K+ -> pi+ nu nubar in a beam of kaons, the Standard Model's rate; a fraction per K+",
    per_parent=True,
    closed_form=True,
    title=r"$K^+ \to \pi^+\nu\bar{\nu}$",
)
