"""Entries of the processes in `umbra.generation.processes.qed_four_lepton`."""

from umbra.generation.processes.entry import ProcessEntry

FOUR_MUON = ProcessEntry(
    name="four_muon",
    implementation="FourMuon",
    summary="e+e- -> mu+ mu- mu+ mu-, exact tree level with exchange",
    cuts=("dimuon_mass", "muon_theta", "lepton_theta"),
    title=r"$\mu^+\mu^-\mu^+\mu^-$",
)

MUMU_TAUTAU = ProcessEntry(
    name="mumu_tautau",
    implementation="MuMuTauTau",
    summary="e+e- -> mu+ mu- tau+ tau-, exact tree level",
    cuts=("dimuon_mass", "muon_theta", "lepton_theta"),
    title=r"$\mu^+\mu^-\tau^+\tau^-$",
)

EE_MUMU = ProcessEntry(
    name="ee_mumu",
    implementation="EEMuMu",
    summary="e+e- -> e+ e- mu+ mu- (two-photon and all other diagrams), exact tree level",
    cuts=(
        "dimuon_mass",
        "dimuon_pt",
        "dielectron_mass",
        "muon_theta",
        "electron_theta",
        "lepton_theta",
        "electron_beam_angle",
    ),
    title=r"$e^+e^-\mu^+\mu^-$",
)

EE_TAUTAU = ProcessEntry(
    name="ee_tautau",
    implementation="EETauTau",
    summary="e+e- -> e+ e- tau+ tau- (two-photon and all other diagrams), exact tree level",
    cuts=("dielectron_mass", "electron_theta", "lepton_theta", "electron_beam_angle"),
    title=r"$e^+e^-\tau^+\tau^-$",
)

EE_EE = ProcessEntry(
    name="ee_ee",
    implementation="FourElectron",
    summary="e+e- -> e+ e- e+ e-, exact tree level with exchange; needs dielectron_mass",
    cuts=("dielectron_mass", "electron_theta", "lepton_theta", "electron_beam_angle"),
    required_cuts=("dielectron_mass",),
    title=r"$e^+e^-e^+e^-$",
)

EE_PIPI = ProcessEntry(
    name="ee_pipi",
    implementation="EEPiPi",
    summary="e+e- -> e+ e- pi+ pi- by photon collisions, parametrised (point-like pions)",
    cuts=("electron_theta", "lepton_theta", "electron_beam_angle", "dielectron_mass"),
    title=r"$e^+e^-\pi^+\pi^-$",
)
