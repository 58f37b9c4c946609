"""e+e- -> mu+mu- and nothing else that is seen, with the best possible discriminant against the backgrounds.

The search of Belle II with 79.7/fb, arXiv:2212.03066, whose networks are not published: the ratio of densities at
tree level (`umbra.selections.dimuon_likelihood`) bounds what they can do.
"""

from collections.abc import Mapping
from typing import Any

from umbra.detectors import Reconstructed
from umbra.kinematics import Array
from umbra.machines import Machine
from umbra.selections import recoil_dimuon
from umbra.selections.cutflow import Cutflow
from umbra.selections.dimuon_likelihood import log_signal_to_background
from umbra.selections.options import parse


def select(
    reco: Reconstructed, machine: Machine, options: Mapping[str, Any], cutflow: Cutflow
) -> dict[str, Array]:
    """Select as `umbra.selections.recoil_dimuon` does, with the same options.

    Returns
    -------
    dict
        Its columns, and `log_signal_to_background`: the logarithm of the density of the measured muons as mu+mu-Z',
        with the measured recoil mass, over that of mu+mu-gamma with a missed photon and tau pairs.
    """
    cut = parse(recoil_dimuon.Options, options, "selection recoil_dimuon_likelihood")
    found = recoil_dimuon.candidates(reco, machine, cut, cutflow)
    calorimeter = reco.detector.calorimeter
    ratio = log_signal_to_background(found.in_cm, machine, calorimeter, cut.veto_near_recoil_energy_gev)
    return {**found.columns, "log_signal_to_background": ratio}
