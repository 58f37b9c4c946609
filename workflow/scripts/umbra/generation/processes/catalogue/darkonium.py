"""Entries of the processes in `umbra.generation.processes.darkonium`."""

from umbra.core.particles import DARK_PHOTON
from umbra.generation.processes.entry import ProcessEntry

DARKONIUM_GAMMA_THREE_APRIME = ProcessEntry(
    name="darkonium_gamma_three_aprime",
    implementation="GammaThreeDarkPhotons",
    summary="e+e- -> gamma Upsilon_D, Upsilon_D -> A'A'A'; mass of A', mass2 of Upsilon_D, coupling epsilon, alpha_d",
    parameters={"mass_gev": None, "mass2_gev": None, "coupling": 1.0, "alpha_d": 0.5},
    massive=True,
    cuts=("cos_theta", "photon_theta", "photon_energy"),
    cuts_with_radiation=("photon_energy",),
    closed_form=True,
    produces=(DARK_PHOTON, DARK_PHOTON, DARK_PHOTON),
    second_is_parent=True,
)
