"""Photons that all convert next to the collision."""

import numpy as np
import pytest

from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.generation.decays.conversions import convert_all
from umbra.generation.decays.registry import knows

PEP2 = Machine("pep2", 9.0, 3.1)
LAYERS, TESLA = ((30.0, 0.01), (100.0, 0.03)), 1.5


def photons(n: int, *energies: float) -> Events:
    p4 = [
        from_spherical(np.full(n, energy), np.full(n, 0.6), np.full(n, 2.0 * k), 0.0)
        for k, energy in enumerate(energies)
    ]
    return Events.from_momenta((22,) * len(energies), np.stack(p4, axis=1), np.full(n, 2.0))


def convert(events: Events, hardest: int = 3) -> Events:
    return convert_all(
        events, PEP2, np.random.default_rng(8), hardest=hardest, layers=LAYERS, field_tesla=TESLA
    )


def test_weights_are_the_probability_of_all_conversions() -> None:
    """7/9 of the thickness over the sine of the angle, three times."""
    made = convert(photons(2_000, 3.0, 2.0, 4.0))
    expected = 2.0 * (7.0 / 9.0 * 0.04 / 0.8) ** 3
    assert made.weight.max() == pytest.approx(expected)
    # Some electrons are too soft to reach their layer.
    assert 0.8 < (made.weight > 0.0).mean() < 1.0


def test_a_pair_looks_as_heavy_as_its_bend_makes_it() -> None:
    """Momentum across the beams times the opening: 0.3 B r in GeV, T and m, for every energy."""
    made = convert(photons(4_000, 4.0, 4.0, 4.0))
    made = made.select(made.weight > 0.0)
    masses = np.sqrt(mass_squared(made.p4[:, 3:5].sum(axis=1)))
    even = np.abs(made.p4[:, 3, 3] / made.p4[:, 4, 3] - 1.0) < 0.1
    for radius, share in ((0.03, 0.25), (0.1, 0.75)):
        here = np.abs(masses[even] / (0.299792458 * TESLA * radius) - 1.0) < 0.02
        assert here.mean() == pytest.approx(share, abs=5.0 * np.sqrt(share * (1.0 - share) / even.sum()))


def test_the_electron_is_turned_to_the_right_of_the_positron() -> None:
    """Positive charges turn clockwise in a field along z: at the collision they fly to the left."""
    made = convert(photons(200, 3.0, 3.0, 3.0))
    made = made.select(made.weight > 0.0)
    electron, positron = made.p4[:, 3], made.p4[:, 4]
    assert set(made.pdg_id[:, 3].tolist()) == {11}
    assert np.all(electron[:, 0] * positron[:, 1] - electron[:, 1] * positron[:, 0] > 0.0)


def test_energy_stays_and_the_softest_photon_is_left() -> None:
    events = photons(300, 3.0, 0.5, 2.0, 4.0)
    made = convert(events)
    assert (made.status[:, 1] == FINAL).all()
    assert (made.status[:, [0, 2, 3]] == DECAYED).all()
    final = np.where((made.status == FINAL)[..., None], made.p4, 0.0)
    assert final[..., 3].sum(axis=1) == pytest.approx(9.5)
    assert (made.vertex_mm == 0.0).all()


def test_photons_along_the_beams_do_not_convert() -> None:
    events = photons(300, 3.0, 2.0, 4.0, 0.6)
    p4 = events.p4.copy()
    p4[:150, 2] = (0.0, 0.0, 4.0, 4.0)
    p4[:50, 0] = (0.0, 0.0, -3.0, 3.0)
    made = convert(Events.from_momenta((22,) * 4, p4))
    assert np.isfinite(made.p4).all()
    # Two photons are left in the first fifty, three in the next hundred.
    assert (made.weight[:50] == 0.0).all()
    assert (made.weight[50:150] > 0.0).mean() > 0.5
    here = made.weight > 0.0
    assert (made.status[50:150][here[50:150], 2] == FINAL).all()


def test_the_material_of_babar_is_some_five_percent() -> None:
    layers = knows("three_photons_convert_near_babar_collision").arguments["layers"]
    assert sum(thickness for _, thickness in layers) == pytest.approx(0.0496)
