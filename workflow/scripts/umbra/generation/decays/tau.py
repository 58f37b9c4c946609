"""Decays of tau pairs, with spin correlations exact in the tau mass (`umbra.generation.decays.tau_spin`)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import TAU, TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, boost_from_rest
from umbra.core.machines import Machine
from umbra.core.particles import ALP
from umbra.core.pdg import ctau_mm
from umbra.generation.decays import tau_channels, tau_others, tau_spin, two_body
from umbra.generation.decays.chain import Products, Slots, flight, momenta, replace_by, slot_of
from umbra.generation.decays.directions import transverse_basis, turned_half
from umbra.theory import tables

#: The name of all that has no sampler of its own.
OTHER = "other"

#: Number of products by channel.
_PRODUCTS = {
    "enunu": 3,
    "mununu": 3,
    "pinu": 2,
    "knu": 2,
    "rhonu": 4,
    "pipipinu": 4,
    "pipi0pi0nu": 6,
    OTHER: tau_others.PRODUCTS,
}


def branching_fractions() -> dict[str, float]:
    """Branching fractions of all channels by name; they add up to one."""
    fractions: dict[str, float] = dict(tables.load("tau")["branching_fractions"])
    return fractions | {OTHER: 1.0 - sum(fractions.values())}


def decay_taus(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    channels: Sequence[str] | None = None,
    source: tau_spin.Source = "beams",
) -> Events:
    """Decay the tau+ and the tau- of each event.

    Parameters
    ----------
    events
        Each with one tau- and one tau+, in the laboratory.
    machine
        Whose beams made them.
    rng
        Random generator.
    channels
        Allowed decays of both, by the names in `theory/data/tau.yaml` and `other`; all by default. The
        weights are multiplied by the probability that both decay so.
    source
        What the pair was made by: `beams` (one virtual photon), or a new particle: `vector`, `scalar`,
        `pseudoscalar`.

    Returns
    -------
    Events
        The same events, products appended (neutrinos too, pi0 as photons), vertices in mm in the laboratory.

    Raises
    ------
    UmbraError
        For unknown channels, and events without exactly one tau of each charge.
    """
    names, share = _channels(channels)
    slots = (slot_of(events, TAU), slot_of(events, -TAU))
    minus, plus = (_unpolarised(len(events), names, share / share.sum(), rng) for _ in slots)
    out = _decayed(events, slots, machine, (minus, plus), source, rng)
    return replace(out, weight=out.weight * share.sum() ** 2)


def decay_taus_apart(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    channels: tuple[Sequence[str], Sequence[str]],
    source: tau_spin.Source = "beams",
) -> Events:
    """Decay one tau of each event, of either charge, by the first channels and the other one by the second.

    The channels must have none in common. The weights are multiplied by the probability of that; all else is as in
    `decay_taus`.
    """
    groups = [_channels(names) for names in channels]
    n = len(events)
    slots = (slot_of(events, TAU), slot_of(events, -TAU))
    tau_minus_first = rng.random(n) < 0.5
    samples = []
    for is_first in (tau_minus_first, ~tau_minus_first):
        sample = _Sample(*(np.zeros(shape, kind) for shape, kind in _shapes(n, [*channels[0], *channels[1]])))
        for chosen, (names, share) in zip((is_first, ~is_first), groups, strict=True):
            part = _unpolarised(int(chosen.sum()), names, share / share.sum(), rng)
            width = part.pdg_id.shape[1]
            sample.pdg_id[chosen, :width] = part.pdg_id
            sample.p4[chosen, :width] = part.p4
            sample.polarimeter[chosen] = part.polarimeter
        samples.append(sample)
    out = _decayed(events, slots, machine, (samples[0], samples[1]), source, rng)
    return replace(out, weight=out.weight * 2.0 * groups[0][1].sum() * groups[1][1].sum())


def decay_to_invisible_boson(
    events: Events,
    machine: Machine,
    rng: np.random.Generator,
    lepton: tuple[int, float],
    boson_gev: float,
    channels: Sequence[str] | None = None,
) -> Events:
    """Decay one tau of each event, of either charge, to lepton and invisible boson, and the other as usual.

    The two-body decay is isotropic, as for a scalar coupling without chirality, and so without spin
    correlation.

    Parameters
    ----------
    events, machine, rng
        As for `decay_taus`.
    lepton
        PDG identifier (11 or 13) and mass in GeV.
    boson_gev
        Mass of the boson, which becomes a final particle of identifier `umbra.core.particles.ALP`.
    channels
        Allowed decays of the other tau; their probability enters the weights.
    """
    names, share = _channels(channels)
    n = len(events)
    slots = (slot_of(events, TAU), slot_of(events, -TAU))
    parents = [momenta(events, slot) for slot in slots]
    minus_is_signal = rng.random(n) < 0.5
    products = []
    for slot, parent, is_signal, charge in zip(
        slots, parents, (minus_is_signal, ~minus_is_signal), (1, -1), strict=True
    ):
        sample = _unpolarised(n, names, share / share.sum(), rng)
        rows = np.flatnonzero(is_signal)
        at_rest = np.tile([0.0, 0.0, 0.0, TAU_MASS_GEV], (len(rows), 1))
        sample.pdg_id[rows], sample.p4[rows] = 0, 0.0
        sample.pdg_id[rows, :2] = lepton[0], ALP
        sample.p4[rows, 0], sample.p4[rows, 1] = two_body.momenta(at_rest, (lepton[1], boson_gev), rng)
        ids = sample.pdg_id if charge > 0 else _antiparticles(sample.pdg_id)
        products.append(_in_flight(sample, ids, slot, parent, rng))
    return replace(replace_by(events, products), weight=events.weight * share.sum())


def plus_to_pions(events: Events, _machine: Machine, rng: np.random.Generator) -> Events:
    """Decay the tau+ of each event, whose partner has decayed, to three charged pions; without polarisation.

    The weights carry the probability of that.
    """
    names, share = _channels(("pipipinu",))
    slot = slot_of(events, -TAU)
    sample = _unpolarised(len(events), names, share / share.sum(), rng)
    products = _in_flight(sample, _antiparticles(sample.pdg_id), slot, momenta(events, slot), rng)
    return replace(replace_by(events, [products]), weight=events.weight * share.sum())


@dataclass
class _Sample:
    """Decays of unpolarised taus at rest, as tau-: products in padded slots, and polarimeters."""

    pdg_id: NDArray[np.int32]
    p4: Array
    polarimeter: Array


def _channels(names: Sequence[str] | None) -> tuple[list[str], Array]:
    """Return the names of the channels and their branching fractions; all channels add up to one."""
    fractions = branching_fractions()
    chosen = list(fractions if names is None else names)
    for name in chosen:
        if name not in fractions:
            raise UmbraError(f"tau decay: unknown channel '{name}'; known: {', '.join(fractions)}")
    return chosen, np.array([fractions[name] for name in chosen])


def _in_flight(
    sample: _Sample, pdg_id: NDArray[np.int32], slot: Slots, parent: Array, rng: np.random.Generator
) -> Products:
    """Boost decays at rest into the frame of the parents, in place, and let those fly."""
    event, row = np.nonzero(sample.pdg_id)
    sample.p4[event, row] = boost_from_rest(sample.p4[event, row], parent[event])
    return Products(slot, pdg_id, sample.p4, flight(parent, ctau_mm(TAU), rng))


def _shapes(n: int, names: Sequence[str]) -> list[tuple[tuple[int, ...], type]]:
    """Shapes and types of the arrays of a `_Sample` that has room for the named decays."""
    width = max(_PRODUCTS[name] for name in names)
    return [((n, width), np.int32), ((n, width, 4), np.float64), ((n, 3), np.float64)]


def _decayed(
    events: Events,
    slots: tuple[Slots, Slots],
    machine: Machine,
    decays: tuple["_Sample", "_Sample"],
    source: tau_spin.Source,
    rng: np.random.Generator,
) -> Events:
    """Let tau- and tau+ of each event decay as given, turned so that their spins are correlated."""
    minus, plus = decays
    parents = [momenta(events, slot) for slot in slots]
    _correlate(minus, plus, tau_spin.Pair(parents[0], parents[1], machine, source), rng)
    ids = (minus.pdg_id, _antiparticles(plus.pdg_id))
    rows = zip((minus, plus), ids, slots, parents, strict=True)
    return replace_by(events, [_in_flight(*row, rng) for row in rows])


def _unpolarised(n: int, names: Sequence[str], share: Array, rng: np.random.Generator) -> _Sample:
    sample = _Sample(*(np.zeros(shape, kind) for shape, kind in _shapes(n, names)))
    chosen = rng.choice(len(names), n, p=share)
    for index, name in enumerate(names):
        rows = np.flatnonzero(chosen == index)
        if name == OTHER:
            sample.pdg_id[rows, : tau_others.PRODUCTS], sample.p4[rows, : tau_others.PRODUCTS] = (
                tau_others.sample(len(rows), rng)
            )
            continue
        decays = tau_channels.SAMPLERS[name](len(rows), rng)
        products = len(decays.pdg_id)
        sample.pdg_id[rows, :products] = decays.pdg_id
        sample.p4[rows, :products] = decays.p4
        sample.polarimeter[rows] = decays.polarimeter
    return sample


def _correlate(minus: _Sample, plus: _Sample, pair: tau_spin.Pair, rng: np.random.Generator) -> None:
    """Turn decays of the tau+ by 180 degrees, in place, so that both are correlated as the pair's spins are.

    Given the decay of the tau-, the tau+ has a polarisation P, and its decays follow 1 + P.h. A rotation
    that takes h to -h, applied with probability (1 - P.h)/2, makes that of unpolarised decays, exactly and
    without rejection.
    """
    # CP: the polarimeter of a tau+ is that of the mirrored tau- decay.
    correlation = pair.correlation(minus.polarimeter, -plus.polarimeter)
    flip = rng.random(len(correlation)) < 0.5 * (1.0 - correlation)
    axis, _ = transverse_basis(plus.polarimeter[flip])
    plus.p4[flip, :, :3] = turned_half(plus.p4[flip, :, :3], axis)
    plus.polarimeter[flip] *= -1.0


def _antiparticles(pdg_id: NDArray[np.int32]) -> NDArray[np.int32]:
    """Charge conjugates; photons are their own, and so are K_S and K_L."""
    own = np.isin(pdg_id, (22, 130, 310, ALP))
    return np.where(own, pdg_id, -pdg_id)
