"""Entries of the processes in `umbra.generation.processes.alp_fusion`."""

from umbra.core.particles import ALP
from umbra.generation.processes.entry import ProcessEntry

ALP_FUSION = ProcessEntry(
    name="alp_fusion",
    implementation="ALPFusion",
    summary="e+e- -> e+ e- a by photon fusion; coupling g_agammagamma in 1/GeV",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("electron_theta", "electron_beam_angle", "lepton_theta", "dielectron_mass"),
    produces=(ALP,),
)
