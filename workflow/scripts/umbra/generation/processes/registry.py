"""Where each process lives.

The modules are imported by name when they are asked for, so that the code digest of one sample covers the
module of its own process only (`umbra.core.provenance`).
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from umbra.core.errors import UmbraError

if TYPE_CHECKING:  # the job graph asks for `module_of` only, and must not pay for NumPy
    from umbra.generation.processes.process import Process

#: Process name -> module below `umbra.generation.processes` and class.
LOCATIONS: dict[str, tuple[str, str]] = {
    "ee_ee": ("qed_four_lepton", "FourElectron"),
    "ee_mumu": ("qed_four_lepton", "EEMuMu"),
    "ee_pipi": ("qed_four_lepton", "EEPiPi"),
    "ee_tautau": ("qed_four_lepton", "EETauTau"),
    "eegamma": ("qed_radiative", "EEGamma"),
    "four_muon": ("qed_four_lepton", "FourMuon"),
    "mumu_tautau": ("qed_four_lepton", "MuMuTauTau"),
    "nunu_gamma": ("nunu_gamma", "NuNuGamma"),
    "mumugamma": ("qed_radiative", "MuMuGamma"),
    "tautaugamma": ("qed_radiative", "TauTauGamma"),
    "gamma_alp": ("photon_x", "GammaALP"),
    "gamma_aprime": ("photon_x", "GammaDarkPhoton"),
    "darkonium_gamma": ("photon_x", "GammaDarkonium"),
    "three_gamma": ("three_gamma", "ThreeGamma"),
    "b_to_k_alp": ("b_to_kaon", "BToKAlp"),
    "b_to_k_scalar": ("b_to_kaon", "BToKScalar"),
    "b_to_kstar_scalar": ("b_to_kaon", "BToKStarScalar"),
    "alp_fusion": ("alp_fusion", "ALPFusion"),
    "mumu": ("annihilation", "MuMu"),
    "tautau": ("annihilation", "TauTau"),
    "gammagamma": ("annihilation", "GammaGamma"),
    "aprime_higgs": ("annihilation", "DarkPhotonHiggs"),
    "jpsi_eta_aprime": ("jpsi_eta", "JPsiEtaDarkPhoton"),
    "jpsi_eta_ee": ("jpsi_eta", "JPsiEtaElectrons"),
    "mumu_zprime": ("lepton_pair_x", "MuMuZPrime"),
    "mumu_scalar": ("lepton_pair_x", "MuMuScalar"),
    "mumu_alp": ("lepton_pair_x", "MuMuALP"),
    "tau_to_electron_alp": ("tau_to_alp", "TauToElectronAlp"),
    "tau_to_muon_alp": ("tau_to_alp", "TauToMuonAlp"),
    "tautau_zprime": ("lepton_pair_x", "TauTauZPrime"),
    "tautau_scalar": ("lepton_pair_x", "TauTauScalar"),
    "tautau_alp": ("lepton_pair_x", "TauTauALP"),
}

#: Module that makes the samples of `generation/data/pythia_samples.yaml`.
PYTHIA_SAMPLES = "umbra.generation.pythia_samples"
#: Processes that are decays of a parent: their weight is a fraction per parent, not a cross-section in pb.
PER_PARENT = frozenset(
    {
        "b_to_k_alp",
        "b_to_k_scalar",
        "b_to_kstar_scalar",
        "jpsi_eta_aprime",
        "jpsi_eta_ee",
        "tau_to_electron_alp",
        "tau_to_muon_alp",
    }
)


def module_of(name: str) -> str:
    """Return the dotted name of the module that implements a process.

    Raises
    ------
    UmbraError
        If there is no such process; the message lists those that exist.
    """
    if name not in LOCATIONS:
        raise UmbraError(f"unknown process '{name}'; known: {', '.join(sorted(LOCATIONS))}")
    return f"umbra.generation.processes.{LOCATIONS[name][0]}"


def pythia_samples() -> ModuleType:
    """Return the module that makes Pythia's samples, imported by name as a process is."""
    return import_module(PYTHIA_SAMPLES)


def find(name: str) -> "Process":
    """Return the process of that name; see `module_of` for the error."""
    module = import_module(module_of(name))
    process: Process = getattr(module, LOCATIONS[name][1])()
    return process
