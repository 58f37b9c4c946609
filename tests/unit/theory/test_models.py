"""Widths, branching fractions and lifetimes against closed forms and independently computed values."""

import numpy as np
import pytest
import yaml

from umbra.core.constants import ALPHA
from umbra.core.errors import UmbraError
from umbra.theory import (
    alp,
    dark_higgs,
    dark_photon,
    darkonium,
    hadronic_ratio,
    inelastic,
    meson,
    registry,
    scalar,
    tables,
    zprime,
)

TABLE = tables.load("dark_photon")
MEASURED = tables.load("hadronic_ratio")
RATIO = hadronic_ratio.HadronicRatio(TABLE, MEASURED)
DARK_PHOTON = dark_photon.DarkPhoton(RATIO)
HIGGS_PORTAL = scalar.HiggsPortalScalar(tables.load("higgs_portal_scalar"))
MODELS = [
    (DARK_PHOTON, [0.02, 0.25, 0.5, 0.78, 1.02, 3.0, 9.0]),
    (zprime.ZPrime(), [0.01, 0.25, 3.6, 9.0]),
    (alp.PhotonAlp(), [0.01, 1.0, 9.0]),
    (alp.WeakAlp(), [0.2, 4.0]),
    (alp.LeptonAlp(), [0.05, 0.3, 9.0]),
    (scalar.LeptophilicScalar(), [0.05, 0.3, 9.0]),
    (scalar.MuonphilicScalar(), [0.22, 9.0]),
    (HIGGS_PORTAL, [0.05, 0.25, 0.5, 1.0, 1.8]),
]


@pytest.mark.parametrize(("model", "masses"), MODELS, ids=lambda item: getattr(item, "name", ""))
def test_branching_fractions_add_up_to_one(model, masses):
    total = sum(model.branching_fraction(masses, state) for state in model.final_states)
    assert total == pytest.approx(np.ones(len(masses)), abs=1e-12)


@pytest.mark.parametrize(("model", "masses"), MODELS, ids=lambda item: getattr(item, "name", ""))
def test_lifetime_scales_with_the_inverse_square_of_the_coupling(model, masses):
    assert model.ctau_mm(masses, 2e-3) == pytest.approx(model.ctau_mm(masses, 1e-3) / 4.0)


def test_dark_photon_widths_and_lifetime():
    assert DARK_PHOTON.partial_width_gev([0.3, 1.0, 3.0], "ee", 1e-3) == pytest.approx(
        [7.29735e-10, 2.43245e-9, 7.29735e-9], rel=1e-5
    )
    assert DARK_PHOTON.partial_width_gev([0.3, 1.0], "mumu", 1e-3) == pytest.approx(
        [6.46477e-10, 2.43060e-9], rel=1e-5
    )
    assert DARK_PHOTON.ctau_mm(0.1, 1e-4) == pytest.approx(0.08112, rel=1e-4)


@pytest.mark.parametrize(
    "row",
    [row for row in TABLE["branching_fractions"] if row["mass_gev"] < MEASURED["measured"][0]["mass_gev"]],
    ids=lambda row: f"{row['mass_gev']}",
)
def test_dark_photon_branching_fractions_follow_the_table(row):
    for state in row.keys() - {"mass_gev"}:
        assert DARK_PHOTON.branching_fraction(row["mass_gev"], state) == pytest.approx(row[state], abs=1.5e-4)


def test_only_leptons_below_the_pion_threshold():
    assert RATIO(np.array([0.1, 0.27])) == pytest.approx([0.0, 0.0], abs=0.0)
    assert DARK_PHOTON.branching_fraction([0.1, 0.25], "ee") == pytest.approx([1.0, 0.5796], abs=1e-4)


