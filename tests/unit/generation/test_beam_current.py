"""Polarisation of a vector beside a photon: its tensor, against the rate of decays to scalars."""

import numpy as np
import pytest

from umbra.core.kinematics import mass_squared
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.generation.beam_current import of_events
from umbra.generation.decays import dark_photon
from umbra.generation.decays.directions import isotropic
from umbra.generation.processes import registry

PEP2 = Machine("pep2", 9.0, 3.1)


@pytest.mark.parametrize("cos_theta", [(-0.99, -0.9), (-0.3, 0.3), (0.9, 0.99)])
def test_scalars_fly_along_the_polarisation(cos_theta: tuple[float, float]) -> None:
    process = registry.find("gamma_aprime")
    rng = generator("beam current", str(cos_theta))
    given = process.complete({"mass_gev": 2.0})
    p4, _ = process.evaluate(
        rng.random((200, 2)), np.full(200, PEP2.sqrt_s_gev), given, {"cos_theta": cos_theta}
    )
    photon, parent = np.moveaxis(PEP2.to_lab(p4), 1, 0)
    mass = np.sqrt(mass_squared(parent))
    tensor = of_events(photon, parent, PEP2)
    assert tensor == pytest.approx(tensor.swapaxes(1, 2))
    unit = isotropic(rng, 200)
    rate = dark_photon._Rate.of(photon, parent, mass, PEP2, (0.14, 0.14), spinless=True)
    expected = rate(unit, np.arange(200))
    assert np.einsum("ni,nij,nj->n", unit, tensor, unit) == pytest.approx(expected, rel=1e-6)
    assert np.ptp(expected) > 0.1 * expected.mean()
