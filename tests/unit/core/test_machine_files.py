"""Every machine and detector in the configuration: it validates, and the machines move as they should."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from umbra.config.files import load_detector, load_machine
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import polar_angle
from umbra.core.machines import Beam, FixedTarget, Machine, of_plain, of_record
from umbra.core.pdg import mass_gev
from umbra.detector.detector import ELECTRON, MUON, Detector

CONFIG = Path(__file__).parents[3] / "config"
DETECTORS = sorted(path.stem for path in (CONFIG / "detectors").glob("*.yaml"))

#: Angle and energy of muons where they are not those of a barrel: behind a decay volume, or along the beam.
MIDDLE = {"na62": (0.4, 30.0), "na64": (179.5, 30.0)}
#: sqrt(s) in GeV, velocity along z and along x of the centre of mass.
EXPECTED = {
    "superkekb": (10.580, 0.2725, 0.0415),
    "superkekb_2018": (10.580, 0.2725, 0.0415),
    "pep2": (10.580, 0.488, 0.0),
    "pep2_y3s": (10.3551, 0.472, 0.0),
    "pep2_y2s": (10.0234, 0.4465, 0.0),
    "kekb": (10.580, 0.391, 0.011),
    "bepcii_3773": (3.773, 0.0, 0.011),
    "bepcii_jpsi": (3.0969, 0.0, 0.011),
    "daphne": (1.0195, 0.0, 0.0125),
}


def machine(name: str) -> Machine:
    record, _ = load_machine(CONFIG / "machines" / f"{name}.yaml")
    found = of_record(name, record)
    assert isinstance(found, Machine)
    return found


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_machines_have_the_energy_and_boost_of_the_experiments(name: str) -> None:
    sqrt_s_gev, along, across = EXPECTED[name]
    found = machine(name)
    assert found.sqrt_s_gev == pytest.approx(sqrt_s_gev, rel=1e-4)
    np.testing.assert_allclose(found.beta, [across, 0.0, along], atol=1e-3)


def test_a_beam_moves_with_its_particles_and_comes_back() -> None:
    record, _ = load_machine(CONFIG / "machines" / "sps_k12.yaml")
    beam = of_record("sps_k12", record)
    assert isinstance(beam, Beam)
    assert beam.sqrt_s_gev == pytest.approx(mass_gev(321))
    assert beam.approximate_sqrt_s_gev == pytest.approx(beam.sqrt_s_gev, rel=2e-3)
    np.testing.assert_allclose(beam.total, [0.0, 0.0, 75.0, np.sqrt(75.0**2 + mass_gev(321) ** 2)])
    at_rest = np.array([[0.0, 0.0, 0.0, beam.sqrt_s_gev]])
    np.testing.assert_allclose(beam.to_lab(at_rest)[0], beam.total, atol=1e-9)
    np.testing.assert_allclose(beam.to_cm(beam.to_lab(at_rest)), at_rest, atol=1e-9)
    assert of_plain(asdict(beam)) == beam
    assert beam.description == "K⁺ of 75 GeV"


def test_a_fixed_target_moves_with_its_beam() -> None:
    record, _ = load_machine(CONFIG / "machines" / "sps_na64.yaml")
    target = of_record("sps_na64", record)
    assert isinstance(target, FixedTarget)
    # An atom of lead, 207.2 u, at rest: s = M² + 2ME
    mass = 207.2 * 0.93149410
    assert target.sqrt_s_gev == pytest.approx(np.sqrt(mass**2 + 2.0 * mass * 100.0), rel=1e-8)
    assert target.approximate_sqrt_s_gev == pytest.approx(target.sqrt_s_gev, rel=1e-6)
    np.testing.assert_allclose(target.beta, [0.0, 0.0, 100.0 / (100.0 + mass)], rtol=1e-8)
    assert target.beam_energy_gev == pytest.approx(100.0, rel=1e-9)
    assert of_plain(asdict(target)) == target
    assert target.description == "e⁻ of 100 GeV on lead"


def test_a_machine_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made_up.yaml"
    path.write_text("kind: baem\nmomentum_gev: 1.0\n")
    with pytest.raises(UmbraError, match="no machine of the kind 'baem'; did you mean 'beam'"):
        load_machine(path)


def test_boosts_quoted_by_the_experiments() -> None:
    """Beta gamma of BaBar, Belle and Belle II as their talks and papers quote it: 0.56, 0.425 and 0.28."""
    for name, quoted in (("pep2", 0.56), ("kekb", 0.425), ("superkekb", 0.285)):
        along = machine(name).beta[2]
        assert along / np.sqrt(1.0 - along**2) == pytest.approx(quoted, abs=0.005)


def test_transverse_momentum_that_the_crossing_angles_leave() -> None:
    assert machine("superkekb").total[0] == pytest.approx(0.457, abs=5e-4)
    assert machine("daphne").total[0] == pytest.approx(0.013, abs=5e-4)


@pytest.mark.parametrize(
    ("lab_deg", "cos_cm"),
    [(17.0, 0.9247), (150.0, -0.9212), (12.4, 0.9595), (155.1, -0.9458), (31.4, 0.757), (128.7, -0.767)],
)
def test_calorimeter_edges_of_belle2_in_the_centre_of_mass(lab_deg: float, cos_cm: float) -> None:
    """The edge moves with the boost along z; averaged over azimuth the crossing angle changes little."""
    found = machine("superkekb")
    phi = np.linspace(0.0, 2.0 * np.pi, 360, endpoint=False)
    theta = np.radians(lab_deg)
    photons = np.stack(
        [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.full(360, np.cos(theta)), np.ones(360)],
        axis=-1,
    )
    assert np.cos(polar_angle(found.to_cm(photons))).mean() == pytest.approx(cos_cm, abs=0.004)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_spreads_of_colliders_are_small(name: str) -> None:
    found = machine(name)
    assert 0.0 < found.sqrt_s_spread_gev < 0.001 * found.sqrt_s_gev


@pytest.mark.parametrize("name", DETECTORS)
def test_detector_files_are_valid_and_see_a_muon_pair(name: str) -> None:
    record, _ = load_detector(CONFIG / "detectors" / f"{name}.yaml")
    detector = Detector.from_record(record)
    theta, energy = MIDDLE.get(name, (90.0, 1.2))
    size = np.sqrt(energy**2 - 0.10565837**2)
    side, along = size * np.sin(np.radians(theta)), size * np.cos(np.radians(theta))
    pair = Events.from_momenta(
        (13, -13), np.array([[[side, 0.0, along, energy], [-side, 0.0, along, energy]]])
    )
    seen = detector.reconstruct(pair, np.random.default_rng(1))
    muons = seen.identified(MUON)[0, :2]
    assert (muons > 0.7).all()
    assert (seen.identified(ELECTRON)[0, :2] < 0.05).all()
    np.testing.assert_allclose(seen.p4[0, :2, 0], [side, -side], rtol=0.05)