def test_dark_photon_decays_to_dark_matter():
    assert dark_photon.dark_matter_width_gev(1.0, 1 / 3, 0.5, "dirac") == pytest.approx(0.15183, rel=1e-4)
    assert dark_photon.dark_matter_width_gev(1.0, 1 / 3, 0.5, "scalar") == pytest.approx(0.017254, rel=1e-4)
    # Equal masses: the Majorana pair is what one Dirac fermion is made of.
    assert dark_photon.inelastic_width_gev(1.0, 0.3, 0.3, 0.5) == pytest.approx(
        dark_photon.dark_matter_width_gev(1.0, 0.3, 0.5, "dirac"), rel=1e-12
    )
    assert dark_photon.inelastic_width_gev(1.0, 0.6, 0.5, 0.5) == 0.0
    with pytest.raises(UmbraError, match="vector"):
        dark_photon.dark_matter_width_gev(1.0, 0.1, 0.5, "vector")


def test_thermal_variable():
    assert dark_photon.thermal_variable(9.5e-4, 0.5, 1 / 3) == pytest.approx(5.57e-9, rel=1e-3)


def test_zprime_branching_fractions():
    masses = [0.1, 0.22, 0.25, 0.3, 0.5, 1.0, 3.6, 4.0, 5.0, 6.0, 8.0]
    invisible = [1.0, 0.7110, 0.5796, 0.5302, 0.5032, 0.5002, 0.4469, 0.3788, 0.3471, 0.3393, 0.3351]
    tau = [0.0] * 6 + [0.1062, 0.2425, 0.3058, 0.3214, 0.3298]
    model = zprime.ZPrime()
    assert model.branching_fraction(masses, "invisible") == pytest.approx(invisible, abs=1e-4)
    assert model.branching_fraction(masses, "tautau") == pytest.approx(tau, abs=2e-4)
    assert zprime.InvisibleZPrime().branching_fraction(masses, "invisible") == pytest.approx(
        np.ones(len(masses))
    )


@pytest.mark.parametrize("model", [zprime.InvisibleZPrime(), dark_photon.InvisibleDarkPhoton()])
def test_fully_invisible_models(model):
    assert model.branching_fraction([0.1, 5.0], "invisible").tolist() == [1.0, 1.0]
    with pytest.raises(UmbraError, match="does not follow from"):
        model.width_gev(1.0, 1e-3)
    with pytest.raises(UmbraError, match="unknown final state 'mumu'"):
        model.branching_fraction(1.0, "mumu")


def test_magnetic_moment_and_its_limits():
    masses = [0.01, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]
    expected = [9.912e-3, 2.804e-3, 1.234e-3, 2.994e-4, 8.600e-5, 2.280e-5, 3.742e-6]
    assert zprime.magnetic_moment(masses, 1.0) == pytest.approx(expected, rel=3e-4)
    assert zprime.magnetic_moment(1e-6, 1.0) == pytest.approx(1.0 / (8.0 * np.pi**2), rel=1e-4)
    heavy = 1000.0
    assert zprime.magnetic_moment(heavy, 1.0) == pytest.approx(
        (0.1056583755 / heavy) ** 2 / (12.0 * np.pi**2), rel=1e-3
    )
    assert zprime.preferred_coupling([0.1, 1.0, 5.0], 251e-11) == pytest.approx(
        [9.46e-4, 5.40e-3, 2.59e-2], rel=1e-3
    )


def test_alp_widths():
    model = alp.PhotonAlp()
    assert model.width_gev([0.001, 1.0, 9.0], 1e-3) == pytest.approx(
        [4.974e-18, 4.974e-9, 3.626e-6], rel=2e-4
    )
    assert model.ctau_mm(0.1, 1e-3) == pytest.approx(3.967e-2, rel=2e-4)
    assert alp.WeakAlp().ctau_mm([0.3, 1.0, 4.0], 1e-5) == pytest.approx([275.0, 7.42, 0.116], rel=3e-3)
    yukawa = alp.LeptonAlp().partial_width_gev(4.0, "mumu", 1.0)
    assert yukawa == pytest.approx(
        1.0566e-4**2 * 4.0 / (8 * np.pi) * np.sqrt(1 - (0.2113168 / 4.0) ** 2), rel=1e-4
    )


def test_leptophilic_scalar():
    model = scalar.LeptophilicScalar()
    assert model.ctau_mm([0.04, 0.1, 0.212, 0.25], 1.0) == pytest.approx(
        [28.8, 11.52, 0.235, 7.1e-4], rel=7e-3
    )
    assert model.branching_fraction([4.0, 6.0], "mumu") == pytest.approx([0.035, 0.0067], rel=1e-2)


