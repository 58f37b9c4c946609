"""Entries of the processes in `umbra.generation.processes.hadrons_gamma`."""

from umbra.generation.processes.entry import ProcessEntry

HADRONSGAMMA = ProcessEntry(
    name="hadronsgamma",
    implementation="HadronsGamma",
    summary="e+e- -> hadrons gamma, radiated by the beams, with R(s); the hadrons are left as one",
    cuts=("photon_energy", "photon_theta", "cos_theta", "hadron_mass"),
    required_cuts=("photon_energy",),
    title=r"$\gamma_\mathrm{ISR}$ + hadrons",
)
