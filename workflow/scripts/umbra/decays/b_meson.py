"""Events with B -> K X or B -> K*(892) X, X a new particle, from e+e- -> Upsilon(4S) -> B Bbar.

Only the signal B is kept: what a search does with the other B (and with continuum) needs Pythia,
`umbra.pythia.decays([-521], ...)`. Both charges of the signal B are drawn. The weights are one:
cross-section and branching fraction are the channel's.
"""

from typing import Literal

import numpy as np

from umbra.decays import chain, meson, two_body
from umbra.events import Events
from umbra.kinematics import Array
from umbra.machines import Machine
from umbra.pdg import ctau_mm, mass_gev

Kaon = Literal["k_plus", "k_star_zero"]

_B_MESON: dict[Kaon, int] = {"k_plus": 521, "k_star_zero": 511}


def to_kaon(n: int, machine: Machine, kaon: Kaon, x: tuple[int, float], rng: np.random.Generator) -> Events:
    """Draw B+ -> K+ X or B0 -> K*0 X, K*0 -> K+ pi-, and the conjugates.

    Parameters
    ----------
    n
        Number of events.
    machine
        Running at the Upsilon(4S).
    kaon
        `k_plus` or `k_star_zero`.
    x
        PDG identifier and mass in GeV of X, which has no spin.
    rng
        Random generator.

    Returns
    -------
    Events
        Kaon, pion (for the K*) and X, undecayed, in the laboratory, with the B's vertex.
    """
    b_meson = _B_MESON[kaon]
    parent = meson.b_pairs(n, machine, b_meson, rng)[:, 0]
    products: tuple[Array, ...]
    known: tuple[int, ...]
    if kaon == "k_plus":
        products = two_body.momenta(parent, (mass_gev(321), x[1]), rng)
        known = (321,)
    else:
        products = meson.b_to_k_star_x(parent, 313, x[1], rng)
        known = (321, -211)
    events = Events.from_momenta((*known, x[0]), np.stack(products, axis=1))
    # The new particle is its own antiparticle.
    events.pdg_id[:, : len(known)] *= rng.choice(np.array([1, -1], np.int32), (n, 1))
    events.vertex_mm[:] = chain.flight(parent, ctau_mm(b_meson), rng)[:, None, :]
    return events
