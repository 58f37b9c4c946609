"""Entries of the processes in `umbra.generation.processes.nunu_gamma`."""

from umbra.generation.processes.entry import ProcessEntry

NUNU_GAMMA = ProcessEntry(
    name="nunu_gamma",
    implementation="NuNuGamma",
    summary="e+e- -> nu nubar gamma, three flavours, contact interaction",
    cuts=("photon_energy", "photon_theta", "cos_theta"),
    required_cuts=("photon_energy",),
    title=r"$\nu\bar{\nu}\gamma$",
)
