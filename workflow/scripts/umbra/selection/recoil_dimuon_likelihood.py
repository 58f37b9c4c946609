"""e+e- -> mu+mu- and nothing else that is seen, with the best possible discriminant against the backgrounds.

The search of Belle II with 79.7/fb, arXiv:2212.03066, whose networks are not published: the ratio of densities at
tree level (`umbra.selection.dimuon_likelihood`) bounds what they can do.
"""

from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.detector.detector import Reconstructed
from umbra.selection import recoil_dimuon
from umbra.selection.cutflow import Cutflow
from umbra.selection.dimuon_likelihood import log_signal_to_background
from umbra.selection.options.recoil_dimuon_likelihood import Options


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select as `umbra.selection.recoil_dimuon` does, with the same options.

    Returns
    -------
    dict
        Its columns, and `log_signal_to_background`: the logarithm of the density of the measured muons as mu+mu-Z',
        with the measured recoil mass, over that of mu+mu-gamma with a missed photon, tau pairs and e+e-mu+mu-.
    """
    found = recoil_dimuon.candidates(reco, machine, cut, cutflow)
    calorimeter = reco.detector.calorimeter
    ratio = log_signal_to_background(found.in_cm, machine, calorimeter, cut.veto_near_recoil_energy_gev)
    return {**found.columns, "log_signal_to_background": ratio}
