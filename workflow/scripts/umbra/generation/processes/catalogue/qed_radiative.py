"""Entries of the processes in `umbra.generation.processes.qed_radiative`."""

from umbra.generation.processes.entry import ProcessEntry

MUMUGAMMA = ProcessEntry(
    name="mumugamma",
    implementation="MuMuGamma",
    summary="e+e- -> mu+ mu- gamma, initial and final state radiation, exact tree level",
    cuts=("photon_energy", "photon_theta", "cos_theta", "muon_theta", "lepton_theta", "dimuon_mass"),
    required_cuts=("photon_energy",),
    title=r"$\mu^+\mu^-\gamma$",
)

TAUTAUGAMMA = ProcessEntry(
    name="tautaugamma",
    implementation="TauTauGamma",
    summary="e+e- -> tau+ tau- gamma, initial and final state radiation, exact tree level",
    cuts=("photon_energy", "photon_theta", "cos_theta", "lepton_theta"),
    required_cuts=("photon_energy",),
    title=r"$\tau^+\tau^-\gamma$",
)

EEGAMMA = ProcessEntry(
    name="eegamma",
    implementation="EEGamma",
    summary="e+e- -> e+ e- gamma (radiative Bhabha), exact tree level; bound photon_theta or electron_theta",
    cuts=(
        "photon_energy",
        "photon_theta",
        "cos_theta",
        "electron_theta",
        "lepton_theta",
        "electron_beam_angle",
        "dielectron_mass",
    ),
    required_cuts=("photon_energy",),
    title=r"$e^+e^-\gamma$",
)