def test_higgs_portal_scalar():
    masses = [0.25, 0.3, 0.9, 1.3]
    assert HIGGS_PORTAL.ctau_mm(masses, 1e-4) == pytest.approx([7.06e4, 5200.0, 86.0, 160.0], rel=1e-3)
    # Independent of the lifetimes that were entered: the tabulated muon fractions of the same source.
    assert HIGGS_PORTAL.branching_fraction([0.3, 0.5, 0.9, 1.3], "mumu") == pytest.approx(
        [0.21, 0.11, 0.026, 0.074], rel=0.03
    )
    assert HIGGS_PORTAL.branching_fraction([0.3, 1.0, 1.3], "kk") == pytest.approx([0.0, 0.16, 0.38])
    with pytest.raises(UmbraError, match=r"ends at 1\.8 GeV"):
        HIGGS_PORTAL.width_gev([1.0, 2.5], 1.0)


def test_final_states_of_three_dark_photons_are_binomial():
    photon, three = registry.find("dark_photon"), registry.find("three_dark_photons")
    mass = np.array([0.5, 0.77, 1.5, 2.5])
    leptons = photon.branching_fraction(mass, "ee") + photon.branching_fraction(mass, "mumu")
    pions = photon.branching_fraction(mass, "pipi")
    assert three.branching_fraction(mass, "six_leptons") == pytest.approx(leptons**3)
    found = sum(three.branching_fraction(mass, name) for name in three.final_states)
    # Missing are three dark photons of which two or more decay otherwise, or one does beside pions.
    rest = 1.0 - leptons - pions
    missing = rest**3 + 3 * rest**2 * (leptons + pions) + 6 * leptons * pions * rest + 3 * pions**2 * rest
    assert found + missing == pytest.approx(np.ones(4))
    with pytest.raises(UmbraError, match="three dark photons: unknown final state 'ee'"):
        three.branching_fraction(1.0, "ee")


def test_dark_higgs_width():
    assert dark_higgs.width_to_dark_photons_gev(3.0, 1.0, ALPHA) == pytest.approx(0.012918, rel=1e-4)
    assert dark_higgs.width_to_dark_photons_gev([1.9, 2.1], 1.0, ALPHA)[0] == 0.0


@pytest.mark.parametrize(
    ("m1", "split", "dark", "state", "width"),
    [
        (1.0, 0.1, 3.0, "ee", 6.660e-18),
        (1.0, 0.05, 3.0, "ee", 2.221e-19),
        (1.0, 0.4, 2.5, "ee", 1.050e-14),
        (1.0, 0.4, 2.5, "mumu", 3.535e-15),
        (0.5, 0.05, 1.5, "ee", 3.327e-18),
        (0.1, 0.04, 0.3, "ee", 5.031e-16),
    ],
)
def test_excited_dark_matter_width(m1, split, dark, state, width):
    assert inelastic.chi2_width_gev(m1, split, dark, 1e-3, 0.1, state) == pytest.approx(width, rel=1e-3)


def test_excited_dark_matter_width_for_a_small_splitting():
    # 4 epsilon^2 alpha alpha_D Delta^5/(15 pi m_A'^4), splitting far below m1 and far above m_e.
    width = inelastic.chi2_width_gev(100.0, 0.2, 300.0, 1e-3, 0.1, "ee")
    assert width == pytest.approx(4e-6 * ALPHA * 0.1 * 0.2**5 / (15 * np.pi * 300.0**4), rel=5e-3)
    assert inelastic.chi2_width_gev(1.0, 0.2, 3.0, 1e-3, 0.1, "mumu") == 0.0


def test_excited_dark_matter_lifetime_counts_hadrons():
    ctau = inelastic.chi2_ctau_mm(1.0, 0.4, 2.5, 1e-3, 0.1, RATIO)
    leptons_only = 1.973269804e-13 / (1.050e-14 + 3.535e-15)
    assert 0.9 * leptons_only < ctau < leptons_only
    assert inelastic.chi2_ctau_mm([1.0, 1.0], [0.1, 0.05], 3.0, 1e-3, 0.1, RATIO) == pytest.approx(
        [29.6e3, 888e3], rel=2e-3
    )
    with pytest.raises(UmbraError, match="on shell"):
        inelastic.chi2_width_gev(1.0, 0.4, 0.3, 1e-3, 0.1, "ee")


