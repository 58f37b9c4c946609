"""J/psi -> eta e+e- and J/psi -> eta' e+e-: a peak in the mass of the electron pair.

With eta -> gamma gamma, pi+ pi- pi0 and eta' -> gamma pi+ pi-, pi+ pi- eta. The searches of BESIII, Phys. Rev. D 99
(2019) 012006 and 012013. The papers constrain all momenta to the beams; here the mass is that of the measured tracks,
and windows on the mass of everything and of the eta stand for the fit. Conversions of the photon of J/psi -> eta gamma
in the beam pipe, which the papers remove by their vertex, are not simulated.
"""

from collections.abc import Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.core.records import Interval
from umbra.detector.detector import ELECTRON, PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.dilepton_mass import pair_mass_squared
from umbra.selection.objects import best_of_event, is_track, unseen, with_mass, within_theta
from umbra.selection.options.jpsi_eta_ee import Options

Slots = NDArray[np.intp]


class _Content(NamedTuple):
    """What a final state of the eta holds: two pions or none, and photons."""

    pions: bool
    photons: int


_CONTENT = {
    "gamma_gamma": _Content(False, 2),
    "pi_pi_pi0": _Content(True, 2),
    "gamma_pi_pi": _Content(True, 1),
    "pi_pi_eta": _Content(True, 2),
}


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select an electron pair and an eta, and no other track.

    Returns
    -------
    dict
        `weight`, `event`, `mass_gev` of the electron pair and `eta_mass_gev`. An event may have several candidates.
    """
    cutflow.count("all", reco.weight)
    content = _CONTENT[cut.eta_final_state]
    tracks = is_track(reco.kind) & within_theta(reco.p4, cut.track_theta_deg)
    plus, minus = tracks & (reco.charge > 0), tracks & (reco.charge < 0)
    bright = reco.p4[..., 3] > cut.photon_minimum_energy_gev
    photons = (reco.kind == PHOTON) & within_theta(reco.p4, cut.photon_theta_deg) & bright
    pions = [plus, minus] if content.pions else []
    event, slots = _choices([plus, minus, *pions], photons, content.photons)

    efficiency = reco.efficiency[event[:, None], slots].prod(axis=1)
    weight = reco.weight[event] * efficiency
    passed = np.ones(len(event), bool)

    def count(name: str) -> None:
        cutflow.count(name, best_of_event(weight * passed, event, len(reco)))

    count("tracks and photons")
    measured = reco.p4[event[:, None], slots]
    positron, electron = (with_mass(measured[:, i], ELECTRON_MASS_GEV) for i in (0, 1))
    called = reco.detector.identification[ELECTRON]
    for slot, momenta in ((slots[:, 0], positron), (slots[:, 1], electron)):
        weight = weight * called.passing(reco.kind[event, slot], momenta)
    count("identified electrons")

    eta = measured[:, -content.photons :].sum(axis=1)
    if cut.pair_mass_gev is not None:
        passed &= _between(_mass(eta), cut.pair_mass_gev)
    count("mass of the photons")  # without a cut the same as before: all samples have the same cuts
    if content.pions:
        eta = eta + with_mass(measured[:, 2], PION_MASS_GEV) + with_mass(measured[:, 3], PION_MASS_GEV)
    eta_mass = _mass(eta)
    passed &= _between(eta_mass, cut.eta_mass_gev)
    count("mass of the eta")
    passed &= _between(_mass(eta + positron + electron) / machine.sqrt_s_gev, cut.mass_over_sqrt_s)
    count("mass of everything")

    kept = np.flatnonzero(passed & (weight > 0.0))
    event, slots = event[kept], slots[kept]
    alone = unseen(reco.select(event), is_track(reco.kind)[event], list(slots.T))
    # Photons beside the candidate's are allowed: only charged tracks are vetoed.
    weight, passed = weight[kept] * alone, alone > 0.0
    count("no other track")
    mass = np.sqrt(pair_mass_squared(positron[kept], electron[kept], ELECTRON_MASS_GEV))
    columns = {"weight": weight, "event": event, "mass_gev": mass, "eta_mass_gev": eta_mass[kept]}
    return {name: column[passed] for name, column in columns.items()}


def _choices(
    charged: Sequence[NDArray[np.bool_]], photons: NDArray[np.bool_], number: int
) -> tuple[Slots, Slots]:
    """All choices of one track for each role, none twice, and of a number of photons, whose order does not matter.

    Returns
    -------
    event, slots
        Shapes (m,) and (m, number of roles and photons), ordered by event.
    """
    usable = [np.flatnonzero(kind.any(axis=0)).tolist() for kind in charged]
    groups = list(combinations(np.flatnonzero(photons.any(axis=0)).tolist(), number))
    events: list[Slots] = [np.empty(0, np.intp)]
    rows: list[Slots] = [np.empty((0, len(charged) + number), np.intp)]
    for *tracks, group in product(*usable, groups):
        chosen = [*tracks, *group]
        if len(set(chosen)) < len(chosen):
            continue
        good = photons[:, list(group)].all(axis=1)
        for kind, slot in zip(charged, tracks, strict=True):
            good &= kind[:, slot]
        found = np.flatnonzero(good)
        events.append(found)
        rows.append(np.tile(np.array(chosen, np.intp), (len(found), 1)))
    event, slots = np.concatenate(events), np.concatenate(rows)
    order = np.argsort(event, kind="stable")
    return event[order], slots[order]


def _mass(p4: Array) -> Array:
    mass: Array = np.sqrt(np.maximum(mass_squared(p4), 0.0))
    return mass


def _between(values: Array, interval: Interval) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = (values > interval[0]) & (values < interval[1])
    return result
