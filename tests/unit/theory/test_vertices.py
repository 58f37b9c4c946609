"""Decays of any couplings against closed forms, and hadrons against those of the photon."""

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.theory import registry, tables
from umbra.theory.currents import QUARK_CHARGES, HadronicCurrents
from umbra.theory.hadronic_ratio import HadronicRatio
from umbra.theory.scalar import HiggsPortalScalar
from umbra.theory.vertices import (
    CHARGES,
    ELEMENTARY_CHARGE,
    LEPTON_MASSES_GEV,
    HiggsLikeDecays,
    SpinlessDecays,
    TabulatedDecays,
    VectorDecays,
    Vertices,
    dark_width_gev,
    proportional_to_mass,
)
from umbra.theory.widths import lepton_weight

RATIO = HadronicRatio(tables.load("dark_photon"), tables.load("hadronic_ratio"))
CURRENTS = HadronicCurrents(RATIO, tables.load("current_shares"))
NEUTRINOS = dict.fromkeys(("electron_neutrino", "muon_neutrino", "tau_neutrino"), -1.0)
LEPTONS = dict.fromkeys(("electron", "muon", "tau"), -1.0)
B_MINUS_L = VectorDecays(
    Vertices("vector", {**LEPTONS, **NEUTRINOS, **dict.fromkeys(QUARK_CHARGES, 1.0 / 3.0)}), CURRENTS
)
PHOTON = VectorDecays(
    Vertices("vector", {name: ELEMENTARY_CHARGE * charge for name, charge in CHARGES.items()}), CURRENTS
)
MASSES = np.array([0.05, 0.25, 0.5, 0.77, 0.7827, 1.0, 1.0195, 1.5, 2.5, 3.75, 4.5, 9.0])


def test_charges_of_the_photon_give_the_dark_photon_back():
    known = registry.find("dark_photon")
    for state in ("ee", "mumu", "tautau", "hadrons", "pipi"):
        own = PHOTON.partial_width_gev(MASSES, state, 1e-3)
        assert own == pytest.approx(known.partial_width_gev(MASSES, state, 1e-3), rel=1e-12)
    assert PHOTON.partial_width_gev(MASSES, "invisible", 1.0) == pytest.approx(np.zeros(len(MASSES)))


def test_lmu_ltau_is_the_known_one():
    own = VectorDecays(
        Vertices("vector", {"muon": 1.0, "tau": -1.0, "muon_neutrino": 1.0, "tau_neutrino": -1.0}), CURRENTS
    )
    known = registry.find("z_prime")
    for state in ("mumu", "tautau", "invisible"):
        assert own.branching_fraction(MASSES, state) == pytest.approx(known.branching_fraction(MASSES, state))
    assert own.branching_fraction(MASSES, "hadrons") == pytest.approx(np.zeros(len(MASSES)))


@pytest.mark.parametrize("mass", [0.02, 0.1, 0.2, 0.25])
def test_b_minus_l_below_the_pions(mass):
    """Three left-handed neutrinos are half of three leptons: 2/5 are electrons below two muons."""
    muons = float(lepton_weight(mass, "mumu"))
    electrons = float(lepton_weight(mass, "ee"))
    whole = electrons + muons + 1.5
    assert B_MINUS_L.branching_fraction(mass, "ee") == pytest.approx(electrons / whole, rel=1e-12)
    assert B_MINUS_L.branching_fraction(mass, "mumu") == pytest.approx(muons / whole, rel=1e-12)
    assert B_MINUS_L.branching_fraction(mass, "invisible") == pytest.approx(1.5 / whole, rel=1e-12)
    if mass < 0.2:
        assert B_MINUS_L.branching_fraction(mass, "ee") == pytest.approx(0.4, rel=1e-4)


def test_quarks_of_b_minus_l_above_the_table():
    """Free quarks: 3 Q^2 = 2 for the photon, 3 (1/3)^2 3 = 1 for B - L, so half of R; a quarter of it for charm."""
    assert CURRENTS(2.5, dict.fromkeys(QUARK_CHARGES, 1.0 / 3.0)) == pytest.approx(0.5 * RATIO(2.5))
    light, all_quarks = RATIO(3.65), RATIO(9.0)
    assert CURRENTS(9.0, dict.fromkeys(QUARK_CHARGES, 1.0 / 3.0)) == pytest.approx(
        0.5 * light + 0.25 * (all_quarks - light)
    )


