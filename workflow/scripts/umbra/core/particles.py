"""PDG identifiers of the hypothetical particles, in the range 9900000+ that the PDG leaves to private use."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the job graph is built with the identifiers, and must not pay for NumPy
    import numpy as np
    from numpy.typing import NDArray

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
#: The words by which files of the configuration name them.
CODES = {
    "aprime": DARK_PHOTON,
    "zprime": Z_PRIME,
    "dark_higgs": DARK_HIGGS,
    "scalar": SCALAR,
    "alp": ALP,
    "chi1": CHI1,
    "chi2": CHI2,
    "darkonium": DARKONIUM,
}
#: Codes that are free for further particles of other generators' samples; nothing decays or detects them.
FREE = range(9_910_000, 9_920_000)


def is_new(pdg_id: "NDArray[Any]") -> "NDArray[np.bool_]":
    """Whether identifiers are those of hypothetical particles, the free codes included; any shape."""
    free = (pdg_id >= FREE.start) & (pdg_id < FREE.stop)
    return reduce(or_, (pdg_id == code for code in NAMES), free)
