"""Selection of an electron pair and an eta."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.core.constants import PHOTON
from umbra.core.errors import UmbraError
from umbra.core.events import Events
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.detector.detector import Detector
from umbra.generation.decays import eta
from umbra.generation.processes.registry import find
from umbra.selection.cutflow import Cutflow

from .running import selected

select = partial(selected, "jpsi_eta_ee")

JPSI = Machine("bepcii_jpsi", 1.54854, 1.54854, 22.0)
OPTIONS: dict[str, Any] = {
    "eta_final_state": "gamma_gamma",
    "track_theta_deg": [0.0, 180.0],
    "photon_theta_deg": [0.0, 180.0],
    "photon_minimum_energy_gev": 0.0,
    "eta_mass_gev": [0.54, 0.555],
    "pair_mass_gev": None,
    "mass_over_sqrt_s": [0.99, 1.01],
}


@pytest.fixture(name="detector")
def _detector(identifying: Callable[..., Detector]) -> Detector:
    """Build a perfect detector that sees all directions and takes every track for what it is."""
    whole = {"name": "all", "theta_deg": [0, 180], "energy_gev": [0], "inefficiency": [0]}
    return identifying(regions=[whole], theta_deg=[0.0, 180.0], minimum_pt_gev=0.0)


#: Windows of final states: mass of the photons, mass of the meson.
WINDOWS: dict[str, dict[str, Any]] = {
    "gamma_gamma": {},
    "pi_pi_pi0": {"pair_mass_gev": [0.13, 0.14]},
    "gamma_pi_pi": {"eta_mass_gev": [0.95, 0.965]},
    "pi_pi_eta": {"eta_mass_gev": [0.95, 0.965], "pair_mass_gev": [0.54, 0.555]},
}


def decays(n: int, mass_gev: float, meson: str = "eta") -> Events:
    process = find(f"jpsi_{meson}_aprime")
    rng = generator("test selection jpsi", mass_gev)
    parameters = process.complete({"mass_gev": mass_gev})
    p4, _ = process.evaluate(rng.random((n, 4)), np.full(n, 3.0969), parameters, {})
    events = Events.from_momenta(process.final_state(parameters), JPSI.to_lab(p4))
    return (eta.to_photons_or_pions if meson == "eta" else eta.prime_to_pions)(events, JPSI, rng)


def chosen(detector: Detector, events: Events, **options: Any) -> dict[str, np.ndarray]:
    seen = detector.reconstruct(events, generator("test"))
    return select(seen, JPSI, OPTIONS | options, Cutflow())


@pytest.mark.parametrize("mass", [0.05, 1.0])
@pytest.mark.parametrize(
    ("meson", "modes", "mass_of_meson"),
    [("eta", ("gamma_gamma", "pi_pi_pi0"), 0.547862), ("etaprime", ("pi_pi_eta", "gamma_pi_pi"), 0.95778)],
)
def test_a_perfect_detector_finds_every_decay_in_its_own_mode(
    detector: Detector, mass: float, meson: str, modes: tuple[str, str], mass_of_meson: float
) -> None:
    events = decays(4000, mass, meson)
    # The slots of the meson's products come after J/psi's three: the fourth is a photon, or the sixth and seventh are.
    first = (events.pdg_id == PHOTON).sum(axis=1) == 2
    if meson == "eta":
        first &= events.pdg_id[:, 3] == PHOTON
    for mode, here in zip(modes, (first, ~first), strict=True):
        found = chosen(detector, events, eta_final_state=mode, **WINDOWS[mode])
        # One candidate of full weight (pions cannot be taken for electrons) in each event of the mode.
        assert found["event"].tolist() == np.flatnonzero(here).tolist()
        assert found["weight"] == pytest.approx(events.weight[here])
        assert found["mass_gev"] == pytest.approx(np.full(here.sum(), mass), abs=2e-5)
        assert found["eta_mass_gev"] == pytest.approx(np.full(here.sum(), mass_of_meson), abs=1e-5)


def test_a_pion_pair_is_taken_for_electrons_by_its_small_probability(detector: Detector) -> None:
    events = decays(4000, 1.0)
    called = detector.identification[2]
    called.probability[4][:] = 0.1
    found = chosen(
        detector,
        events,
        eta_final_state="pi_pi_pi0",
        pair_mass_gev=[0.13, 0.14],
        eta_mass_gev=[0.0, 4.0],
        mass_over_sqrt_s=[0.0, 2.0],
    )
    pions = events.pdg_id[:, 3] != PHOTON
    # Choices e+e-, e+pi-, pi+e- and pi+pi- as the electrons: 1 + 0.1 + 0.1 + 0.01.
    assert found["weight"].sum() / events.weight[pions].sum() == pytest.approx(1.21, rel=1e-6)


def test_another_track_vetoes(detector: Detector) -> None:
    events = decays(500, 1.0)
    # Without the veto the two electrons of pi+ pi- pi0 events would be seen with the photons of the pi0.
    found = chosen(detector, events, eta_mass_gev=[0.0, 3.0], mass_over_sqrt_s=[0.0, 2.0])
    assert np.all(events.pdg_id[found["event"], 3] == PHOTON)


def test_what_is_missing_fails_the_mass_of_everything(detector: Detector) -> None:
    events = decays(500, 1.0)
    slower = events.with_p4(events.p4 * 0.9)
    assert len(chosen(detector, slower, eta_mass_gev=[0.0, 3.0])["weight"]) == 0
    assert (
        len(chosen(detector, slower, eta_mass_gev=[0.0, 3.0], mass_over_sqrt_s=[0.85, 0.95])["weight"]) > 100
    )


def test_unknown_modes_are_refused(detector: Detector) -> None:
    with pytest.raises(UmbraError, match=r"'three_photons' is not known; .*known: gamma_gamma, pi_pi_pi0"):
        chosen(detector, decays(5, 1.0), eta_final_state="three_photons")
