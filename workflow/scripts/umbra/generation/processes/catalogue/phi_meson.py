"""Entries of the processes in `umbra.generation.processes.phi_meson`."""

from umbra.generation.processes.entry import ProcessEntry

PHI_TO_KAONS = ProcessEntry(
    name="phi_to_kaons",
    implementation="PhiToKaons",
    summary="e+e- -> phi -> K+ K-, undecayed",
    closed_form=True,
    title=r"$\phi\to K^+K^-$",
)

PHI_TO_THREE_PIONS = ProcessEntry(
    name="phi_to_three_pions",
    implementation="PhiToThreePions",
    summary="e+e- -> phi -> pi+ pi- pi0 through rho pi; the pi0 undecayed",
    title=r"$\phi\to\pi^+\pi^-\pi^0$",
)
