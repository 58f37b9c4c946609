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

THREE_GAMMA_NEAR_BEAM = ProcessEntry(
    name="three_gamma_near_beam",
    implementation="ThreeGammaNearBeam",
    summary="e+e- -> gamma gamma gamma, one of them near a beam down to zero angle; needs photon_energy",
    cuts=("photon_energy", "nearest_beam_angle", "second_beam_angle", "largest_photon_pt"),
    required_cuts=("photon_energy", "largest_photon_pt"),
    title=r"$\gamma\gamma\gamma$",
)
