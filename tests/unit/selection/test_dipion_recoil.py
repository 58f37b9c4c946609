"""Two soft pions and nothing else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.pdg import mass_gev
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.processes import registry
from umbra.selection.cutflow import Cutflow

from .running import selected

PARENT = mass_gev(200553)
#: Beams of PEP-II at the Υ(3S), to the mass of which they add up.
PEP2 = Machine("pep2_y3s", PARENT**2 / 4.0 / 3.1, 3.1)
OPTIONS = {"track_theta_deg": [17.2, 152.6], "track_minimum_pt_gev": 0.1, "veto_photon_energy_gev": 0.1}


def events(name: str, n: int, **given: float) -> Events:
    process = registry.find(name)
    parameters = process.complete(given)
    x = generator("test dipion", name).random((n, process.dimensions))
    p4, weight = process.evaluate(x, np.full(n, PARENT), parameters, {})
    kept = generator("test dipion", name, "kept").random(n) * weight.max() < weight
    return Events.from_momenta(process.final_state(parameters), PEP2.to_lab(p4[kept]))


def found(detector: Detector, made: Events, **changes: Any) -> dict[str, Array]:
    seen = detector.reconstruct(made, generator("test dipion", "detector"))
    return selected("dipion_recoil", seen, PEP2, OPTIONS | changes, Cutflow())


def test_the_recoil_mass_is_that_of_what_is_not_seen(ideal: Callable[..., Detector]) -> None:
    got = found(ideal(), events("upsilon3s_to_pipi_unseen", 4000, mass_gev=9.44, coupling=1.0))
    assert len(got["weight"]) > 500
    np.testing.assert_allclose(got["m_recoil_gev"], 9.44, atol=1e-5)
    assert got["dipion_mass_gev"].min() > 2.0 * 0.1395
    assert got["dipion_mass_gev"].max() < PARENT - 9.44


def test_leptons_hide_along_both_beams_only(ideal: Callable[..., Detector]) -> None:
    """Back to back in the centre of mass: what the backward hole lets out decides, 2 ∫ (3/8) (1 + c²) beyond it."""
    made = events("upsilon3s_to_pipi_mumu", 60_000)
    alone = Events.from_momenta((211, -211), made.p4[:, :2])
    peak = found(ideal(), made)
    pions = found(ideal(), alone)
    right = np.abs(peak["m_recoil_gev"] - mass_gev(553)) < 1e-3
    hidden = peak["weight"][right].sum() / pions["weight"].sum()
    beta = PEP2.beta[2]
    c_lab = np.cos(np.radians(180.0 - 150.0))
    c = (c_lab + beta) / (1.0 + beta * c_lab)
    expected = 2.0 * 0.375 * ((1.0 - c) + (1.0 - c**3) / 3.0)
    assert 0.02 < expected < 0.08
    # The Υ(1S) moves, and its leptons are 8 degrees off at most.
    assert hidden == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize(("energy_gev", "rows"), [(0.05, 1), (0.2, 0)])
def test_photons_above_the_threshold_disturb(
    ideal: Callable[..., Detector], energy_gev: float, rows: int
) -> None:
    p4 = np.array([[[0.3, 0.0, 0.1, 0.0], [-0.2, 0.2, 0.0, 0.0], [0.0, energy_gev, 0.0, energy_gev]]])
    for pion in (0, 1):
        p4[0, pion, 3] = np.sqrt((p4[0, pion, :3] ** 2).sum() + 0.13957**2)
    assert len(found(ideal(), Events.from_momenta((211, -211, 22), p4))["weight"]) == rows


def test_muons_count_as_pions_and_a_third_track_disturbs(ideal: Callable[..., Detector]) -> None:
    p4 = np.array([[[0.3, 0.0, 0.1, 0.35], [-0.2, 0.2, 0.0, 0.32], [0.2, -0.2, 0.1, 0.34]]])
    assert len(found(ideal(), Events.from_momenta((-13, 13), p4[:, :2]))["weight"]) == 1
    assert len(found(ideal(), Events.from_momenta((-11, 13), p4[:, :2]))["weight"]) == 0
    assert len(found(ideal(), Events.from_momenta((-13, 13, 211), p4))["weight"]) == 0
