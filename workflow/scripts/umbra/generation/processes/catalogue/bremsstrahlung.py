"""Entries of the processes in `umbra.generation.processes.bremsstrahlung`."""

from umbra.core.particles import DARK_PHOTON
from umbra.generation.processes.entry import ProcessEntry

APRIME_ON_LEAD = ProcessEntry(
    name="aprime_on_lead",
    implementation="AprimeOnLead",
    summary="e- Pb -> e- Pb A' of one electron on one atom at rest, kinetic mixing epsilon",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    produces=(DARK_PHOTON,),
)

APRIME_IN_LEAD = ProcessEntry(
    name="aprime_in_lead",
    implementation="AprimeInLead",
    summary="the same in a shower that ends in lead, of its electrons above 0.4 of the beam's energy; A' per electron",
    parameters={"mass_gev": None, "coupling": 1.0},
    massive=True,
    per_parent=True,
    produces=(DARK_PHOTON,),
)

APRIME_IN_LEAD_WITH_POSITRONS = ProcessEntry(
    name="aprime_in_lead_with_positrons",
    implementation="AprimeInLeadWithPositrons",
    summary="the same, and e+ e- -> A' -> chi chibar of its positrons, alpha_D and m_chi = m/3; A' per electron",
    parameters={"mass_gev": None, "coupling": 1.0, "alpha_d": 0.1},
    massive=True,
    per_parent=True,
    produces=(DARK_PHOTON,),
)
