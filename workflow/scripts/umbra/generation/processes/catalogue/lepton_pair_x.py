"""Entries of the processes in `umbra.generation.processes.lepton_pair_x`."""

from umbra.core.particles import ALP, SCALAR, Z_PRIME
from umbra.generation.processes.entry import ProcessEntry

MUMU_ZPRIME = ProcessEntry(
    name="mumu_zprime",
    implementation="MuMuZPrime",
    summary="e+e- -> mu+ mu- Z', radiated by the muons; coupling g'",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta", "muon_theta", "dimuon_mass"),
    produces=(Z_PRIME,),
)

EMU_ZPRIME = ProcessEntry(
    name="emu_zprime",
    implementation="EMuZPrime",
    summary="e+e- -> e- mu+ Z' and e+ mu- Z', radiated by the leptons (annihilation, massless); coupling g' of e mu Z'",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta", "muon_theta", "electron_theta"),
    produces=(Z_PRIME,),
)

TAUTAU_ZPRIME = ProcessEntry(
    name="tautau_zprime",
    implementation="TauTauZPrime",
    summary="e+e- -> tau+ tau- Z', radiated by the taus; coupling g'",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta",),
    produces=(Z_PRIME,),
)

MUMU_MUONPHILIC_SCALAR = ProcessEntry(
    name="mumu_muonphilic_scalar",
    implementation="MuMuMuonphilicScalar",
    summary="e+e- -> mu+ mu- S, radiated by the muons only; coupling g_S",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta", "muon_theta", "dimuon_mass"),
    produces=(SCALAR,),
)

MUMU_SCALAR = ProcessEntry(
    name="mumu_scalar",
    implementation="MuMuScalar",
    summary="e+e- -> mu+ mu- S, radiated by the muons and the beams; coupling xi (xi m/v at the vertices)",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta", "muon_theta", "dimuon_mass"),
    produces=(SCALAR,),
)

TAUTAU_SCALAR = ProcessEntry(
    name="tautau_scalar",
    implementation="TauTauScalar",
    summary="e+e- -> tau+ tau- S, radiated by the taus and the beams; coupling xi (xi m/v at the vertices)",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta",),
    produces=(SCALAR,),
)

MUMU_ALP = ProcessEntry(
    name="mumu_alp",
    implementation="MuMuALP",
    summary="e+e- -> mu+ mu- a, radiated by the muons and the beams; coupling xi (xi m/v at the vertices)",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta", "muon_theta", "dimuon_mass"),
    produces=(ALP,),
)

TAUTAU_ALP = ProcessEntry(
    name="tautau_alp",
    implementation="TauTauALP",
    summary="e+e- -> tau+ tau- a, radiated by the taus and the beams; coupling xi (xi m/v at the vertices)",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    cuts=("lepton_theta",),
    produces=(ALP,),
)
