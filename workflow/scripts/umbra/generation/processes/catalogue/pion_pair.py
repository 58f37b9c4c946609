"""Entries of the processes in `umbra.generation.processes.pion_pair`."""

from umbra.generation.processes.entry import ProcessEntry

PIPIGAMMA = ProcessEntry(
    name="pipigamma",
    implementation="PiPiGamma",
    summary="e+e- -> pi+ pi- gamma, initial and final state radiation (point-like), with the form factor of the pion",
    cuts=("photon_energy", "photon_theta", "cos_theta", "pion_theta", "dipion_mass"),
    required_cuts=("photon_energy",),
    title=r"$\pi^+\pi^-\gamma$",
)
