"""Masses are those of the particle package, to the last bit."""

import pytest
from particle import literals

from umbra.core import constants


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (constants.ELECTRON_MASS_GEV, literals.e_minus),
        (constants.MUON_MASS_GEV, literals.mu_minus),
        (constants.TAU_MASS_GEV, literals.tau_minus),
        (constants.PION_MASS_GEV, literals.pi_plus),
        (constants.KAON_MASS_GEV, literals.K_plus),
    ],
)
def test_masses_are_those_of_the_particle_package(ours, theirs):
    assert ours == theirs.mass / 1000.0
