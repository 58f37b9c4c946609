"""Pairs of known particles that new ones decay to, by the names that entries of decay chains have for them."""

from umbra.core.constants import (
    ELECTRON,
    ELECTRON_MASS_GEV,
    KAON_MASS_GEV,
    MUON,
    MUON_MASS_GEV,
    PHOTON,
    PION_MASS_GEV,
)

#: A pair: PDG identifier of the particle and mass in GeV; the other one is its antiparticle.
Kind = tuple[int, float]

#: PDG identifiers of charged pion and kaon.
PION, KAON = 211, 321

PAIRS: dict[str, Kind] = {
    "ee": (ELECTRON, ELECTRON_MASS_GEV),
    "mumu": (MUON, MUON_MASS_GEV),
    "pipi": (PION, PION_MASS_GEV),
    "kk": (KAON, KAON_MASS_GEV),
    "gammagamma": (PHOTON, 0.0),
}

#: Pairs without spin.
SCALARS = ("pipi", "kk")


def both(pair: str) -> tuple[Kind, Kind]:
    """Return both particles of a pair."""
    pdg_id, mass_gev = PAIRS[pair]
    return (pdg_id, mass_gev), (pdg_id if pdg_id == PHOTON else -pdg_id, mass_gev)
