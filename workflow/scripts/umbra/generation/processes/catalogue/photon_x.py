"""Entries of the processes in `umbra.generation.processes.photon_x`."""

from umbra.core.particles import ALP, DARK_PHOTON, DARKONIUM
from umbra.generation.processes.entry import ProcessEntry

GAMMA_ALP = ProcessEntry(
    name="gamma_alp",
    implementation="GammaALP",
    summary="e+e- -> gamma a; coupling g_agammagamma in 1/GeV",
    parameters={"mass_gev": None, "coupling": 1.0},
    cuts=("cos_theta", "photon_theta", "photon_energy"),
    closed_form=True,
    produces=(ALP,),
)

GAMMA_APRIME = ProcessEntry(
    name="gamma_aprime",
    implementation="GammaDarkPhoton",
    summary="e+e- -> gamma A'; coupling epsilon",
    parameters={"mass_gev": None, "coupling": 1.0},
    cuts=("cos_theta", "photon_theta", "photon_energy"),
    cuts_with_radiation=("photon_energy",),
    closed_form=True,
    produces=(DARK_PHOTON,),
)

DARKONIUM_GAMMA = ProcessEntry(
    name="darkonium_gamma",
    implementation="GammaDarkonium",
    summary="e+e- -> gamma Upsilon_D; mass of Upsilon_D, mass2 of A', coupling epsilon, alpha_d",
    parameters={"mass_gev": None, "mass2_gev": 0.0, "coupling": 1.0, "alpha_d": 0.5},
    cuts=("cos_theta", "photon_theta", "photon_energy"),
    cuts_with_radiation=("photon_energy",),
    closed_form=True,
    produces=(DARKONIUM,),
)
