"""Photons that all convert in the material next to the collision, as tracks that are fitted through the collision.

Such pairs have no mass. What they are seen with is the bend between the collision and the material: a track of
momentum pT across the beams turns by the angle whose sine is r/(2R) on its way through the collision to the
radius r, R being the radius of its circle, so that both tracks open by it, whatever their momentum, and the
pair has a mass of about 0.3 B r in GeV, T and m: 12 MeV at a beam pipe of 27 mm and 1.5 T, 60 MeV at 130 mm.
"""

from collections.abc import Sequence

import numpy as np

from umbra.core.constants import ELECTRON
from umbra.core.constants import PHOTON as PHOTON_ID
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.generation.decays import chain
from umbra.generation.decays.backgrounds_of_pairs import PAIRS_PER_LENGTH, draw_shares, pair_momenta

#: Radius of curvature in mm for 1 GeV of transverse momentum in 1 T.
_MM_PER_GEV = 1000.0 / 0.299792458
#: Photons at a smaller sine of the angle to the beams do not cross the layers.
_ALONG_BEAMS = 0.1
#: In the place of a photon that there is not; its event has no weight.
_ANY = np.array([1.0, 0.0, 0.0, 1.0])
#: Electrons without momentum across the beams reach nothing; in GeV.
_NO_MOMENTUM = 1e-9


def convert_all(
    events: Events,
    _machine: Machine,
    rng: np.random.Generator,
    *,
    hardest: int,
    layers: Sequence[tuple[float, float]],
    field_tesla: float,
) -> Events:
    """Let the hardest photons of each event convert, and weight the event with the probability of that.

    The electrons share the energy as in `umbra.generation.decays.backgrounds_of_pairs`, and fly along the photon.

    Parameters
    ----------
    events
        In the laboratory. Photons along the beams do not meet the layers; an event with fewer others has no weight.
    rng
        Random generator.
    hardest
        How many of the photons, by energy.
    layers
        Radius in mm and thickness in radiation lengths, at normal incidence, of the cylinders around the beams.
    field_tesla
        Along the beams.

    Returns
    -------
    Events
        Pairs come from the collision, turned as they are seen. An event has no weight whose electrons are too soft to
        reach their layer.
    """
    radii, lengths = np.array(layers, float).T
    final = (events.pdg_id == PHOTON_ID) & (events.status == FINAL)
    meets = np.hypot(events.p4[..., 0], events.p4[..., 1]) > _ALONG_BEAMS * events.p4[..., 3]
    energy = np.where(final & meets, events.p4[..., 3], 0.0)
    order = np.argsort(-energy, axis=1, kind="stable")
    weight = events.weight.copy()
    n, products = len(events), []
    for k in range(hardest):
        slot = order[:, k]
        photon = chain.momenta(events, slot)
        found = np.take_along_axis(energy, slot[:, None], axis=1)[:, 0] > 0.0
        photon = np.where(found[:, None], photon, _ANY)
        across = np.hypot(photon[:, 0], photon[:, 1])
        weight *= found
        weight *= PAIRS_PER_LENGTH * lengths.sum() * photon[:, 3] / across
        radius = rng.choice(radii, size=n, p=lengths / lengths.sum())
        pair = pair_momenta(photon, draw_shares(n, rng), np.zeros(n), np.zeros(n))
        for place, charge in enumerate((-1.0, 1.0)):
            pt = np.maximum(np.hypot(pair[:, place, 0], pair[:, place, 1]), _NO_MOMENTUM)
            sine = 0.5 * radius * field_tesla / (_MM_PER_GEV * pt)
            weight *= sine < 1.0
            # Positive charges turn clockwise: at the collision they flew to the left of where they are going.
            pair[:, place] = _turned(pair[:, place], charge * np.arcsin(np.minimum(sine, 1.0)))
        ids = np.tile(np.array([ELECTRON, -ELECTRON], np.int32), (n, 1))
        products.append(chain.Products(slot, ids, pair, np.zeros((n, 3))))
    return chain.replace_by(events, products).with_weight(weight)


def _turned(p4: Array, angle: Array) -> Array:
    """Momenta turned about the z axis, counter-clockwise."""
    c, s = np.cos(angle), np.sin(angle)
    out = p4.copy()
    out[:, 0] = c * p4[:, 0] - s * p4[:, 1]
    out[:, 1] = s * p4[:, 0] + c * p4[:, 1]
    return out
