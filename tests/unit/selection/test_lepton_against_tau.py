"""Selection of a lepton against three pions, and the energy in the pseudo-rest frame."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.constants import MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.events import Events
from umbra.core.kinematics import from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.decays import tau
from umbra.generation.decays.registry import find as find_decay
from umbra.generation.processes.registry import find
from umbra.selection.cutflow import Cutflow
from umbra.selection.lepton_against_tau import pseudo_rest_energy

from .running import selected

select = partial(selected, "lepton_against_tau")

BELLE2 = Machine("superkekb", 7.004, 4.002, 83.0)
OPTIONS: dict[str, Any] = {
    "lepton": "electron",
    "track_theta_deg": [0.0, 180.0],
    "track_minimum_pt_gev": 0.0,
    "soft_lepton_probability": 0.0,
    "residual_efficiency": 1.0,
}


@pytest.fixture(name="detector")
def _detector(identifying: Callable[..., Detector]) -> Detector:
    """Build a detector that sees all tracks and takes them for what they are."""
    return identifying(theta_deg=[0.0, 180.0], minimum_pt_gev=0.0)


def signal(n: int, mass_gev: float, lepton: str = "electron") -> Events:
    process = find(f"tau_to_{lepton}_alp")
    rng = generator("test tau alpha", mass_gev)
    parameters = process.complete({"mass_gev": mass_gev})
    p4, weight = process.evaluate(rng.random((n, 4)), np.full(n, BELLE2.sqrt_s_gev), parameters, {})
    fraction = tau.branching_fractions()["enunu" if lepton == "electron" else "mununu"]
    assert np.all(weight == fraction)
    assert process.closed_form(BELLE2.sqrt_s_gev, parameters, {}) == fraction
    events = Events.from_momenta(process.final_state(parameters), BELLE2.to_lab(p4), weight)
    return tau.plus_to_pions(events, BELLE2, rng)


def chosen(detector: Detector, events: Events, **options: Any) -> dict[str, np.ndarray]:
    return select(detector.reconstruct(events, generator("test")), BELLE2, OPTIONS | options, Cutflow())


def test_energy_in_the_frame_of_the_tau_is_exact_where_its_direction_is():
    """With the tau itself as the tag's opposite the energy is (m_tau^2 + m_l^2 - m_alpha^2)/2 m_tau."""
    process, n = find("tau_to_muon_alp"), 1000
    p4, _ = process.evaluate(
        generator("frame").random((n, 4)), np.full(n, 10.58), {"mass_gev": 0.7, "coupling": 1.0}, {}
    )
    energy = pseudo_rest_energy(p4[:, 1], p4[:, 0], 10.58)
    exact = (TAU_MASS_GEV**2 + MUON_MASS_GEV**2 - 0.7**2) / (2.0 * TAU_MASS_GEV)
    assert energy == pytest.approx(np.full(n, exact))
    assert p4.sum(axis=1) == pytest.approx(np.tile([0.0, 0.0, 0.0, 10.58], (n, 1)), abs=1e-9)
    assert np.sqrt(mass_squared(p4[:, 1] + p4[:, 2])) == pytest.approx(np.full(n, TAU_MASS_GEV))


def test_a_lepton_at_rest_with_the_tau_has_the_energy_of_its_mass():
    energy = np.full(3, 5.29)
    along = from_spherical(
        np.sqrt(energy**2 - TAU_MASS_GEV**2), np.array([0.3, -0.9, 1.0]), np.zeros(3), TAU_MASS_GEV
    )
    tag = along * np.array([-1.0, -1.0, -1.0, 1.0])
    assert pseudo_rest_energy(along, tag, 10.58) == pytest.approx(np.full(3, TAU_MASS_GEV))


# Root mean square of 2 E/m_tau from an independent simulation of the same frame.
@pytest.mark.parametrize(("mass", "width"), [(0.001, 0.225), (0.7, 0.190), (1.2, 0.123), (1.6, 0.043)])
def test_the_pseudo_rest_frame_smears_by_a_fifth(detector: Detector, mass: float, width: float):
    found = chosen(detector, signal(20_000, mass))
    assert np.std(found["energy_fraction"]) == pytest.approx(width, rel=0.1)


def test_a_perfect_detector_keeps_the_weight_of_the_pairs(detector: Detector):
    events = signal(4000, 0.7)
    found = chosen(detector, events)
    fractions = tau.branching_fractions()
    assert events.weight == pytest.approx(np.full(4000, fractions["enunu"] * fractions["pipipinu"]))
    # Massless leptons fly forward from a tau of speed beta where their cosine in its frame is above -beta.
    beta = np.sqrt(1.0 - (2.0 * TAU_MASS_GEV / BELLE2.sqrt_s_gev) ** 2)
    forward = 0.5 * (1.0 + beta)
    assert found["weight"].sum() / events.weight.sum() == pytest.approx(forward, abs=0.01)
    half = chosen(detector, events, residual_efficiency=0.5)
    assert half["weight"].sum() == pytest.approx(0.5 * found["weight"].sum())
    assert len(chosen(detector, events, lepton="muon")["weight"]) == 0


def test_soft_leptons_pass_as_often_as_is_said(ideal: Callable[..., Detector]):
    """The ideal detector identifies 90 % of the electrons above 0.3 GeV."""
    detector = ideal(tracker={"theta_deg": [0.0, 180.0], "minimum_pt_gev": 0.0})
    events = signal(4000, 1.6)
    none, half, all_ = (
        chosen(detector, events, soft_lepton_probability=each)["weight"].sum() for each in (0.0, 0.5, 1.0)
    )
    assert 0.0 < none < 0.95 * all_
    assert half == pytest.approx(0.5 * (none + all_))


def test_background_counts_both_charges():
    rng = generator("test tau pairs")
    p4, _ = find("tautau").evaluate(rng.random((2000, 2)), np.full(2000, BELLE2.sqrt_s_gev), {}, {})
    events = find_decay("tau_pairs_to_muon_and_pions")(
        Events.from_momenta((15, -15), BELLE2.to_lab(p4)), BELLE2, rng
    )
    fractions = tau.branching_fractions()
    assert events.weight == pytest.approx(np.full(2000, 2.0 * fractions["mununu"] * fractions["pipipinu"]))
    final = np.where(events.status == 1, events.pdg_id, 0)
    assert np.all((np.abs(final) == 13).sum(axis=1) == 1)
    assert np.all((np.abs(final) == 211).sum(axis=1) == 3)
    # The muon comes from either tau, and the pions from the other one.
    assert (final == 13).any(axis=1).mean() == pytest.approx(0.5, abs=0.05)
    assert np.all(np.sign(final * (np.abs(final) == 211)).sum(axis=1) == (final == 13).sum(axis=1) * 2 - 1)
