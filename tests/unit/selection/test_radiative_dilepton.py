"""Selection of a photon and two leptons."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy import stats

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, from_spherical, mass_squared, two_body_decay
from umbra.core.machines import Machine
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "radiative_dilepton")

PEP2 = Machine("pep2", 9.028, 3.1)
MUONS: dict[str, Any] = {
    "final_state": "mumu",
    "photon_theta_deg": [15.8, 141.8],
    "photon_minimum_energy_cm_gev": 0.2,
    "track_theta_deg": [17.2, 152.6],
    "track_minimum_pt_gev": 0.1,
    "minimum_photon_track_angle_deg": 5.0,
    "identified_leptons": 2,
    "maximum_helicity_cosine": 0.95,
    "minimum_positron_cosine": None,
    "maximum_electron_cosine": None,
    "mass_resolution_mev": None,
}
ELECTRONS: dict[str, Any] = MUONS | {
    "final_state": "ee",
    "identified_leptons": 1,
    "maximum_helicity_cosine": None,
    "minimum_positron_cosine": -0.5,
    "maximum_electron_cosine": 0.5,
}
OPEN: dict[str, Any] = MUONS | {"maximum_helicity_cosine": None, "minimum_photon_track_angle_deg": 0.0}
EVERYWHERE = {"theta_deg": [0.0, 180.0]}


def gamma_pair(mass_gev: float, lepton: int, n: int, extra: Array | None = None) -> Events:
    """Draw photons at all angles against pairs that decay isotropically, in the laboratory."""
    rng = np.random.default_rng(12)
    lepton_mass = MUON_MASS_GEV if lepton == 13 else ELECTRON_MASS_GEV
    energy = (PEP2.sqrt_s_gev**2 - mass_gev**2) / (2.0 * PEP2.sqrt_s_gev)
    photon = from_spherical(np.full(n, energy), rng.uniform(-1, 1, n), rng.uniform(-np.pi, np.pi, n), 0.0)
    pair = -photon
    pair[:, 3] = np.hypot(energy, mass_gev)
    angles = rng.uniform(-1, 1, n), rng.uniform(-np.pi, np.pi, n)
    plus, minus = two_body_decay(pair, lepton_mass, lepton_mass, *angles)
    ids, p4 = [22, -lepton, lepton], [photon, plus, minus]
    if extra is not None:
        ids.append(22)
        p4.append(np.broadcast_to(extra, (n, 4)))
    return Events.from_momenta(ids, PEP2.to_lab(np.stack(p4, axis=1)))


@pytest.fixture(name="open_detector")
def _open_detector(identifying: Callable[..., Detector]) -> Detector:
    """Build a perfect detector that sees all directions and takes every lepton for what it is."""
    whole = {"name": "all", "theta_deg": [0, 180], "energy_gev": [0], "inefficiency": [0]}
    return identifying(regions=[whole], theta_deg=[0.0, 180.0], minimum_pt_gev=0.0)


def run(detector: Detector, events: Events, options: dict[str, Any]) -> dict[str, Array]:
    return select(detector.reconstruct(events, np.random.default_rng(4)), PEP2, options, Cutflow())


def test_variables_of_a_perfect_detector(open_detector: Detector) -> None:
    events = gamma_pair(2.0, 13, 5_000)
    loose = OPEN | {"photon_theta_deg": [0, 180], "track_theta_deg": [0, 180], "track_minimum_pt_gev": 0.0}
    found = run(open_detector, events, loose)
    assert len(found["weight"]) > 4_990
    np.testing.assert_allclose(found["mass_gev"], 2.0, rtol=1e-6)
    np.testing.assert_allclose(found["reduced_mass_gev"], np.sqrt(4.0 - 4.0 * MUON_MASS_GEV**2), rtol=1e-6)
    in_cm = PEP2.to_cm(events.p4[:, 0])[found["event"]]
    np.testing.assert_allclose(found["cos_theta_photon"], in_cm[:, 2] / in_cm[:, 3], atol=1e-6)
    # The pairs decay isotropically: the cosine is flat, also in sign.
    assert stats.kstest(found["helicity_cosine"], stats.uniform(-1.0, 2.0).cdf).pvalue > 1e-3


def test_mass_of_light_pairs_is_not_lost_in_rounding(open_detector: Detector) -> None:
    loose = ELECTRONS | {
        "photon_theta_deg": [0, 180],
        "track_theta_deg": [0, 180],
        "track_minimum_pt_gev": 0.0,
    }
    found = run(open_detector, gamma_pair(0.02, 11, 2_000), loose)
    assert len(found["weight"]) > 500
    np.testing.assert_allclose(found["mass_gev"], 0.02, rtol=1e-6)


def test_reduced_mass_is_negative_below_threshold(open_detector: Detector) -> None:
    near = MUONS | {"mass_resolution_mev": [[0.0, 1.5], [2.0, 2.8], [10.0, 8.0]]}
    found = run(open_detector, gamma_pair(0.212, 13, 4_000), near)
    below = found["mass_gev"] < 2.0 * MUON_MASS_GEV
    assert 0.1 < below.mean() < 0.6
    np.testing.assert_array_equal(found["reduced_mass_gev"] < 0.0, below)
    squared = found["mass_gev"] ** 2 - 4.0 * MUON_MASS_GEV**2
    np.testing.assert_allclose(found["reduced_mass_gev"] ** 2, np.abs(squared))


@pytest.mark.parametrize(("mass_gev", "mev"), [(0.5, 1.825), (3.0, 3.45), (9.0, 7.35)])
def test_mass_of_the_constrained_fit_has_the_stated_resolution(
    detector_settings: Callable, mass_gev: float, mev: float
) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    fit = MUONS | {"mass_resolution_mev": [[0.0, 1.5], [2.0, 2.8], [10.0, 8.0]]}
    found = run(detector, gamma_pair(mass_gev, 13, 8_000), fit)
    pulls = (found["mass_gev"] - mass_gev) / (1e-3 * mev)
    assert len(pulls) > 2_000
    assert stats.kstest(pulls, stats.norm.cdf).pvalue > 1e-3


def test_without_the_fit_the_tracks_decide(detector_settings: Callable) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    events = gamma_pair(3.0, 13, 4_000)
    reco = detector.reconstruct(events, np.random.default_rng(4))
    found = select(reco, PEP2, OPEN, Cutflow())
    tracks = reco.p4[found["event"], 1:]
    np.testing.assert_allclose(found["mass_gev"] ** 2, mass_squared(tracks.sum(axis=1)), rtol=1e-9)
    assert 0.008 < np.std(found["mass_gev"]) < 0.05


def test_helicity_cut_keeps_its_share_of_isotropic_decays(open_detector: Detector) -> None:
    events = gamma_pair(3.0, 13, 20_000)
    loose = MUONS | {"photon_theta_deg": [0, 180], "track_theta_deg": [0, 180], "track_minimum_pt_gev": 0.0}
    loose["minimum_photon_track_angle_deg"] = 0.0
    assert len(run(open_detector, events, loose)["weight"]) / 20_000 == pytest.approx(0.95, abs=0.007)


def single(p_photon: list[float], p_plus: list[float], p_minus: list[float], lepton: int = 11) -> Events:
    """One event; momenta are (magnitude, theta, phi) in the centre of mass, degrees."""
    mass = ELECTRON_MASS_GEV if lepton == 11 else MUON_MASS_GEV
    p4 = [
        from_spherical(np.array(p), np.cos(np.radians(theta)), np.radians(phi), m)
        for (p, theta, phi), m in ((p_photon, 0.0), (p_plus, mass), (p_minus, mass))
    ]
    return Events.from_momenta([22, -lepton, lepton], PEP2.to_lab(np.stack(p4)[None]))


@pytest.mark.parametrize(
    ("positron_deg", "electron_deg", "passes"),
    [
        (80.0, 100.0, True),
        (119.0, 100.0, True),
        (121.0, 100.0, False),
        (80.0, 61.0, True),
        (80.0, 59.0, False),
    ],
)
def test_bhabha_cuts(open_detector: Detector, positron_deg: float, electron_deg: float, passes: bool) -> None:
    event = single([3.0, 90.0, 0.0], [3.0, positron_deg, 120.0], [3.0, electron_deg, 240.0])
    assert len(run(open_detector, event, ELECTRONS)["weight"]) == passes


@pytest.mark.parametrize(("angle_deg", "passes"), [(4.0, False), (6.0, True)])
def test_photon_must_be_away_from_tracks(open_detector: Detector, angle_deg: float, passes: bool) -> None:
    event = single([3.0, 90.0, 0.0], [3.0, 90.0, angle_deg], [3.0, 90.0, 180.0], 13)
    # In the plane across the beams of this event the boost narrows angles a little.
    lab = event.p4[0, :, :3] / np.linalg.norm(event.p4[0, :, :3], axis=1)[:, None]
    lab_deg = np.degrees(np.arccos(lab[0] @ lab[1]))
    near = OPEN | {"minimum_photon_track_angle_deg": 5.0 * lab_deg / angle_deg}
    assert len(run(open_detector, event, near)["weight"]) == passes


def test_weight_is_the_product_of_probabilities(detector_settings: Callable) -> None:
    content = detector_settings("babar")
    detector = Detector.from_record(DetectorRecord.model_validate(content))
    photon, track = 1.0 - 7.5e-4, 0.97
    muons = single([3.0, 90.0, 0.0], [3.0, 80.0, 120.0], [3.0, 100.0, 240.0], 13)
    found = run(detector, muons, OPEN)
    assert found["weight"] == pytest.approx([photon * (track * 0.8) ** 2])
    electrons = single([3.0, 90.0, 0.0], [3.0, 80.0, 120.0], [3.0, 100.0, 240.0], 11)
    found = run(detector, electrons, ELECTRONS)
    assert found["weight"] == pytest.approx([photon * track**2 * (1.0 - 0.07**2)])
    # A muon pair is no electron pair.
    assert not len(run(detector, muons, ELECTRONS)["weight"])


def test_a_second_photon_vetoes_by_its_probability(detector_settings: Callable) -> None:
    content = detector_settings("babar")
    content["calorimeter"]["regions"][0]["inefficiency"] = [0.2]
    # Without a tail that hides a photon below the threshold.
    content["calorimeter"]["energy_resolution"].update(tail_alpha=6.0, tail_index=50.0)
    detector = Detector.from_record(DetectorRecord.model_validate(content))
    alone = run(detector, gamma_pair(2.0, 13, 3_000), OPEN)

    def photon(energy_gev: float, cosine: float) -> Array:
        return from_spherical(np.array(energy_gev), np.array(cosine), np.array(0.3), 0.0)

    def away(found: dict[str, Array]) -> Array:
        """Weight of candidates whose photon is not the additional one."""
        return found["weight"][np.abs(found["cos_theta_photon"] - 0.1) > 0.03].sum()

    for harmless in (photon(0.5, 0.9999), photon(0.1, 0.1)):
        found = run(detector, gamma_pair(2.0, 13, 3_000, harmless), OPEN)
        assert found["weight"].sum() == pytest.approx(alone["weight"].sum(), rel=0.01)
    found = run(detector, gamma_pair(2.0, 13, 3_000, photon(0.5, 0.1)), OPEN)
    # Either photon may be the candidate's. Where the hard one is, calorimeter (0.2) and muon system (0.55)
    # must both miss the other.
    assert away(found) == pytest.approx(0.2 * 0.55 * away(alone), rel=0.02)
    assert found["weight"].sum() > away(found)


def test_no_candidates_from_nothing(detector_settings: Callable) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("babar")))
    cutflow = Cutflow()
    empty = gamma_pair(1.0, 13, 10).select(slice(0, 0))
    found = select(detector.reconstruct(empty, np.random.default_rng(1)), PEP2, MUONS, cutflow)
    assert all(len(column) == 0 for column in found.values())
    events = gamma_pair(1.0, 13, 3_000)
    select(detector.reconstruct(events, np.random.default_rng(1)), PEP2, MUONS, cutflow)
    weights = [row["weight"] for row in cutflow.to_json()]
    assert weights[0] == 3_000
    assert weights == sorted(weights, reverse=True)


def test_options_are_checked(open_detector: Detector) -> None:
    with pytest.raises(UmbraError, match="selection radiative_dilepton: final_state: 'tautau' is not known"):
        run(open_detector, gamma_pair(2.0, 13, 2), MUONS | {"final_state": "tautau"})
