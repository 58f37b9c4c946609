"""Physical constants and masses, in GeV and pb.

Masses are those of PDG 2024 in MeV, over 1000; a test compares them with the tables of the `particle` package, which
takes a quarter of a second to read in every job. The others are CODATA 2022 / PDG 2024 values.
"""

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


ELECTRON_MASS_GEV = 0.51099895069 / 1000.0
MUON_MASS_GEV = 105.6583755 / 1000.0
TAU_MASS_GEV = 1776.93 / 1000.0
PION_MASS_GEV = 139.57039 / 1000.0
KAON_MASS_GEV = 493.677 / 1000.0

#: PDG identifiers of the particles that processes emit.
ELECTRON, MUON, TAU, PHOTON = 11, 13, 15, 22

LEPTON_MASS_GEV = {ELECTRON: ELECTRON_MASS_GEV, MUON: MUON_MASS_GEV, TAU: TAU_MASS_GEV}
