"""K+ -> pi+ + nothing: kinematics of the processes, and what the selection of NA62 makes of them."""

from pathlib import Path

import numpy as np
import pytest

from umbra.config import yaml
from umbra.config.files import load_detector, load_machine
from umbra.config.published_bins import read_bins
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.kinematics import Array, mass_squared
from umbra.core.machines import AnyMachine, of_record
from umbra.core.pdg import mass_gev
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.processes import registry as processes
from umbra.selection.cutflow import Cutflow
from umbra.theory import meson

from .running import selected


@pytest.fixture(scope="module", name="beam")
def make_beam(project: Path) -> AnyMachine:
    return of_record("sps_k12", load_machine(project / "config" / "machines" / "sps_k12.yaml")[0])


def made(name: str, given: dict[str, float], n: int, beam: AnyMachine) -> tuple[Events, Array]:
    process = processes.find(name)
    parameters = process.complete(given)
    process.check_threshold(beam.sqrt_s_gev, parameters)
    x = generator("pion_recoil", name, *given.values()).random((n, process.dimensions))
    p4, weight = process.evaluate(x, np.full(n, beam.sqrt_s_gev), parameters, {})
    return Events.from_momenta(process.final_state(parameters), beam.to_lab(p4)), weight


def found(project: Path, beam: AnyMachine, events: Events, momentum_gev: list[float]) -> dict[str, Array]:
    detector = Detector.from_record(load_detector(project / "config" / "detectors" / "na62.yaml")[0])
    options = dict(
        yaml.read(project / "config" / "channels" / "na62_k_pi_x.yaml").content["selection"]["options"]
    )
    options |= {"other_efficiency": 1.0, "pion_momentum_gev": momentum_gev}
    seen = detector.reconstruct(events, generator("pion_recoil", "detector"))
    return selected("pion_recoil", seen, beam, options, Cutflow())  # type: ignore[arg-type]


def test_the_missing_mass_is_that_of_what_is_not_seen(beam: AnyMachine) -> None:
    events, weight = made("k_to_pi_scalar", {"mass_gev": 0.2}, 500, beam)
    np.testing.assert_allclose(mass_squared(beam.total - events.p4[:, 0]), 0.04, atol=1e-6)
    assert weight == pytest.approx(meson.k_to_pi_scalar(0.2, 1.0))


def test_the_momentum_of_the_pion_is_even_between_its_ends(beam: AnyMachine) -> None:
    """Isotropic decays in flight: gamma (beta E* +- p*) along the beam, up to the square of small angles."""
    events, _ = made("k_to_pi_scalar", {"mass_gev": 0.2}, 20_000, beam)
    energy = events.p4[:, 0, 3]
    at_rest = (mass_gev(321) ** 2 + mass_gev(211) ** 2 - 0.04) / (2.0 * mass_gev(321))
    size = np.sqrt(at_rest**2 - mass_gev(211) ** 2)
    gamma = beam.total[3] / beam.sqrt_s_gev
    low, high = (gamma * (at_rest + sign * beam.beta[2] * size) for sign in (-1.0, 1.0))
    assert np.quantile(energy, [0.1, 0.5, 0.9]) == pytest.approx(
        low + (high - low) * np.array([0.1, 0.5, 0.9]), rel=0.02
    )


def test_neutrinos_have_the_rate_of_their_mass(beam: AnyMachine) -> None:
    events, weight = made("k_to_pi_nunu", {}, 40_000, beam)
    assert weight.mean() == pytest.approx(meson.K_TO_PI_NUNU, rel=0.02)
    np.testing.assert_allclose(events.p4.sum(axis=1), np.tile(beam.total, (len(events), 1)), atol=1e-8)
    q2 = mass_squared(events.p4[:, 1:].sum(axis=1))
    x = (np.arange(2000) + 0.5) / 2000.0 * (mass_gev(321) - mass_gev(211)) ** 2
    rate = meson.k_to_pi_nunu_rate(x)
    assert np.average(q2, weights=weight) == pytest.approx(np.average(x, weights=rate), rel=0.01)


def test_only_kaons_decay(beam: AnyMachine) -> None:
    with pytest.raises(UmbraError, match=r"10\.58 GeV is not the mass of a kaon"):
        processes.find("k_to_pi_scalar").check_threshold(10.58, {"mass_gev": 0.2})
    with pytest.raises(UmbraError, match="above the kinematic limit"):
        processes.find("k_to_pi_scalar").check_threshold(beam.sqrt_s_gev, {"mass_gev": 0.36})


@pytest.mark.parametrize(("mass_gev", "published"), [(0.0, 0.0012), (0.26, 0.0007)])
def test_the_missing_mass_is_as_sharp_as_the_paper_says(
    project: Path, beam: AnyMachine, mass_gev: float, published: float
) -> None:
    events, _ = made("k_to_pi_scalar", {"mass_gev": mass_gev}, 20_000, beam)
    seen = found(project, beam, events, [15.0, 45.0])["m2_missing_gev2"]
    low, high = np.quantile(seen, [0.1587, 0.8413])
    assert 0.5 * (high - low) == pytest.approx(published, rel=0.2)


@pytest.mark.parametrize(("region", "momentum_gev"), [(1, [15.0, 35.0]), (2, [15.0, 45.0])])
def test_what_is_not_simulated_follows_from_the_neutrinos_of_the_standard_model(
    project: Path, beam: AnyMachine, region: int, momentum_gev: list[float]
) -> None:
    events, weight = made("k_to_pi_nunu", {}, 100_000, beam)
    seen = found(project, beam, events, momentum_gev)
    bins = read_bins(
        project / f"config/published/data/k_to_pi_invisible_region_{region}__NA62__2103.15389.csv"
    )
    m2 = seen["m2_missing_gev2"]
    inside = (m2 > min(bins.low)) & (m2 < max(bins.high))
    channel = yaml.read(project / "config" / "channels" / "na62_k_pi_x.yaml").content
    efficiency = channel["samples"][f"scalar_{region}"]["options"]["other_efficiency"]
    events_seen = (
        channel["produced"]["number"] * weight[seen["event"][inside]].sum() / len(weight) * efficiency
    )
    assert events_seen == pytest.approx(sum(bins.expected["pnunu"]), rel=0.03)
