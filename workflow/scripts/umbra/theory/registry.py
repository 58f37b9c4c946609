"""Models by the names that channels use."""

from collections.abc import Callable
from functools import cache

from umbra.core.errors import UmbraError
from umbra.theory import tables
from umbra.theory.alp import LeptonAlp, PhotonAlp, WeakAlp
from umbra.theory.dark_higgs import ThreeDarkPhotons
from umbra.theory.dark_photon import DarkPhoton, HadronicRatio, InvisibleDarkPhoton
from umbra.theory.inelastic import BENCHMARKS, InelasticDarkMatter
from umbra.theory.model import Model
from umbra.theory.scalar import HiggsPortalScalar, LeptophilicScalar, MuonphilicScalar
from umbra.theory.zprime import InvisibleZPrime, ZPrime

#: g_D^2/(4 pi) of inelastic dark matter.
_ALPHA_D = 0.1


def _inelastic(benchmark: str) -> Model:
    ratio = HadronicRatio(tables.load("dark_photon"))
    return InelasticDarkMatter(ratio, BENCHMARKS[benchmark], _ALPHA_D)


MODELS: dict[str, Callable[[], Model]] = {
    "dark_photon": lambda: DarkPhoton(HadronicRatio(tables.load("dark_photon"))),
    "z_prime": ZPrime,
    "invisible_dark_photon": InvisibleDarkPhoton,
    "invisible_z_prime": InvisibleZPrime,
    "alp": PhotonAlp,
    "weak_alp": WeakAlp,
    "lepton_alp": LeptonAlp,
    "leptophilic_scalar": LeptophilicScalar,
    "muonphilic_scalar": MuonphilicScalar,
    "inelastic_narrow": lambda: _inelastic("narrow"),
    "inelastic_wide": lambda: _inelastic("wide"),
    "three_dark_photons": lambda: ThreeDarkPhotons(DarkPhoton(HadronicRatio(tables.load("dark_photon")))),
    "higgs_portal_scalar": lambda: HiggsPortalScalar(tables.load("higgs_portal_scalar")),
}


@cache
def find(name: str) -> Model:
    """Return the model of that name; its table is read once, not for each mass.

    Raises
    ------
    UmbraError
        If there is none; the message lists those that exist.
    """
    if name not in MODELS:
        raise UmbraError(f"unknown model '{name}'; known: {', '.join(sorted(MODELS))}")
    return MODELS[name]()
