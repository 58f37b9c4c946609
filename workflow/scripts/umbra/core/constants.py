"""Physical constants and masses, in GeV and pb.

Masses come from the `particle` package (PDG 2024 tables); the others are CODATA 2022 / PDG 2024 values.
"""

from particle import literals as lp

#: Fine-structure constant at zero momentum transfer (CODATA 2022: 1/137.035999177).
ALPHA = 1.0 / 137.035999177
#: (hbar c)^2 in pb GeV^2 (exact in the SI of 2019).
GEV2_PB = 0.3893793721e9
#: hbar c in GeV mm (exact in the SI of 2019).
HBARC_GEV_MM = 1.973269804e-13
#: Higgs vacuum expectation value (sqrt(2) G_F)^(-1/2) in GeV (PDG 2024).
HIGGS_VEV_GEV = 246.21965
#: Fermi constant in GeV^-2 (PDG 2024).
FERMI_CONSTANT = 1.1663788e-5


def _mass_gev(particle: object) -> float:
    return float(particle.mass) / 1000.0  # type: ignore[attr-defined]


ELECTRON_MASS_GEV = _mass_gev(lp.e_minus)
MUON_MASS_GEV = _mass_gev(lp.mu_minus)
TAU_MASS_GEV = _mass_gev(lp.tau_minus)
PION_MASS_GEV = _mass_gev(lp.pi_plus)
KAON_MASS_GEV = _mass_gev(lp.K_plus)

#: PDG identifiers of the particles that processes emit.
ELECTRON, MUON, TAU, PHOTON = 11, 13, 15, 22

LEPTON_MASS_GEV = {ELECTRON: ELECTRON_MASS_GEV, MUON: MUON_MASS_GEV, TAU: TAU_MASS_GEV}
