"""PDG identifiers of the hypothetical particles, in the range 9900000+ that the PDG leaves to private use."""

DARK_PHOTON = 9900022
Z_PRIME = 9900023
DARK_HIGGS = 9900025
SCALAR = 9900035
ALP = 9900036
CHI1 = 9900041
CHI2 = 9900042
DARKONIUM = 9900443

NAMES = {
    DARK_PHOTON: "dark photon A'",
    Z_PRIME: "Z'",
    DARK_HIGGS: "dark Higgs h'",
    SCALAR: "scalar S",
    ALP: "axion-like particle a",
    CHI1: "dark matter chi1",
    CHI2: "excited dark matter chi2",
    DARKONIUM: "darkonium",
}
