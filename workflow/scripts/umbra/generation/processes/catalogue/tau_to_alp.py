"""Entries of the processes in `umbra.generation.processes.tau_to_alp`."""

from umbra.core.particles import ALP
from umbra.generation.processes.entry import ProcessEntry

TAU_TO_ELECTRON_ALP = ProcessEntry(
    name="tau_to_electron_alp",
    implementation="TauToElectronAlp",
    summary="tau- -> e- alpha in tau pairs; per tau, the coupling is relative to tau -> e nu nu",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
    produces=(ALP,),
)

TAU_TO_MUON_ALP = ProcessEntry(
    name="tau_to_muon_alp",
    implementation="TauToMuonAlp",
    summary="tau- -> mu- alpha in tau pairs; per tau, the coupling is relative to tau -> mu nu nu",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
    produces=(ALP,),
)
