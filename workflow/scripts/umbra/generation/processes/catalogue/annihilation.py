"""Entries of the processes in `umbra.generation.processes.annihilation`."""

from umbra.core.particles import DARK_HIGGS, DARK_PHOTON
from umbra.generation.processes.entry import ProcessEntry

MUMU = ProcessEntry(
    name="mumu",
    implementation="MuMu",
    summary="e+e- -> mu+ mu-",
    cuts=("lepton_theta", "muon_theta"),
    closed_form=True,
    title=r"$\mu^+\mu^-$",
)

TAUTAU = ProcessEntry(
    name="tautau",
    implementation="TauTau",
    summary="e+e- -> tau+ tau-, undecayed",
    cuts=("lepton_theta",),
    closed_form=True,
    title=r"$\tau^+\tau^-$",
)

GAMMAGAMMA = ProcessEntry(
    name="gammagamma",
    implementation="GammaGamma",
    summary="e+e- -> gamma gamma",
    cuts=("photon_theta", "photon_energy"),
    cuts_with_radiation=("photon_energy",),
    closed_form=True,
    title=r"$\gamma\gamma$",
)

APRIME_HIGGS = ProcessEntry(
    name="aprime_higgs",
    implementation="DarkPhotonHiggs",
    summary="e+e- -> A' h'; mass of A', mass2 of h', coupling epsilon^2 alpha_D",
    parameters={"mass_gev": None, "mass2_gev": None, "coupling": 1.0},
    closed_form=True,
    produces=(
        DARK_PHOTON,
        DARK_HIGGS,
    ),
)
