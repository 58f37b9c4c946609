"""Entries of the processes in `umbra.generation.processes.jpsi_eta`."""

from umbra.generation.processes.entry import ProcessEntry

JPSI_ETA_APRIME = ProcessEntry(
    name="jpsi_eta_aprime",
    implementation="JPsiEtaDarkPhoton",
    summary="J/psi -> eta A', A' -> e+ e-; per J/psi, without BR(A' -> e+ e-)",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
)

JPSI_ETA_EE = ProcessEntry(
    name="jpsi_eta_ee",
    implementation="JPsiEtaElectrons",
    summary="J/psi -> eta e+ e- (Dalitz decay); per J/psi",
    cuts=("dielectron_mass",),
    per_parent=True,
    title=r"$J/\psi \to \eta\,e^+e^-$",
)

JPSI_ETAPRIME_APRIME = ProcessEntry(
    name="jpsi_etaprime_aprime",
    implementation="JPsiEtaPrimeDarkPhoton",
    summary="J/psi -> eta' A', A' -> e+ e-; per J/psi, without BR(A' -> e+ e-)",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
)

JPSI_ETAPRIME_EE = ProcessEntry(
    name="jpsi_etaprime_ee",
    implementation="JPsiEtaPrimeElectrons",
    summary="J/psi -> eta' e+ e- (Dalitz decay); per J/psi",
    cuts=("dielectron_mass",),
    per_parent=True,
    title=r"$J/\psi \to \eta^\prime\,e^+e^-$",
)
