"""Models by the names that channels use.

Whether there is a model, and a final state of it, is known here without its module: the job graph is built with that,
and must not pay for NumPy, SciPy and the tables.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from umbra.core.errors import UmbraError
from umbra.core.records import no_such, unknown_word

if TYPE_CHECKING:
    from umbra.theory.model import Model

#: g_D^2/(4 pi) of inelastic dark matter.
_ALPHA_D = 0.1

_LEPTONS = ("ee", "mumu", "tautau")

#: Name -> final states that the model answers for, parts of others included.
FINAL_STATES: dict[str, tuple[str, ...]] = {
    "dark_photon": (*_LEPTONS, "hadrons", "pipi"),
    "z_prime": ("mumu", "tautau", "invisible"),
    "invisible_dark_photon": ("invisible",),
    "invisible_z_prime": ("invisible",),
    "alp": ("gammagamma",),
    "weak_alp": ("gammagamma",),
    "lepton_alp": _LEPTONS,
    "leptophilic_scalar": _LEPTONS,
    "muonphilic_scalar": ("mumu",),
    "inelastic_narrow": (*_LEPTONS, "hadrons"),
    "inelastic_wide": (*_LEPTONS, "hadrons"),
    "three_dark_photons": (
        *("six_leptons", "four_leptons_pions", "two_leptons_pions", "six_pions"),
        "four_leptons_x",
    ),
    "higgs_portal_scalar": ("ee", "mumu", "hadrons", "pipi", "kk"),
}


def check(name: str, final_state: str | None = None) -> None:
    """Refuse a model that there is not, or a final state that it does not know.

    Raises
    ------
    UmbraError
        With the nearest word and all that are known.
    """
    if name not in FINAL_STATES:
        raise UmbraError(no_such("particle", name, sorted(FINAL_STATES)))
    known = FINAL_STATES[name]
    if final_state is not None and final_state not in known:
        sentence = f"'{name}' has no final state '{final_state}'"
        raise UmbraError(unknown_word(sentence, final_state, list(known)))


@cache
def find(name: str) -> "Model":
    """Return the model of that name; its table is read once, not for each mass. See `check` for the error."""
    check(name)
    return _makers()[name]()


def _makers() -> "dict[str, Callable[[], Model]]":
    from umbra.theory import tables
    from umbra.theory.alp import LeptonAlp, PhotonAlp, WeakAlp
    from umbra.theory.dark_higgs import ThreeDarkPhotons
    from umbra.theory.dark_photon import DarkPhoton, InvisibleDarkPhoton
    from umbra.theory.hadronic_ratio import HadronicRatio
    from umbra.theory.inelastic import BENCHMARKS, InelasticDarkMatter
    from umbra.theory.scalar import HiggsPortalScalar, LeptophilicScalar, MuonphilicScalar
    from umbra.theory.zprime import InvisibleZPrime, ZPrime

    def ratio() -> HadronicRatio:
        return HadronicRatio(tables.load("dark_photon"), tables.load("hadronic_ratio"))

    return {
        "dark_photon": lambda: DarkPhoton(ratio()),
        "z_prime": ZPrime,
        "invisible_dark_photon": InvisibleDarkPhoton,
        "invisible_z_prime": InvisibleZPrime,
        "alp": PhotonAlp,
        "weak_alp": WeakAlp,
        "lepton_alp": LeptonAlp,
        "leptophilic_scalar": LeptophilicScalar,
        "muonphilic_scalar": MuonphilicScalar,
        "inelastic_narrow": lambda: InelasticDarkMatter(ratio(), BENCHMARKS["narrow"], _ALPHA_D),
        "inelastic_wide": lambda: InelasticDarkMatter(ratio(), BENCHMARKS["wide"], _ALPHA_D),
        "three_dark_photons": lambda: ThreeDarkPhotons(DarkPhoton(ratio())),
        "higgs_portal_scalar": lambda: HiggsPortalScalar(tables.load("higgs_portal_scalar")),
    }
