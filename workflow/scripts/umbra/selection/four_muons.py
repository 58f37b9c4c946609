"""e+e- -> mu+mu-X, X -> mu+mu-: four muons that carry the whole energy of the beams.

The searches of BaBar, arXiv:1606.03501, and Belle II, arXiv:2403.02841. Equal muons cannot be told apart: each
of the four pairs of opposite charge is a candidate, and three of them are wrong. The values of the papers
that are named below are from memory (unverified), also where channels repeat them.
"""

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import MUON_MASS_GEV
from umbra.core.events import FINAL
from umbra.core.kinematics import Array, boost_to_rest, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import MUON, Reconstructed
from umbra.generation.processes.qed_four_lepton import signal_to_background
from umbra.selection.cutflow import Cutflow
from umbra.selection.dilepton_mass import pair_mass_squared, reduced_mass, smeared
from umbra.selection.kinematic_fit import to_total
from umbra.selection.objects import in_tracker, is_track, two_of_each_charge, with_mass
from umbra.selection.options.four_muons import Options

#: The four ways to choose a positive and a negative muon out of two each.
_PAIRS = ((0, 0), (0, 1), (1, 0), (1, 1))


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select events with two positive and two negative tracks; each gives four rows, one for every pair.

    Returns
    -------
    dict
        `weight`, `event`; `mass_gev` of the pair; `reduced_mass_gev`, the root of m^2 - 4 m_mu^2 with the
        sign of its argument; `log_signal_to_background` where it is asked for.
    """
    cutflow.count("all", reco.weight)
    tracks = is_track(reco.kind)
    good = tracks & in_tracker(reco.p4, cut.track_theta_deg, cut.track_minimum_pt_gev)
    kept, slots, weight = two_of_each_charge(reco, good)
    here = (kept[:, None], slots)
    cutflow.count("two tracks of each charge", weight)

    p4 = with_mass(reco.p4[here], MUON_MASS_GEV)
    called = reco.detector.identification[MUON].passing(reco.kind[here], p4)
    weight = weight * _at_least(cut.identified_muons, called)
    cutflow.count("identified muons", weight)
    low, high = np.square(cut.mass_four_gev)
    mass2 = mass_squared(p4[:, 0] + p4[:, 1] + p4[:, 2] + p4[:, 3])
    passed = (mass2 > low) & (mass2 < high) & (weight > 0.0)
    cutflow.count("mass of the four muons", weight * passed)

    kept, slots, p4, weight = kept[passed], slots[passed], p4[passed], weight[passed]
    alone = reco.select(kept)
    masses = _masses(alone, slots, p4, machine, cut)
    columns = {
        "weight": np.repeat(weight, len(_PAIRS)),
        "event": np.repeat(kept, len(_PAIRS)),
        "mass_gev": masses.ravel(),
        "reduced_mass_gev": reduced_mass(masses.ravel()),
    }
    if cut.discriminant == "matrix_element":
        columns["log_signal_to_background"] = _discriminant(alone, slots, machine).ravel()
    return columns


def _at_least(wanted: int, probability: Array) -> Array:
    """Probability that at least `wanted` of the tracks are identified, shape (n, k) to (n,)."""
    n, k = probability.shape
    # Probability of each number of identified tracks, one track after the other.
    number = np.zeros((n, k + 1))
    number[:, 0] = 1.0
    for p in probability.T:
        number[:, 1:] = number[:, 1:] * (1.0 - p[:, None]) + number[:, :-1] * p[:, None]
        number[:, 0] *= 1.0 - p
    result: Array = number[:, wanted:].sum(axis=1)
    return result


def _masses(reco: Reconstructed, slots: NDArray[np.intp], p4: Array, machine: Machine, cut: Options) -> Array:
    """Masses of the four pairs of every event, shape (n, 4); the columns of `slots` are two positive, two negative.

    They are those of the measured tracks, or the true ones smeared; in both cases perhaps after a kinematic fit.
    """
    width, total = cut.mass_resolution_mev, machine.total
    if width is not None:
        p4 = np.take_along_axis(reco.truth.p4, slots[..., None], axis=1)
        total = (reco.truth.p4 * (reco.truth.status == FINAL)[..., None]).sum(axis=1)
    if cut.kinematic_fit:
        p4 = to_total(p4, reco.detector.tracker.covariance(p4), total, MUON_MASS_GEV)
    pairs = [(p4[:, plus], p4[:, 2 + minus]) for plus, minus in _PAIRS]
    masses = np.stack([np.sqrt(pair_mass_squared(*pair, MUON_MASS_GEV)) for pair in pairs], axis=1)
    return masses if width is None else smeared(masses, width, reco.rng)


def _discriminant(reco: Reconstructed, slots: NDArray[np.intp], machine: Machine) -> Array:
    """Logarithm of the ratio of squared amplitudes for each pair of every event, shape (n, 4)."""
    true = with_mass(np.take_along_axis(reco.truth.p4, slots[..., None], axis=1), MUON_MASS_GEV)
    in_cm = machine.to_cm(true)
    # What the beams radiate along themselves moves the four muons along the beams, too.
    total = in_cm.sum(axis=1)
    hard = boost_to_rest(in_cm, total[:, None])
    # The amplitude takes (mu-, mu+, mu-, mu+).
    ordered = np.ascontiguousarray(hard[:, [2, 0, 3, 1]])
    sqrt_s = np.sqrt(mass_squared(total))
    places = [(2 * minus, 2 * plus + 1) for plus, minus in _PAIRS]
    return np.log(np.stack([signal_to_background(ordered, sqrt_s, place) for place in places], axis=1))
