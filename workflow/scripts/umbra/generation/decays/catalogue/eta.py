"""Entries of the decay chains in `umbra.generation.decays.eta`."""

from umbra.generation.decays.entry import DecayEntry

ETA_TO_PHOTONS_OR_PIONS = DecayEntry(
    name="eta_to_photons_or_pions",
    function="to_photons_or_pions",
)

ETAPRIME_TO_PIONS = DecayEntry(
    name="etaprime_to_pions",
    function="prime_to_pions",
)
