"""Entries of the processes in `umbra.generation.processes.upsilon`."""

from umbra.generation.processes.entry import ProcessEntry

UPSILON3S_TO_PIPI_UNSEEN = ProcessEntry(
    name="upsilon3s_to_pipi_unseen",
    implementation="UpsilonUnseen",
    summary="Upsilon(3S) -> pi+ pi- X, X unseen; coupling B(Upsilon(1S) -> nothing); per Upsilon(3S)",
    parameters={"mass_gev": None, "coupling": 1.0},
    per_parent=True,
    closed_form=True,
)

UPSILON3S_TO_PIPI_EE = ProcessEntry(
    name="upsilon3s_to_pipi_ee",
    implementation="UpsilonToElectrons",
    summary="Upsilon(3S) -> pi+ pi- Upsilon(1S), Upsilon(1S) -> e+ e-; a fraction per Upsilon(3S)",
    per_parent=True,
    closed_form=True,
    title=r"$\Upsilon(1S) \to e^+e^-$",
)

UPSILON3S_TO_PIPI_MUMU = ProcessEntry(
    name="upsilon3s_to_pipi_mumu",
    implementation="UpsilonToMuons",
    summary="Upsilon(3S) -> pi+ pi- Upsilon(1S), Upsilon(1S) -> mu+ mu-; a fraction per Upsilon(3S)",
    per_parent=True,
    closed_form=True,
    title=r"$\Upsilon(1S) \to \mu^+\mu^-$",
)

UPSILON3S_TO_PIPI_TAUTAU = ProcessEntry(
    name="upsilon3s_to_pipi_tautau",
    implementation="UpsilonToTaus",
    summary="Upsilon(3S) -> pi+ pi- Upsilon(1S), Upsilon(1S) -> tau+ tau-; a fraction per Upsilon(3S)",
    per_parent=True,
    closed_form=True,
    title=r"$\Upsilon(1S) \to \tau^+\tau^-$",
)
