"""B -> K(*) and a displaced pair of opposite tracks, all measured.

The search of Belle II, arXiv:2306.02830. The values of the paper that are named below are from memory (unverified),
also where the channel repeats them. Tracks are found where a drift chamber has enough layers on their way out; how
well the experiment finds tracks and vertices far from the beams is not published, so that the efficiency is a
geometric one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, KAON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import Reconstructed
from umbra.detector.helix import DriftChamber
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, is_track, with_mass
from umbra.selection.options.b_to_kaon_displaced import Options

_PAIR_MASS_GEV = {"ee": ELECTRON_MASS_GEV, "mumu": MUON_MASS_GEV, "pipi": PION_MASS_GEV, "kk": KAON_MASS_GEV}


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select a displaced pair with a kaon (and a pion) from the beams that make a B; each choice is a candidate.

    Particles are not identified.

    Returns
    -------
    dict
        `weight`, `event`; `mass_gev` of the pair, `mbc_gev`, `abs_delta_e_gev`, `flight_mm` across the beams, and
        `kaon_pion_gev`, the mass of kaon and pion (that of the kaon where there is no pion).
    """
    cutflow.count("all", reco.weight)
    tracks = is_track(reco.kind) & _found(reco, DriftChamber(**dict(cut.chamber)))
    event, plus, minus = _choices(tracks & (reco.charge > 0), tracks & (reco.charge < 0)).T
    count = _Counter(reco, cutflow)

    first, second = reco.vertex_mm[event, plus], reco.vertex_mm[event, minus]
    near = ((first - second) ** 2).sum(axis=1) < cut.maximum_vertex_distance_mm**2
    weight = reco.weight[event] * reco.efficiency[event, plus] * reco.efficiency[event, minus]
    count("pair from one vertex", event, np.where(near, weight, 0.0))
    centre = 0.5 * (first + second)
    flight = np.hypot(centre[:, 0], centre[:, 1])
    displaced = np.flatnonzero(near & (flight > cut.minimum_transverse_flight_mm))
    count("displaced pair", event[displaced], weight[displaced])

    prompt = tracks & (
        np.hypot(reco.vertex_mm[..., 0], reco.vertex_mm[..., 1]) < cut.maximum_prompt_distance_mm
    )
    pairs = np.stack([event, plus, minus], axis=1)[displaced]
    rows, kaon = _with_another(pairs, pairs[:, 1:], prompt)
    if cut.kaon == "k_star":
        used = np.concatenate([pairs[rows, 1:], kaon[:, None]], axis=1)
        opposite = prompt[pairs[rows, 0]] & (
            reco.charge[pairs[rows, 0]] == -reco.charge[pairs[rows, 0], kaon][:, None]
        )
        again, pion = _with_another(pairs[rows], used, opposite, by_row=True)
        rows, kaon = rows[again], kaon[again]
    event, plus, minus = pairs[rows].T
    weight = weight[displaced][rows] * reco.efficiency[event, kaon]
    p_kaon = with_mass(reco.p4[event, kaon], KAON_MASS_GEV)
    if cut.kaon == "k_star":
        weight = weight * reco.efficiency[event, pion]
        p_kaon = p_kaon + with_mass(reco.p4[event, pion], PION_MASS_GEV)
    count("kaon, or kaon and pion", event, weight)

    mass = _PAIR_MASS_GEV[cut.pair]
    pair = with_mass(reco.p4[event, plus], mass) + with_mass(reco.p4[event, minus], mass)
    in_cm = machine.to_cm(p_kaon + pair)
    beam = 0.5 * machine.sqrt_s_gev
    delta_e = np.abs(in_cm[:, 3] - beam)
    mbc = np.sqrt(np.maximum(beam**2 - (in_cm[:, :3] ** 2).sum(axis=1), 0.0))
    passed = (mbc > cut.minimum_mbc_gev) & (delta_e < cut.maximum_abs_delta_e_gev) & (weight > 0.0)
    count("mass and energy of a B", event[passed], weight[passed])
    columns = {
        "weight": weight,
        "event": event,
        "mass_gev": np.sqrt(np.maximum(mass_squared(pair), 0.0)),
        "mbc_gev": mbc,
        "abs_delta_e_gev": delta_e,
        "flight_mm": flight[displaced][rows],
        "kaon_pion_gev": np.sqrt(np.maximum(mass_squared(p_kaon), 0.0)),
    }
    return {name: column[passed] for name, column in columns.items()}


@dataclass(frozen=True)
class _Counter:
    reco: Reconstructed
    cutflow: Cutflow

    def __call__(self, name: str, event: NDArray[np.intp], weight: Array) -> None:
        self.cutflow.count(name, best_of_event(weight, event, len(self.reco)))


def _found(reco: Reconstructed, chamber: DriftChamber) -> NDArray[np.bool_]:
    """Tell which tracks cross enough layers, shape (n, k)."""
    found = is_track(reco.kind)
    places = np.flatnonzero(found)
    truth = reco.truth
    found.ravel()[places] = chamber.finds(
        truth.vertex_mm.reshape(-1, 3)[places], truth.p4.reshape(-1, 4)[places], reco.charge.ravel()[places]
    )
    return found


def _choices(plus: NDArray[np.bool_], minus: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Rows (event, plus, minus) of all pairs, ordered by event."""
    event, first, second = np.nonzero(plus[:, :, None] & minus[:, None, :])
    return np.stack([event, first, second], axis=1)


def _with_another(
    rows: NDArray[np.intp], used: NDArray[np.intp], allowed: NDArray[np.bool_], by_row: bool = False
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Join each row with every allowed slot of its event that it does not use.

    Parameters
    ----------
    rows
        The first column is the event.
    used
        Slots that are taken, shape (m, ...).
    allowed
        Shape (events, k), or one line for each row (`by_row`).

    Returns
    -------
    row, slot
        Shape (l,) each.
    """
    open_slots = allowed.copy() if by_row else allowed[rows[:, 0]]
    np.put_along_axis(open_slots, used, False, axis=1)
    row, slot = np.nonzero(open_slots)
    return row, slot
