"""Selection of two muons and nothing else."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV, PION_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, boost_to_rest, from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import Z_PRIME
from umbra.detector.detector import Detector
from umbra.detector.records import DetectorRecord
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "recoil_dimuon")

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)
OPTIONS: dict[str, Any] = {
    "muon_theta_deg": [37.0, 120.0],
    "muon_minimum_momentum_gev": 0.7,
    "minimum_transverse_opening_deg": 90.0,
    "trigger_efficiency": 1.0,
    "minimum_dimuon_pt_cm_gev": 0.4,
    "recoil_theta_deg": [33.0, 128.0],
    "veto_photon_energy_gev": 0.4,
    "veto_near_recoil_energy_gev": 0.2,
    "veto_near_recoil_angle_deg": 15.0,
    "m2_resolution_gev2": None,
}
#: Two muons whose missing momentum points at 86 degrees of the laboratory: (momentum, theta, phi), degrees.
PLUS, MINUS = (3.0, 60.0, 0.0), (2.5, 95.0, 110.0)


def lab(momentum_gev: float, theta_deg: float, phi_deg: float, mass_gev: float = 0.0) -> Array:
    return from_spherical(
        np.array(momentum_gev), np.cos(np.radians(theta_deg)), np.radians(phi_deg), mass_gev
    )


def event(ids: list[int], *momenta: Array) -> Events:
    return Events.from_momenta(ids, np.stack(momenta)[None])


def dimuon(
    *others: tuple[int, Array], ids: tuple[int, int] = (-13, 13), mass_gev: float = MUON_MASS_GEV
) -> Events:
    return event(
        [*ids, *(pdg_id for pdg_id, _ in others)],
        lab(*PLUS, mass_gev),
        lab(*MINUS, mass_gev),
        *(p4 for _, p4 in others),
    )


def run(detector: Detector, events: Events, **changes: Any) -> dict[str, Array]:
    reco = detector.reconstruct(events, np.random.default_rng(4))
    return select(reco, SUPERKEKB, OPTIONS | changes, Cutflow())


@pytest.fixture(name="leaky")
def _leaky(ideal: Callable[..., Detector]) -> Detector:
    """Build a perfect detector but for lost photons (10%), and found tracks (90%)."""
    region = {"name": "all", "theta_deg": [12.4, 155.1], "energy_gev": [0.0], "inefficiency": [0.1]}
    return ideal(regions=[region], efficiency=dict.fromkeys(("electron", "muon", "hadron"), 0.9))


def test_variables(ideal: Callable[..., Detector]) -> None:
    events = dimuon()
    found = run(ideal(), events)
    assert found["weight"] == pytest.approx([0.9**2])
    missing = SUPERKEKB.total - events.p4[0, 0] - events.p4[0, 1]
    assert found["m2_recoil_gev2"] == pytest.approx([mass_squared(missing)])
    assert found["mass_dimuon_gev"] == pytest.approx([np.sqrt(mass_squared(events.p4[0].sum(axis=0)))])
    # The other variables with angles and trigonometry instead of projections.
    muons = SUPERKEKB.to_cm(events.p4[0])[:, :3]
    recoil = -muons.sum(axis=0)
    sizes = np.linalg.norm(muons, axis=1)
    sines = [np.linalg.norm(np.cross(recoil, muon)) / size for muon, size in zip(muons, sizes, strict=True)]
    harder = int(np.argmax(sizes))
    assert found["recoil_pt_harder_gev"] == pytest.approx([sines[harder]])
    assert found["recoil_pt_softer_gev"] == pytest.approx([sines[1 - harder]])
    # The helicity angle by boosting a muon to the rest frame of the pair.
    in_cm = SUPERKEKB.to_cm(events.p4[0])
    pair = in_cm.sum(axis=0)
    at_rest = boost_to_rest(in_cm[:1], pair[None])[0, :3]
    cosine = at_rest @ pair[:3] / np.linalg.norm(at_rest) / np.linalg.norm(pair[:3])
    assert found["helicity_cosine"] == pytest.approx([abs(cosine)])
    pt = np.hypot(muons[:, 0], muons[:, 1])
    assert found["pt_asymmetry"] == pytest.approx([np.ptp(pt) / pt.sum()])
    assert found["dimuon_pt_gev"] == pytest.approx([np.hypot(*recoil[:2])])
    theta = np.degrees(np.arctan2(np.hypot(*missing[:2]), missing[2]))
    assert found["recoil_theta_deg"] == pytest.approx([theta])
    assert found["recoil_from_90_deg"] == pytest.approx([abs(theta - 90.0)])


@pytest.mark.parametrize(
    "change",
    [
        {"muon_theta_deg": [61.0, 120.0]},
        {"muon_theta_deg": [37.0, 94.0]},
        {"muon_minimum_momentum_gev": 2.6},
        {"minimum_transverse_opening_deg": 111.0},
        {"minimum_dimuon_pt_cm_gev": 4.0},
        {"recoil_theta_deg": [100.0, 128.0]},
    ],
)
def test_each_cut_cuts(ideal: Callable[..., Detector], change: dict[str, Any]) -> None:
    assert len(run(ideal(), dimuon())["weight"]) == 1
    assert len(run(ideal(), dimuon(), **change)["weight"]) == 0


def test_the_trigger_counts_as_much_as_the_data_that_were_taken_with_it(
    ideal: Callable[..., Detector],
) -> None:
    """The muons are 110 degrees apart."""
    ((both,), (looser,), (neither,), (efficient,)) = (
        run(ideal(), dimuon(), **change)["weight"]
        for change in (
            {"minimum_transverse_opening_deg": [[30.0, 0.75], [90.0, 0.25]]},
            {"minimum_transverse_opening_deg": [[30.0, 0.75], [120.0, 0.25]]},
            {"minimum_transverse_opening_deg": 30.0},
            {"trigger_efficiency": 0.89},
        )
    )
    assert (looser / both, neither / both, efficient / both) == pytest.approx((0.75, 1.0, 0.89))
    with pytest.raises(UmbraError, match="shares of the data add up"):
        run(ideal(), dimuon(), minimum_transverse_opening_deg=[[30.0, 0.9]])


def test_photons_veto_by_energy_and_by_distance_from_the_recoil(leaky: Detector) -> None:
    muons = (0.9 * 0.9) ** 2
    missing = SUPERKEKB.total - dimuon().p4[0].sum(axis=0)
    theta = float(np.degrees(np.arctan2(np.hypot(missing[0], missing[1]), missing[2])))
    phi = float(np.degrees(np.arctan2(missing[1], missing[0])))
    cases = [
        # (energy, theta, phi): factor
        (1.0, 100.0, phi + 90.0, 0.1),
        (0.3, 100.0, phi + 90.0, 1.0),
        (0.3, theta + 14.0, phi, 0.1),
        (0.3, theta + 16.0, phi, 1.0),
        (0.1, theta, phi, 1.0),
        (3.0, 8.0, phi, 1.0),
        (3.0, 170.0, phi, 1.0),
    ]
    for energy, polar, azimuth, factor in cases:
        found = run(leaky, dimuon((22, lab(energy, polar, azimuth))))
        assert found["weight"] == pytest.approx([muons * factor]), (energy, polar, azimuth)
    two = run(leaky, dimuon((22, lab(1.0, 100.0, 10.0)), (22, lab(1.0, 60.0, 200.0))))
    assert two["weight"] == pytest.approx([muons * 0.01])


def test_tracks_and_electrons_veto(leaky: Detector) -> None:
    muons = (0.9 * 0.9) ** 2
    cases = [
        # A track is missed once in ten times; an electron must be missed by the calorimeter too.
        (211, lab(0.5, 70.0, 200.0, PION_MASS_GEV), 0.1),
        (11, lab(0.5, 70.0, 200.0, ELECTRON_MASS_GEV), 0.01),
        (11, lab(2.0, 14.0, 200.0, ELECTRON_MASS_GEV), 0.1),
        (11, lab(2.0, 3.0, 200.0, ELECTRON_MASS_GEV), 1.0),
        (Z_PRIME, lab(2.0, 90.0, 200.0, 1.0), 1.0),
    ]
    for pdg_id, p4, factor in cases:
        assert run(leaky, dimuon((pdg_id, p4)))["weight"] == pytest.approx([muons * factor]), pdg_id


def test_pions_pass_as_muons_with_the_misidentification(ideal: Callable[..., Detector]) -> None:
    pions = run(ideal(), dimuon(ids=(211, 13), mass_gev=PION_MASS_GEV))
    assert pions["weight"] == pytest.approx([0.041 * 0.9])
    # Their energy is that of the muon hypothesis.
    assert pions["m2_recoil_gev2"] == pytest.approx(run(ideal(), dimuon())["m2_recoil_gev2"])
    assert not len(run(ideal(), dimuon(ids=(-13, -13)))["weight"]), "opposite charges only"
    assert not len(run(ideal(), dimuon(ids=(-11, 13)))["weight"]), "electrons are never called muons here"


def test_every_pair_of_tracks_is_a_candidate_and_pairs_exclude_each_other(leaky: Detector) -> None:
    third = lab(1.0, 80.0, 240.0, MUON_MASS_GEV)
    found = run(leaky, dimuon((13, third)), recoil_theta_deg=[0.0, 180.0])
    assert found["weight"] == pytest.approx([(0.9 * 0.9) ** 2 * 0.1] * 2)
    assert set(found["event"]) == {0}


def test_recoil_resolution_comes_from_the_muons(detector_settings: Callable) -> None:
    """M^2 = (p_beams - p_1 - p_2)^2, with the error of each track propagated by hand."""
    content = detector_settings("belle2_2018")
    del content["beam_background"]
    content["tracker"]["angular_resolution"]["constant_mrad"] = 0.0
    one = dimuon()
    many = Events.from_momenta([-13, 13], np.repeat(one.p4, 20_000, axis=0))
    found = run(Detector.from_record(DetectorRecord.model_validate(content)), many)
    variance = 0.0
    total = SUPERKEKB.total - one.p4[0].sum(axis=0)
    for p4 in one.p4[0]:
        pt, size = np.hypot(p4[0], p4[1]), np.linalg.norm(p4[:3])
        relative = np.hypot(0.0019 * pt, 0.0030 * p4[3] / size)
        shift = np.append(p4[:3], size**2 / p4[3]) * relative
        variance += float(2.0 * (total[3] * shift[3] - total[:3] @ shift[:3])) ** 2
    assert np.std(found["m2_recoil_gev2"]) == pytest.approx(np.sqrt(variance), rel=0.02)


def test_a_published_resolution_smears_the_true_recoil(detector_settings: Callable) -> None:
    """The true recoil is that of all other particles, also where a beam has radiated."""
    one = dimuon((Z_PRIME, lab(2.0, 86.0, 200.0, 3.0)), (22, lab(0.5, 5.0, 0.0)))
    many = Events.from_momenta([-13, 13, Z_PRIME, 22], np.repeat(one.p4, 20_000, axis=0))
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("belle2")))
    true = float(mass_squared(one.p4[0, 2:].sum(axis=0)))
    found = run(detector, many, m2_resolution_gev2=[[true - 5.0, 0.3], [true + 5.0, 0.1]])["m2_recoil_gev2"]
    assert np.mean(found) == pytest.approx(true, abs=0.01)
    assert np.std(found) == pytest.approx(0.2, rel=0.03)


def test_every_cut_is_counted_and_none_adds_weight(detector_settings: Callable) -> None:
    rng = np.random.default_rng(1)
    n = 3_000
    p4 = from_spherical(
        rng.uniform(0.5, 5, (n, 2)), rng.uniform(-1, 1, (n, 2)), rng.uniform(-3, 3, (n, 2)), 0.1
    )
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("belle2_2018")))
    cutflow = Cutflow()
    for part in (p4[:2_000], p4[2_000:], p4[:0]):
        reco = detector.reconstruct(Events.from_momenta([13, -13], part), rng)
        select(reco, SUPERKEKB, OPTIONS, cutflow)
    weights = [row["weight"] for row in cutflow.to_json()]
    assert weights[0] == n
    assert weights == sorted(weights, reverse=True)
    assert 0.0 < weights[-1] < 0.5 * n


def test_the_likelihood_adds_a_column_to_the_same_candidates(detector_settings: Callable) -> None:
    detector = Detector.from_record(DetectorRecord.model_validate(detector_settings("belle2")))
    found = run(detector, dimuon())
    reco = detector.reconstruct(dimuon(), np.random.default_rng(4))
    ranked = selected("recoil_dimuon_likelihood", reco, SUPERKEKB, OPTIONS, Cutflow())
    assert len(found["weight"]) > 0
    for name, column in found.items():
        np.testing.assert_array_equal(ranked[name], column)
    assert np.isfinite(ranked["log_signal_to_background"]).all()
