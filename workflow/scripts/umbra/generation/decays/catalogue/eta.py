"""Entries of the decay chains in `umbra.generation.decays.eta`."""

from umbra.generation.decays.entry import DecayEntry

ETA_TO_PHOTONS_OR_PIONS = DecayEntry(
    name="eta_to_photons_or_pions",
    function="to_photons_or_pions",
)
