"""The tau decays without a matrix element here: four and more pions, kaons with pions, eta and omega.

A library from Pythia 8's branching fractions and phase space (its plain decay machinery, `TauDecays:mode =
0`), each decay turned at random when it is used. They carry no spin correlation. K_S and what it decays to
start where the tau decays. The library is finite: configurations recur after some ten thousand draws, turned
differently.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import TAU, TAU_MASS_GEV
from umbra.core.kinematics import Array
from umbra.generation import pythia
from umbra.generation.decays.directions import isotropic, transverse_basis

#: Decays in the library, and the largest number of products that is kept: decays with more (0.3% of these)
#: are drawn anew, so that samples need not carry empty slots for them.
SIZE, PRODUCTS = 20_000, 10

#: Decays that have a sampler of their own in `umbra.generation.decays.tau_channels`.
_ELSEWHERE = ("16 11 12", "16 13 14", "16 211", "16 321", "16 111 211", "16 211 211 211", "16 111 111 211")


@dataclass(frozen=True)
class _Library:
    pdg_id: NDArray[np.int32]
    p4: Array


def sample(n: int, rng: np.random.Generator) -> tuple[NDArray[np.int32], Array]:
    """Draw decays of a tau- at rest.

    Returns
    -------
    pdg_id, p4
        Shapes (n, PRODUCTS) and (n, PRODUCTS, 4), 0 in empty slots.
    """
    library = _library()
    chosen = rng.integers(0, len(library.pdg_id), n)
    p4 = library.p4[chosen]
    axis = isotropic(rng, n)
    first, second = transverse_basis(axis)
    turn = np.stack([first, second, axis], axis=1)
    turned = np.empty_like(p4)
    turned[..., :3] = p4[..., :3] @ turn
    turned[..., 3] = p4[..., 3]
    return library.pdg_id[chosen], turned


@cache
def _library() -> _Library:
    settings = ["TauDecays:mode = 0", *(f"15:offIfMatch = {products}" for products in _ELSEWHERE)]
    at_rest = np.tile([0.0, 0.0, 0.0, TAU_MASS_GEV], (SIZE, 1, 1))
    settings.append(f"15:m0 = {TAU_MASS_GEV!r}")
    events = pythia.decays([TAU], at_rest, settings, "tau decays", "others", slots=24)
    keep = (events.pdg_id != 0).sum(axis=1) <= PRODUCTS
    return _Library(events.pdg_id[keep, :PRODUCTS], events.p4[keep, :PRODUCTS])