def test_darkonium_mixing():
    # At sqrt(s) = 10.58 GeV sigma(gamma A') is 4.4339e4 pb epsilon^2 for 1 GeV.
    mixing = darkonium.effective_mixing(1.0, 0.05, 1e-3, [0.3, 0.5, 1.0])
    assert 4.4339e4 * mixing**2 == pytest.approx([9.024e-5, 6.963e-4, 0.01114], rel=1e-3)
    assert darkonium.effective_mixing(1.0, 1e-6, 1e-3, 0.5) == pytest.approx(1e-3 * 0.5**2 / 2)
    with pytest.raises(UmbraError, match="no bound state"):
        darkonium.effective_mixing(1.0, 0.3, 1e-3, 0.5)


def test_meson_decays():
    assert meson.b_to_k_scalar([1e-3, 1.0, 3.0, 4.0, 4.5], 1.0) == pytest.approx(
        [0.381, 0.386, 0.439, 0.459, 0.384], rel=3e-3
    )
    assert meson.b_to_k_weak_alp([0.1, 1.0, 3.0, 4.5], 1e-5) == pytest.approx(
        [1.753e-7, 1.782e-7, 2.021e-7, 1.770e-7], rel=2e-3
    )
    eta = meson.DalitzDecay(meson.ETA_MASS_GEV, 1.09e-3, 2.84)
    eta_prime = meson.DalitzDecay(meson.ETA_PRIME_MASS_GEV, 5.25e-3, 3.1)
    masses = [0.1, 0.5, 1.2, 1.8, 2.0]
    assert eta.branching_fraction(masses, 1.0) == pytest.approx(
        [1.089e-3, 1.0637e-3, 9.339e-4, 7.107e-4, 5.973e-4], rel=1e-3
    )
    assert eta_prime.branching_fraction(masses, 1.0) == pytest.approx(
        [5.239e-3, 4.971e-3, 3.592e-3, 1.356e-3, 4.527e-4], rel=1e-3
    )
    assert meson.b_to_k_scalar([4.8, 6.0], 1.0) == pytest.approx([0.0, 0.0], abs=0.0)


def test_unknown_final_states_and_closed_decays_are_errors():
    with pytest.raises(UmbraError, match="it knows: ee, mumu, tautau, hadrons"):
        DARK_PHOTON.branching_fraction(1.0, "pizza")
    with pytest.raises(UmbraError, match=r"no decay is open at a mass of 0\.1 GeV"):
        scalar.MuonphilicScalar().branching_fraction([0.1, 0.3], "mumu")


def test_broken_tables_are_errors(tmp_path):
    with pytest.raises(UmbraError, match="missing"):
        tables.load("missing", tmp_path)
    (tmp_path / "bad.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(UmbraError, match="not readable as YAML"):
        tables.load("bad", tmp_path)
    (tmp_path / "list.yaml").write_text(yaml.safe_dump([1]), encoding="utf-8")
    with pytest.raises(UmbraError, match="expected a mapping"):
        tables.load("list", tmp_path)


@pytest.mark.parametrize("name", registry.FINAL_STATES)
def test_final_states_are_known_without_the_class(name):
    model = registry.find(name)
    assert registry.FINAL_STATES[name] == (*model.final_states, *model.parts)


def test_every_model_that_can_be_made_is_known():
    assert list(registry.FINAL_STATES) == list(registry._makers())


def test_unknown_particles_and_final_states_are_answered_with_the_nearest_word():
    with pytest.raises(UmbraError, match=r"there is no particle 'dark_foton'; did you mean 'dark_photon'\?"):
        registry.find("dark_foton")
    with pytest.raises(UmbraError, match=r"'dark_photon' has no final state 'mumi'; did you mean 'mumu'\?"):
        registry.check("dark_photon", "mumi")
