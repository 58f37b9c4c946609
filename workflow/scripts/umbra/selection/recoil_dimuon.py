"""e+e- -> mu+mu- and nothing else that is seen: the mass that recoils against the muons.

The search of Belle II in the data of 2018, arXiv:1912.11276. How it suppresses tau pairs is not published
number by number; the quantities it cuts on are columns here, so that regions may require them. The values of
the paper that are named below are from memory (unverified), also where the channel repeats them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV
from umbra.core.events import FINAL
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import Machine
from umbra.core.records import Curve
from umbra.detector.detector import MUON, PHOTON, Reconstructed
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import best_of_event, choices, is_track, unseen, with_mass, within_theta
from umbra.selection.options.recoil_dimuon import Options


def select(reco: Reconstructed, machine: Machine, cut: Options, cutflow: Cutflow) -> dict[str, Array]:
    """Select two muons of opposite charge with nothing else seen; each pair of tracks is a candidate.

    Tracks that are not muons enter with the probability to be called one. All energies and angles are of the
    laboratory but for those called `cm`.

    Other tracks are vetoed whatever their momentum. Vetoes multiply the weight by the probability that the
    detector missed the particle.

    Returns
    -------
    dict
        `weight`, `event`; `m2_recoil_gev2` with the nominal momentum of the beams, or smeared as published;
        `recoil_theta_deg`, and `recoil_from_90_deg`, its distance from the gap in the middle of the barrel;
        `mass_dimuon_gev`; `helicity_cosine`, the absolute cosine of the angle between a muon and the direction of
        flight of the pair, in the rest frame of the pair; and in the centre of mass `recoil_pt_harder_gev` and
        `recoil_pt_softer_gev`, the missing momentum across the direction of the muon with the larger and the
        smaller momentum, `dimuon_pt_gev` and `pt_asymmetry`, the difference of the muons' momenta across the beams
        over their sum.
    """
    return candidates(reco, machine, cut, cutflow).columns


@dataclass(frozen=True)
class Candidates:
    """Selected pairs of muons.

    Parameters
    ----------
    columns
        As `select` returns them.
    in_cm
        Measured momenta of mu+ and mu- in the centre of mass, shape (n, 2, 4).
    """

    columns: dict[str, Array]
    in_cm: Array


def candidates(
    reco: Reconstructed,
    machine: Machine,
    cut: Options,
    cutflow: Cutflow,
    leptons: Sequence[tuple[int, int]] = ((MUON, MUON),),
) -> Candidates:
    """Find the candidates of `select` and keep their momenta.

    Parameters
    ----------
    reco, machine, cut, cutflow
        See `select`.
    leptons
        What the positive and the negative track may be called, `MUON` or `ELECTRON`: each choice is a candidate of
        its own.
    """
    cutflow.count("all", reco.weight)
    tracks = is_track(reco.kind)
    momentum = np.sqrt((reco.p4[..., :3] ** 2).sum(axis=-1))
    good = tracks & within_theta(reco.p4, cut.muon_theta_deg) & (momentum > cut.muon_minimum_momentum_gev)
    pairs = choices(good & (reco.charge > 0), good & (reco.charge < 0))
    event, plus, minus = np.repeat(pairs, len(leptons), axis=0).T
    called = np.tile(np.array(leptons), (len(pairs), 1))

    # From here on, one row is one candidate.
    p_plus = with_mass(reco.p4[event, plus], _masses_gev(called[:, 0]))
    p_minus = with_mass(reco.p4[event, minus], _masses_gev(called[:, 1]))
    weight = reco.weight[event] * reco.efficiency[event, plus] * reco.efficiency[event, minus]
    passed = np.ones(len(event), bool)

    def count(name: str) -> None:
        cutflow.count(name, best_of_event(weight * passed, event, len(reco)))

    count("two tracks in the barrel")
    weight = weight * _identified(reco, reco.kind[event, plus], p_plus, called[:, 0])
    weight = weight * _identified(reco, reco.kind[event, minus], p_minus, called[:, 1])
    count("identified leptons")
    cosine = _transverse_cosine(p_plus, p_minus)
    taken = [share * (cosine < np.cos(np.radians(angle))) for angle, share in cut.opening_shares]
    weight = weight * np.sum(taken, axis=0) * cut.trigger_efficiency
    count("trigger")
    in_cm = machine.to_cm(np.stack([p_plus, p_minus], axis=1))
    pair = in_cm.sum(axis=1)
    passed &= np.hypot(pair[:, 0], pair[:, 1]) > cut.minimum_dimuon_pt_cm_gev
    count("dimuon pT")
    missing = machine.total - p_plus - p_minus
    passed &= within_theta(missing, cut.recoil_theta_deg)
    count("direction of the recoil")

    kept = np.flatnonzero(passed & (weight > 0.0))
    event, plus, minus, missing = event[kept], plus[kept], minus[kept], missing[kept]
    alone = reco.select(event)
    disturbing = tracks[event] | ((alone.kind == PHOTON) & _vetoed(alone.p4, missing, cut))
    weight = weight[kept] * unseen(alone, disturbing, [plus, minus])
    passed = weight > 0.0
    count("nothing else seen")

    theta_deg = np.degrees(np.arctan2(np.hypot(missing[:, 0], missing[:, 1]), missing[:, 2]))
    columns = {
        "weight": weight,
        "event": event,
        "m2_recoil_gev2": _recoil_mass_squared(alone, plus, minus, missing, cut.m2_resolution_gev2),
        "recoil_theta_deg": theta_deg,
        "recoil_from_90_deg": np.abs(theta_deg - 90.0),
        "mass_dimuon_gev": np.sqrt(mass_squared(p_plus[kept] + p_minus[kept])),
        "helicity_cosine": _helicity_cosine(in_cm[kept]),
        **_balance(in_cm[kept]),
    }
    return Candidates({name: column[passed] for name, column in columns.items()}, in_cm[kept][passed])


def _masses_gev(called: NDArray[np.intp]) -> Array:
    """Masses of what tracks are called, shape (n,)."""
    return np.where(called == MUON, MUON_MASS_GEV, ELECTRON_MASS_GEV)


def _identified(reco: Reconstructed, kind: NDArray[np.int8], p4: Array, called: NDArray[np.intp]) -> Array:
    """Probability that tracks of a kind and momentum are called so, shape (n,)."""
    probability = np.zeros(len(called))
    for lepton in np.unique(called).tolist():
        here = called == lepton
        probability[here] = reco.detector.identification[lepton].passing(kind[here], p4[here])
    return probability


def _recoil_mass_squared(
    reco: Reconstructed, plus: NDArray[np.intp], minus: NDArray[np.intp], missing: Array, width: Curve | None
) -> Array:
    """Squared mass of the missing momentum, or the true one of all but both tracks, smeared by a published width."""
    if width is None:
        return mass_squared(missing)
    rows = np.arange(len(reco))
    true = reco.truth.p4 * (reco.truth.status == FINAL)[..., None]
    recoil2 = mass_squared(true.sum(axis=1) - true[rows, plus] - true[rows, minus])
    sigma = np.interp(recoil2, *np.array(width).T)
    result: Array = recoil2 + sigma * reco.rng.standard_normal(len(reco))
    return result


def _transverse_cosine(a: Array, b: Array) -> Array:
    """Cosine of the difference in azimuth."""
    product = a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1]
    result: Array = product / np.sqrt((a[:, 0] ** 2 + a[:, 1] ** 2) * (b[:, 0] ** 2 + b[:, 1] ** 2))
    return result


def _vetoed(p4: Array, missing: Array, cut: Options) -> NDArray[np.bool_]:
    """Tell which photons, shape (n, k), a candidate must not have."""
    energy = p4[..., 3]
    missing_momentum = np.sqrt((missing[:, None, :3] ** 2).sum(axis=-1))
    product = (p4[..., :3] * missing[:, None, :3]).sum(axis=-1)
    near = product > np.cos(np.radians(cut.veto_near_recoil_angle_deg)) * energy * missing_momentum
    result: NDArray[np.bool_] = (energy > cut.veto_photon_energy_gev) | (
        near & (energy > cut.veto_near_recoil_energy_gev)
    )
    return result


def _helicity_cosine(in_cm: Array) -> Array:
    """Absolute cosine of the angle of a muon in the rest frame of the pair, whose direction of flight is the axis.

    With equal masses it is the difference of the muons' energies over the momentum of the pair, in units of the
    velocity that the muons have at rest; shape (n, 2, 4) to (n,).
    """
    pair = in_cm.sum(axis=1)
    momentum = np.sqrt((pair[:, :3] ** 2).sum(axis=-1))
    velocity = np.sqrt(1.0 - 4.0 * MUON_MASS_GEV**2 / mass_squared(pair))
    cosine: Array = np.abs(in_cm[:, 0, 3] - in_cm[:, 1, 3]) / (momentum * velocity)
    return cosine


def _balance(in_cm: Array) -> dict[str, Array]:
    """Quantities that tell a particle radiated by a muon from neutrinos of two taus; `in_cm` is (n, 2, 4)."""
    momentum = np.sqrt((in_cm[..., :3] ** 2).sum(axis=-1))
    pt = np.hypot(in_cm[..., 0], in_cm[..., 1])
    recoil = -in_cm[:, :, :3].sum(axis=1)
    along = (recoil[:, None] * in_cm[..., :3]).sum(axis=-1) / momentum
    across = np.sqrt(np.maximum((recoil**2).sum(axis=-1)[:, None] - along**2, 0.0))
    rows, harder = np.arange(len(in_cm)), np.argmax(momentum, axis=1)
    return {
        "recoil_pt_harder_gev": across[rows, harder],
        "recoil_pt_softer_gev": across[rows, 1 - harder],
        "dimuon_pt_gev": np.hypot(recoil[:, 0], recoil[:, 1]),
        "pt_asymmetry": np.abs(pt[:, 0] - pt[:, 1]) / (pt[:, 0] + pt[:, 1]),
    }
