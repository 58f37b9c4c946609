"""Entries of the processes in `umbra.generation.processes.three_gamma`."""

from umbra.generation.processes.entry import ProcessEntry

THREE_GAMMA = ProcessEntry(
    name="three_gamma",
    implementation="ThreeGamma",
    summary="e+e- -> gamma gamma gamma; needs photon_energy and photon_theta",
    cuts=("photon_energy", "photon_theta", "pair_angle"),
    required_cuts=("photon_energy", "photon_theta"),
    title=r"$\gamma\gamma\gamma$",
)
