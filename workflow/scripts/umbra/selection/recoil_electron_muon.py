"""e+e- -> e± mu∓ and nothing else that is seen: the mass that recoils against the leptons.

The search of Belle II in the data of 2018, arXiv:1912.11276, which repeats that for two muons with one electron. How it
suppresses tau pairs is not published; here is a likelihood ratio that does the same.
"""

import numpy as np

from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.detector.detector import ELECTRON, MUON, Reconstructed
from umbra.selection import recoil_dimuon
from umbra.selection.cutflow import Cutflow
from umbra.selection.dimuon_likelihood import tau_pair_density, zprime_density
from umbra.selection.options.recoil_electron_muon import Options

#: What the positive and the negative track are called.
_CHARGES = ((ELECTRON, MUON), (MUON, ELECTRON))
#: Density of tau pairs below which none is expected, pb/GeV^4.
_LEAST_DENSITY = 1e-12


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select an electron and a muon of opposite charge with nothing else seen.

    A pair of tracks that may be either way round is two candidates, each with its probability.

    Returns
    -------
    dict
        `weight`, `event`, `m2_recoil_gev2`, `recoil_theta_deg`, `recoil_pt_harder_gev`, `recoil_pt_softer_gev`,
        `pt_asymmetry` as of `umbra.selection.recoil_dimuon`; `pair_pt_gev`, momentum of the pair across the beams in
        the centre of mass; `log_signal_to_tau_pairs`, the logarithm of the density as a Z' radiated by the leptons over
        that of tau pairs, without the masses of the leptons.
    """
    found = recoil_dimuon.candidates(reco, machine, cut, cutflow, _CHARGES)
    # Where no taus can have made the leptons there is no background of them either.
    tau_pairs = np.maximum(tau_pair_density(found.in_cm, machine.sqrt_s_gev), _LEAST_DENSITY)
    columns = found.columns | {
        "pair_pt_gev": found.columns["dimuon_pt_gev"],
        "log_signal_to_tau_pairs": np.log(zprime_density(found.in_cm, machine.sqrt_s_gev) / tau_pairs),
    }
    return {name: columns[name] for name in Options.COLUMNS}