def test_an_isoscalar_vector_has_no_rho_and_four_omegas():
    baryons = dict.fromkeys(("up", "down"), 1.0 / 3.0)
    assert CURRENTS.pions(0.77, baryons) == 0.0
    assert CURRENTS(0.5, baryons) < 0.002 * RATIO(0.5)
    # The peak of the omega, twice the amplitude of the photon's; 3 % are what is left of the phi and the rho.
    share = CURRENTS(0.7827, baryons) / 4.0 / RATIO(0.7827)
    assert 0.45 < share < 0.65
    strange = {"strange": -1.0 / 3.0}
    assert CURRENTS(1.0195, strange) == pytest.approx(RATIO(1.0195), rel=0.03)


@pytest.mark.parametrize(
    ("mass", "width"),
    # Total width over epsilon^2 in GeV of the tables of SensCalc, M. Ovchynnikov et al., arXiv:2305.13383. Exact
    # below two muons, 10 % above, where both have their own hadrons.
    [
        (0.01, 2.4329985e-05),
        (0.1, 2.4331e-04),
        (0.3, 1.39136e-3),
        (0.6, 4.86478e-3),
        (1.2, 8.98179e-3),
        (2.5, 2.430966e-2),
        (5.0, 7.318121e-2),
        (8.0, 1.2247187e-1),
    ],
)
def test_width_of_the_dark_photon_beside_another_compilation(mass, width):
    assert PHOTON.width_gev(mass, 1.0) == pytest.approx(width, rel=5e-4 if mass < 0.2 else 0.1)


def test_spinless_particles_are_the_known_ones():
    masses = np.array([0.05, 0.3, 4.0, 9.0])
    scalar = SpinlessDecays(Vertices("scalar", proportional_to_mass()))
    alp = SpinlessDecays(
        Vertices("pseudoscalar", {name: mass / 1e3 for name, mass in LEPTON_MASSES_GEV.items()})
    )
    for state in ("ee", "mumu", "tautau"):
        for own, known in ((scalar, "leptophilic_scalar"), (alp, "lepton_alp")):
            assert own.partial_width_gev(masses, state, 0.7) == pytest.approx(
                registry.find(known).partial_width_gev(masses, state, 0.7)
            )
    mixed = SpinlessDecays(Vertices("pseudoscalar", photon_per_gev=1e-3, weak_per_gev=1e-3))
    photons = registry.find("alp").partial_width_gev(masses, "gammagamma", 1e-3 * (1.0 + 0.23122))
    assert mixed.partial_width_gev(masses, "gammagamma", 1.0) == pytest.approx(photons)


def test_a_higgs_like_scalar_has_the_hadrons_of_the_portal():
    portal = HiggsPortalScalar(tables.load("higgs_portal_scalar"))
    own = HiggsLikeDecays(Vertices("scalar", proportional_to_mass(), higgs_like=True), portal)
    masses = np.array([0.25, 0.9, 1.5])
    assert own.ctau_mm(masses, 1e-4) == pytest.approx(portal.ctau_mm(masses, 1e-4), rel=1e-6)
    assert own.branching_fraction(masses, "kk") == pytest.approx(
        portal.branching_fraction(masses, "kk"), rel=1e-6
    )


def test_a_table_is_what_it_says():
    table = TabulatedDecays([1.0, 2.0], [1e-3, 4e-3], {"ee": [0.2, 0.4], "invisible": [0.5, 0.5]})
    assert table.branching_fraction(1.5, "ee") == pytest.approx(0.3)
    assert table.width_gev(1.5, 2.0) == pytest.approx(4.0 * 2e-3)
    with pytest.raises(UmbraError, match="reaches from 1 to 2 GeV"):
        table.width_gev(2.5, 1.0)


def test_dark_matter_is_of_the_known_kinds():
    assert dark_width_gev("vector", 1.0, 1 / 3, "dirac", np.sqrt(4 * np.pi * 0.5)) == pytest.approx(
        0.15183, rel=1e-4
    )
    with pytest.raises(UmbraError, match="does not decay to dark matter 'scalar'"):
        dark_width_gev("pseudoscalar", 1.0, 0.1, "scalar", 1.0)
