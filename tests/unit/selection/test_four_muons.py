"""Selection of four muons."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from umbra.core.constants import MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, boost, from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord
from umbra.generation.processes.qed_four_lepton import signal_to_background
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "four_muons")

PEP2 = Machine("pep2", 9.028, 3.1)
OPTIONS: dict[str, Any] = {
    "track_theta_deg": [17.2, 152.6],
    "track_minimum_pt_gev": 0.1,
    "identified_muons": 0,
    "mass_four_gev": [10.08, 11.08],
    "mass_resolution_mev": None,
    "kinematic_fit": False,
    "discriminant": "none",
}
IDS = (13, -13, 13, -13)
EVERYWHERE = {"theta_deg": [0.0, 180.0]}


def balanced(mass_gev: float = MUON_MASS_GEV) -> Array:
    """Four momenta in the centre of mass that take its whole energy: two back-to-back pairs, shape (4, 4)."""
    energy = 0.25 * PEP2.sqrt_s_gev
    momentum = np.sqrt(energy**2 - mass_gev**2)
    cosine = np.array([0.3, -0.3, -0.5, 0.5])
    phi = np.array([0.2, 0.2 - np.pi, 1.9, 1.9 - np.pi])
    return from_spherical(np.full(4, momentum), cosine, phi, mass_gev)


def event(p4_cm: Array, ids: tuple[int, ...] = IDS) -> Events:
    return Events.from_momenta(ids, PEP2.to_lab(p4_cm)[None])


def run(detector: Detector, events: Events, **changes: Any) -> dict[str, Array]:
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return select(reco, PEP2, OPTIONS | changes, Cutflow())


def test_all_four_pairs_are_candidates(ideal: Callable[..., Detector]) -> None:
    p4 = balanced()
    found = run(ideal(), event(p4))
    assert found["event"].tolist() == [0, 0, 0, 0]
    assert found["weight"] == pytest.approx(np.ones(4))
    masses = sorted(np.sqrt(mass_squared(p4[i] + p4[j])) for i in (0, 2) for j in (1, 3))
    assert sorted(found["mass_gev"]) == pytest.approx(masses)
    assert found["reduced_mass_gev"] == pytest.approx(np.sqrt(found["mass_gev"] ** 2 - 4 * MUON_MASS_GEV**2))


@pytest.mark.parametrize(
    "change",
    [
        {"track_theta_deg": [60.0, 152.6]},
        {"track_minimum_pt_gev": 2.5},
        {"mass_four_gev": [10.6, 11.0]},
        {"mass_four_gev": [9.0, 10.5]},
    ],
)
def test_each_cut_cuts(ideal: Callable[..., Detector], change: dict[str, Any]) -> None:
    assert len(run(ideal(), event(balanced()), **change)["weight"]) == 0


def test_tracks_must_be_two_and_two(ideal: Callable[..., Detector]) -> None:
    p4 = balanced()
    assert len(run(ideal(), event(p4, (13, -13, 13, 13)))["weight"]) == 0
    assert len(run(ideal(), event(p4, (13, -13, 13, 22)))["weight"]) == 0
    fifth = from_spherical(np.array(0.5), np.array(0.1), np.array(2.5), MUON_MASS_GEV)
    assert len(run(ideal(), event(np.vstack([p4, fifth]), (*IDS, 13)))["weight"]) == 0
    # A photon along the beams does not disturb.
    photon = np.array([[0.0, 0.0, 0.2, 0.2]])
    assert len(run(ideal(), event(np.vstack([p4, photon]), (*IDS, 22)))["weight"]) == 4


def test_efficiency_of_tracks_and_identification_multiply(ideal: Callable[..., Detector]) -> None:
    """All tracks are found (0.9 each); at least k of four muons are identified (0.9 each, see Belle II)."""
    detector = ideal(efficiency=dict.fromkeys(("electron", "muon", "hadron"), 0.9))
    for wanted in range(5):
        found = run(detector, event(balanced()), identified_muons=wanted)
        assert found["weight"] == pytest.approx(np.full(4, 0.9**4 * binom.sf(wanted - 1, 4, 0.9)))


def test_pions_pass_with_the_misidentification(ideal: Callable[..., Detector]) -> None:
    pions = run(
        ideal(),
        event(balanced(PION_MASS_GEV), (-211, 211, -211, 211)),
        identified_muons=4,
        mass_four_gev=[9.0, 11.0],
    )
    assert pions["weight"] == pytest.approx(np.full(4, 0.041**4))


def test_the_true_mass_is_smeared_for_each_pair(ideal: Callable[..., Detector]) -> None:
    n = 5_000
    events = event(balanced()).select(np.zeros(n, np.intp))
    width = [[0.0, 2.0], [10.0, 7.0]]
    found = run(ideal(), events, mass_resolution_mev=width)
    exact = run(ideal(), events)["mass_gev"]
    sigma = 1e-3 * (2.0 + 0.5 * exact)
    pulls = ((found["mass_gev"] - exact) / sigma).reshape(n, 4)
    assert np.mean(pulls, axis=0) == pytest.approx(np.zeros(4), abs=0.06)
    assert np.cov(pulls.T) == pytest.approx(np.eye(4), abs=0.08)


def test_bad_options_are_refused(ideal: Callable[..., Detector]) -> None:
    for change, message in (
        ({"identified_muons": 5}, "identified_muons: 5 is not known"),
        ({"mass_four_gev": [11.0, 10.0]}, "mass_four_gev: the interval is reversed"),
        ({"colour": 1}, "there is no key 'colour'"),
    ):
        with pytest.raises(UmbraError, match=f"selection four_muons.*{message}"):
            run(ideal(), event(balanced()), **change)


def test_every_cut_is_counted_and_none_adds_weight(detector_settings: Callable) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    rng = np.random.default_rng(1)
    p4 = np.concatenate([event(balanced()).p4] * 400) + rng.normal(0.0, 0.05, (400, 4, 4))
    cutflow = Cutflow()
    for part in (p4[:300], p4[300:], p4[:0]):
        reco = detector.reconstruct(Events.from_momenta(IDS, part), rng)
        select(reco, PEP2, OPTIONS | {"identified_muons": 2}, cutflow)
    weights = [row["weight"] for row in cutflow.to_json()]
    assert weights[0] == 400
    assert weights == sorted(weights, reverse=True)
    assert 0.0 < weights[-1] < 400


@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_discriminant_is_the_ratio_of_amplitudes(ideal: Callable[..., Detector], beta: float) -> None:
    """Also after a beam has radiated: the ratio is that of the muons in their own rest frame."""
    momenta = np.array([[1.0, 2.0, -0.5], [-2.0, 0.3, 1.5], [0.4, -1.0, 2.0]])
    momenta = np.vstack([momenta, -momenta.sum(axis=0)])
    energies = np.sqrt((momenta**2).sum(axis=1) + MUON_MASS_GEV**2)
    p4 = np.column_stack([momenta, energies])
    pairs = [(i, j) for i in (0, 2) for j in (1, 3)]
    masses = [np.sqrt(mass_squared(p4[i] + p4[j])) for i, j in pairs]
    ratios = [signal_to_background(p4[None], np.array([energies.sum()]), pair)[0] for pair in pairs]
    moving = boost(p4, np.array([0.0, 0.0, -beta]))
    found = run(
        ideal(**EVERYWHERE),
        event(moving),
        track_theta_deg=[0.0, 180.0],
        mass_four_gev=[1.0, 20.0],
        discriminant="matrix_element",
    )
    order = np.argsort(found["mass_gev"])
    assert found["mass_gev"][order] == pytest.approx(sorted(masses))
    expected = np.log(ratios)[np.argsort(masses)]
    assert found["log_signal_to_background"][order] == pytest.approx(expected)


def test_the_fit_to_the_beams_gives_the_tracks_their_energy_back(ideal: Callable[..., Detector]) -> None:
    """Of measured tracks to the beams; of true muons, where a width is given, to all that was made."""
    resolution = {"per_pt_percent_per_gev": 0.2, "per_beta_percent": 0.3, "constant_percent": 0.0}
    detector = ideal(momentum_resolution=resolution | {"source": "closed form"})
    p4 = balanced()
    n = 1500
    events = Events.from_momenta(IDS, np.broadcast_to(PEP2.to_lab(p4), (n, 4, 4)).copy())
    masses = {
        fit: run(detector, events, kinematic_fit=fit)["mass_gev"].reshape(n, 4) for fit in (False, True)
    }
    spread = {fit: found.std(axis=0) for fit, found in masses.items()}
    assert np.all(spread[True] < 0.8 * spread[False])
    # Nothing was lost: the true masses, which the fit leaves, and the width.
    width = [[0.0, 2.0], [20.0, 2.0]]
    found = run(detector, events, kinematic_fit=True, mass_resolution_mev=width)["mass_gev"].reshape(n, 4)
    true = [float(np.sqrt(mass_squared(p4[i] + p4[j]))) for i in (1, 3) for j in (0, 2)]
    assert np.sort(found.mean(axis=0)) == pytest.approx(np.sort(true), abs=4 * 0.002 / np.sqrt(n))
    assert found.std(axis=0) == pytest.approx(np.full(4, 0.002), rel=4 / np.sqrt(2 * n))
