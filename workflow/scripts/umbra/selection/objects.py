"""What several selections ask of reconstructed objects."""

from collections.abc import Sequence
from functools import reduce
from itertools import product as cartesian

import numpy as np
from numpy.typing import NDArray

from umbra.core.kinematics import Array, transverse
from umbra.core.machines import Machine
from umbra.core.records import Interval
from umbra.detector.detector import ELECTRON, HADRON, MUON, Reconstructed


def within_theta(p4: Array, theta_deg: Interval, *, massless: bool = False) -> NDArray[np.bool_]:
    """Tell which momenta lie in a range of the polar angle; none of zero length does."""
    magnitude = p4[..., 3] if massless else np.sqrt(p4[..., 0] ** 2 + p4[..., 1] ** 2 + p4[..., 2] ** 2)
    high, low = np.cos(np.radians(theta_deg))
    # cos(theta) falls with theta: `high` belongs to the smaller angle.
    result: NDArray[np.bool_] = (
        (p4[..., 2] <= high * magnitude) & (p4[..., 2] >= low * magnitude) & (magnitude > 0.0)
    )
    return result


def in_tracker(p4: Array, theta_deg: Interval, minimum_pt_gev: float) -> NDArray[np.bool_]:
    """Tell which momenta lie in a range of the polar angle and above a transverse momentum."""
    result: NDArray[np.bool_] = within_theta(p4, theta_deg) & (transverse(p4) > minimum_pt_gev)
    return result


def energy_cm(p4: Array, machine: Machine) -> Array:
    """Energy in the centre of mass: the product with the momentum of the beams, divided by sqrt(s)."""
    px, py, pz, e = machine.total / machine.sqrt_s_gev
    energy: Array = e * p4[..., 3] - px * p4[..., 0] - py * p4[..., 1] - pz * p4[..., 2]
    return energy


def is_track(kind: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Tell which objects are tracks."""
    result: NDArray[np.bool_] = (kind == ELECTRON) | (kind == MUON) | (kind == HADRON)
    return result


def two_of_each_charge(
    reco: Reconstructed, good: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Find the events with two positive and two negative tracks and no other.

    Parameters
    ----------
    reco
        The events.
    good
        Which objects are tracks to be counted, shape (n, k).

    Returns
    -------
    event, slots, weight
        Shapes (m,), (m, 4) with the two positive tracks first, and (m,): the events' weights times the probability
        that all four are found.
    """
    positive, negative = good & (reco.charge > 0), good & (reco.charge < 0)
    event: NDArray[np.intp] = np.flatnonzero((positive.sum(axis=1) == 2) & (negative.sum(axis=1) == 2))
    slots: NDArray[np.intp] = np.concatenate(
        [np.nonzero(mask[event])[1].reshape(-1, 2) for mask in (positive, negative)], axis=1
    )
    return event, slots, reco.weight[event] * product(reco.efficiency[event[:, None], slots])


def choices(*kinds: NDArray[np.bool_]) -> NDArray[np.intp]:
    """All choices of one object of each kind in an event.

    Parameters
    ----------
    *kinds
        Which objects are of it, shape (n, k) each; none is of two.

    Returns
    -------
    numpy.ndarray
        Rows (event, slot of the first kind, ...), ordered by event and then by slots.
    """
    found = [np.empty((0, 1 + len(kinds)), np.intp)]
    usable = [[slot for slot in range(kind.shape[1]) if kind[:, slot].any()] for kind in kinds]
    for slots in cartesian(*usable):
        events = np.flatnonzero(
            reduce(np.logical_and, [kind[:, slot] for kind, slot in zip(kinds, slots, strict=True)])
        )
        rows = np.empty((len(events), 1 + len(kinds)), np.intp)
        rows[:, 0], rows[:, 1:] = events, slots
        found.append(rows)
    rows = np.concatenate(found)
    return rows[np.argsort(rows[:, 0], kind="stable")]


def with_mass(p4: Array, mass_gev: float | Array) -> Array:
    """Give measured tracks, shape (n, 4), the mass of another hypothesis, one number or one for each."""
    out = p4.copy()
    out[..., 3] = np.sqrt(p4[..., 0] ** 2 + p4[..., 1] ** 2 + p4[..., 2] ** 2 + mass_gev**2)
    return out


def best_of_event(weight: Array, event: NDArray[np.intp], events: int) -> Array:
    """Weight that events have in a cutflow: the largest one of their candidates, so that none counts twice.

    Parameters
    ----------
    weight, event
        Of the candidates: weight and row of the event, shape (m,).
    events
        Number of events n.

    Returns
    -------
    numpy.ndarray
        Shape (n,), zero without candidates.
    """
    best = np.zeros(events)
    np.maximum.at(best, event, weight)
    return best


def product(values: Array) -> Array:
    """Product over the columns, shape (n, k) to (n,): one by one, which for few is faster than `prod`."""
    return reduce(np.multiply, values.T)


def unseen(reco: Reconstructed, notable: NDArray[np.bool_], candidates: Sequence[NDArray[np.intp]]) -> Array:
    """Probability that nothing but the candidate's own objects was noticed.

    Parameters
    ----------
    reco
        The events, one candidate each.
    notable
        Which measured objects would disturb, shape (n, k). What cannot be measured disturbs where it is
        noticed at all, as by the muon system behind a gap of the calorimeter.
    candidates
        Slots of the objects that belong to the candidate, each of shape (n,).
    """
    loss = np.where(notable | (reco.kind == 0), reco.loss, 1.0)
    rows = np.arange(len(reco))
    for slots in candidates:
        loss[rows, slots] = 1.0
    return product(loss)
