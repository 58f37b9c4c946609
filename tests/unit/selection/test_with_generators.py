"""Selections after the generators: yields and acceptances that were derived independently."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from umbra.core.events import Events
from umbra.core.machines import Machine
from umbra.detector.detector import Detector
from umbra.generation.decays.registry import find as find_decay
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler
from umbra.selection.cutflow import Cutflow
from umbra.selection.objects import energy_cm

from .running import selected

#: Belle II's beams meeting head-on: the frame of the quoted values.
HEAD_ON = Machine("head_on", 5.29 * np.sqrt(1.2757 / 0.7243), 5.29 / np.sqrt(1.2757 / 0.7243))
PEP2 = Machine("pep2", 9.028, 3.1)


def generated(
    process: str, machine: Machine, n: int, mass_gev: float | None, cuts: dict[str, Any]
) -> tuple[Events, float]:
    """Give events in the laboratory and the cross-section in pb."""
    parameters = {} if mass_gev is None else {"mass_gev": mass_gev}
    sampler = Sampler(find(process), machine, parameters, cuts, rng=np.random.default_rng(1))
    events = sampler.generate(n, np.random.default_rng(2)).events
    return events.with_p4(machine.to_lab(events.p4)), sampler.cross_section.value_pb


def test_three_photons_of_quantum_electrodynamics(
    detector_settings: Callable, ideal: Callable[..., Detector]
) -> None:
    """At 445/pb, lowest order without radiation: 6048 events above 0.65 GeV, 4417 above 1 GeV."""
    belle2 = detector_settings("belle2_2018")["calorimeter"]
    detector = ideal(**{name: belle2[name] for name in ("energy_resolution", "angular_resolution")})
    n = 80_000
    cuts = {"photon_energy": (0.55, None), "photon_theta": (30.0, 155.0)}
    events, sigma_pb = generated("three_gamma", HEAD_ON, n, None, cuts)
    options = {
        "theta_deg": [37.3, 123.7],
        "minimum_energy_gev": 0.5,
        "mass_over_sqrt_s": [0.88, 1.03],
        "minimum_delta_theta_rad": 0.014,
        "minimum_delta_phi_rad": 0.400,
    }
    reco = detector.reconstruct(events, np.random.default_rng(3))
    found = selected("three_photons", reco, HEAD_ON, options, Cutflow())
    lowest = energy_cm(reco.p4, HEAD_ON).min(axis=1)[found["event"]]
    for threshold, expected in ((0.65, 6048.0), (1.0, 4417.0)):
        candidates = (lowest > threshold).sum() / 3
        events_445 = 445.0 * sigma_pb * candidates / n
        assert events_445 == pytest.approx(expected, rel=0.005 + 3.0 / np.sqrt(candidates))


@pytest.mark.parametrize(("mass_gev", "acceptance"), [(1.0, 0.306), (5.0, 0.211)])
def test_acceptance_of_muons_that_radiate_a_z_prime(
    ideal: Callable[..., Detector], mass_gev: float, acceptance: float
) -> None:
    """Geometry and muon identification (0.9 each) on events of MadGraph."""
    events, _ = generated("mumu_zprime", HEAD_ON, 20_000, mass_gev, {})
    options = {
        "muon_theta_deg": [37.0, 120.0],
        "muon_minimum_momentum_gev": 0.7,
        "minimum_transverse_opening_deg": 90.0,
        "trigger_efficiency": 1.0,
        "minimum_dimuon_pt_cm_gev": 0.0,
        "recoil_theta_deg": [33.0, 128.0],
        "veto_photon_energy_gev": 0.4,
        "veto_near_recoil_energy_gev": 0.2,
        "veto_near_recoil_angle_deg": 15.0,
        "m2_resolution_gev2": None,
    }
    reco = ideal().reconstruct(events, np.random.default_rng(3))
    found = selected("recoil_dimuon", reco, HEAD_ON, options, Cutflow())
    assert found["weight"].sum() / len(events) == pytest.approx(acceptance, abs=0.012)


@pytest.mark.parametrize(
    ("final_state", "mass_gev", "low", "high"),
    [("mumu", 0.5, 0.57, 0.67), ("mumu", 9.0, 0.57, 0.67), ("ee", 0.1, 0.20, 0.22), ("ee", 10.0, 0.48, 0.52)],
)
def test_acceptance_of_a_dark_photon(
    identifying: Callable[..., Detector], final_state: str, mass_gev: float, low: float, high: float
) -> None:
    """Relative to |cos theta*| of the photon below 0.95: 0.58-0.66 for muons, 0.21 to 0.50 for electrons."""
    events, _ = generated("gamma_aprime", PEP2, 15_000, mass_gev, {"cos_theta": (-0.95, 0.95)})
    decay = find_decay(f"dark_photon_to_{final_state}")
    events = decay(events, PEP2, np.random.default_rng(3))
    muons = final_state == "mumu"
    options = {
        "final_state": final_state,
        "photon_theta_deg": [15.8, 141.8],
        "photon_minimum_energy_cm_gev": 0.2,
        "track_theta_deg": [17.2, 152.6],
        "track_minimum_pt_gev": 0.1,
        "minimum_photon_track_angle_deg": 5.0,
        "identified_leptons": 2 if muons else 1,
        "maximum_helicity_cosine": 0.95 if muons else None,
        "minimum_positron_cosine": None if muons else -0.5,
        "maximum_electron_cosine": None if muons else 0.5,
        "mass_resolution_mev": None,
    }
    region = {"name": "all", "theta_deg": [15.8, 141.8], "energy_gev": [0.0], "inefficiency": [0.0]}
    detector = identifying(regions=[region], theta_deg=[17.2, 152.6])
    reco = detector.reconstruct(events, np.random.default_rng(4))
    found = selected("radiative_dilepton", reco, PEP2, options, Cutflow())
    assert low < found["weight"].sum() / len(events) < high
