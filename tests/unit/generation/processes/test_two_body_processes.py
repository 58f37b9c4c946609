"""Two-body processes: closed forms of the literature, Monte Carlo against them, and angular distributions."""

import numpy as np
import pytest
from scipy.stats import kstest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, LEPTON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import mass_squared
from umbra.core.particles import ALP, DARK_HIGGS, DARK_PHOTON
from umbra.core.seeds import generator
from umbra.generation.collision import Collision
from umbra.generation.integration import cross_section, integrate
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find
from umbra.generation.processes.two_body import draw_one_plus

SQRT_S = 10.58
RNG = generator("test two-body processes")


def value(name: str, cuts: Cuts | None = None, sqrt_s: float = SQRT_S, **parameters: float) -> float:
    return cross_section(find(name), sqrt_s, parameters, cuts or {}, rng=RNG).value_pb


# Values computed independently from the formulas of the literature (Essig, Schuster and Toro, arXiv:0903.3941;
# Bonneau and Martin, Nucl. Phys. B27 (1971) 381), to the digits given.
@pytest.mark.parametrize(
    ("mass", "total", "central", "asymmetric"),
    [
        (0.1, 4.3944e4, 6317.5, 1436.1),
        (1.0, 4.4339e4, 6413.9, 1469.8),
        (5.0, 5.9397e4, 9810.5, 2610.2),
        (8.0, 1.3615e5, 2.5476e4, 7556.5),
        (9.0, 2.4224e5, 4.6403e4, 1.4010e4),
    ],
)
def test_dark_photon_cross_sections(mass: float, total: float, central: float, asymmetric: float) -> None:
    assert value("gamma_aprime", mass_gev=mass) == pytest.approx(total, rel=5e-5)
    assert value("gamma_aprime", {"cos_theta": (-0.95, 0.95)}, mass_gev=mass) == pytest.approx(
        central, rel=5e-5
    )
    assert value("gamma_aprime", {"cos_theta": (-0.4, 0.6)}, mass_gev=mass) == pytest.approx(
        asymmetric, rel=5e-5
    )


def test_dark_photon_at_other_energies_and_couplings() -> None:
    assert value("gamma_aprime", sqrt_s=3.773, mass_gev=1.0) == pytest.approx(3.3265e5, rel=5e-5)
    assert value("gamma_aprime", sqrt_s=1.0195, mass_gev=0.5) == pytest.approx(4.9573e6, rel=5e-5)
    cuts = {"cos_theta": (-0.95, 0.95)}
    assert value("gamma_aprime", cuts, mass_gev=1.0, coupling=1e-3) == pytest.approx(6.4139e-3, rel=5e-5)


def test_dark_photon_is_radiative_return_at_fixed_mass() -> None:
    """The ratio to e+e- → γμμ of initial-state radiation is the ratio of the couplings, at every mass."""
    s = SQRT_S**2
    for mass in (0.3, 1.0, 3.0, 8.0):
        fraction = 1.0 - mass**2 / s
        log = np.log(s / ELECTRON_MASS_GEV**2)
        radiator = ALPHA / np.pi / fraction * (2.0 - 2.0 * fraction + fraction**2) * (log - 1.0)
        dimuon = 4.0 * np.pi * ALPHA**2 / (3.0 * mass**2) * GEV2_PB  # massless muons
        radiative_return = 2.0 * mass / s * radiator * dimuon  # pb/GeV
        expected = 3.0 * np.pi / (2.0 * ALPHA) * mass
        assert value("gamma_aprime", mass_gev=mass) / radiative_return == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("mass", "expected"),
    [(0.001, 0.118393), (0.2, 0.118266), (1.0, 0.115248), (5.0, 0.0554649), (9.0, 0.00249932)],
)
def test_alp_cross_sections(mass: float, expected: float) -> None:
    assert value("gamma_alp", mass_gev=mass, coupling=1e-3) == pytest.approx(expected, rel=1e-5)


def test_alp_within_the_acceptance_of_a_calorimeter() -> None:
    cosines = np.cos(np.radians([161.11, 16.41]))
    fraction = value("gamma_alp", {"photon_theta": (16.41, 161.11)}, mass_gev=1.0) / value(
        "gamma_alp", mass_gev=1.0
    )
    assert fraction == pytest.approx(0.375 * np.diff(cosines + cosines**3 / 3.0)[0], rel=1e-12)
    assert fraction == pytest.approx(0.9307, abs=5e-5)


@pytest.mark.parametrize(
    ("alpha_d", "expected"), [(0.1, 1.114e-6), (0.3, 9.024e-5), (0.5, 6.963e-4), (1.0, 0.01114)]
)
def test_darkonium_cross_sections(alpha_d: float, expected: float) -> None:
    result = value("darkonium_gamma", mass_gev=1.0, mass2_gev=0.05, coupling=1e-3, alpha_d=alpha_d)
    assert result == pytest.approx(expected, rel=5e-4)


@pytest.mark.parametrize(
    ("name", "cuts", "sqrt_s", "expected"),
    [
        ("mumu", {}, SQRT_S, 775.93),
        ("mumu", {}, 3.773, 6101.2),
        ("mumu", {}, 1.0195, 8.350e4),
        ("tautau", {}, SQRT_S, 772.07),
        ("gammagamma", {"photon_theta": (10.0, 170.0)}, SQRT_S, 4524.8),
    ],
)
def test_standard_processes(name: str, cuts: Cuts, sqrt_s: float, expected: float) -> None:
    assert value(name, cuts, sqrt_s) == pytest.approx(expected, rel=1e-4)


def test_all_of_two_photon_annihilation_follows_dirac() -> None:
    """The total is Dirac's, (2πα²/s)(L - 1) with L = ln(s/m²), at high energy."""
    s = SQRT_S**2
    log = np.log(s / ELECTRON_MASS_GEV**2)
    assert value("gammagamma") == pytest.approx(GEV2_PB * 2.0 * np.pi * ALPHA**2 / s * (log - 1.0), rel=1e-6)


@pytest.mark.parametrize(
    ("vector", "higgs", "expected"),
    [
        (0.3, 0.2, 2.6789e4),
        (1.0, 3.0, 2.2971e4),
        (4.0, 1.0, 7.4302e4),
        (6.0, 3.0, 1.1978e5),
        (9.5, 0.5, 1.1799e6),
    ],
)
def test_dark_higgsstrahlung(vector: float, higgs: float, expected: float) -> None:
    assert value("aprime_higgs", mass_gev=vector, mass2_gev=higgs) == pytest.approx(expected, rel=5e-5)


TWO_BODY: list[tuple[str, dict[str, float], Cuts]] = [
    ("gamma_alp", {"mass_gev": 3.0}, {"cos_theta": (-0.4, 0.6)}),
    ("gamma_aprime", {"mass_gev": 3.0}, {}),
    ("gamma_aprime", {"mass_gev": 9.0}, {"photon_theta": (20.0, 100.0)}),
    ("mumu", {}, {"muon_theta": (30.0, 120.0)}),
    ("tautau", {}, {"lepton_theta": (20.0, None)}),
    ("gammagamma", {}, {}),
    ("aprime_higgs", {"mass_gev": 5.0, "mass2_gev": 2.0}, {}),
    ("aprime_higgs", {"mass_gev": 0.5, "mass2_gev": 2.0}, {}),
]


@pytest.mark.parametrize(("name", "parameters", "cuts"), TWO_BODY)
def test_monte_carlo_agrees_with_the_closed_form(name: str, parameters: dict[str, float], cuts: Cuts) -> None:
    collision = Collision(find(name), SQRT_S, parameters, cuts)
    exact = collision.closed_form_pb()
    assert exact is not None
    estimate = integrate(collision, 1e-3, generator("closed form", name))
    assert estimate.value_pb == pytest.approx(exact, abs=4.0 * estimate.error_pb + 1e-9 * exact)


@pytest.mark.parametrize(("name", "parameters", "cuts"), TWO_BODY)
def test_momenta_are_conserved_on_shell_and_within_cuts(
    name: str, parameters: dict[str, float], cuts: Cuts
) -> None:
    collision = Collision(find(name), SQRT_S, parameters, cuts)
    p4, weight = collision.evaluate(generator("momenta", name).random((2000, collision.dimensions)))
    assert (weight > 0.0).all()
    np.testing.assert_allclose(p4.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (2000, 1)), atol=1e-13)
    new = {DARK_PHOTON: "mass_gev", ALP: "mass_gev", DARK_HIGGS: "mass2_gev"}
    for i, pdg_id in enumerate(collision.pdg_ids):
        mass = parameters[new[pdg_id]] if pdg_id in new else LEPTON_MASS_GEV.get(abs(pdg_id), 0.0)
        np.testing.assert_allclose(mass_squared(p4[:, i]), mass**2, atol=1e-12)
    for cut, (low, high) in cuts.items():
        cosine = p4[:, :, 2] / np.sqrt((p4[..., :3] ** 2).sum(axis=-1))
        angle = np.degrees(np.arccos(cosine))
        of_all = angle if cut in ("muon_theta", "lepton_theta") else angle[:, :1]
        quantity = cosine[:, :1] if cut == "cos_theta" else of_all
        assert quantity.min() >= (low if low is not None else -np.inf) - 1e-9
        assert quantity.max() <= (high if high is not None else np.inf) + 1e-9


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (2.0, 0.3), (1.0, 0.0), (1.5, -1.0), (1.0, -1.0)])
def test_cosines_follow_their_density(a: float, b: float) -> None:
    low, high = -0.7, 0.95
    cosines, integral = draw_one_plus(a, b, low, high, generator("cosines", a, b).random(20_000))

    def cumulative(c: np.ndarray) -> np.ndarray:
        return (a * (c - low) + b * (c**3 - low**3) / 3.0) / integral

    assert kstest(cosines, cumulative).pvalue > 1e-3
    assert np.all((cosines >= low) & (cosines <= high))


def test_photon_follows_its_angular_distribution() -> None:
    """Unit weights must give dσ/dc of γA', here integrated by another closed form than the sampler's map."""
    collision = Collision(find("gamma_aprime"), SQRT_S, {"mass_gev": 7.0}, {"cos_theta": (-0.9, 0.9)})
    rng = generator("photon angle")
    p4, weight = collision.evaluate(rng.random((40_000, 2)))
    kept = p4[weight > rng.random(len(weight)) * weight.max(), 0]
    x = 49.0 / SQRT_S**2

    def primitive(c: np.ndarray | float) -> np.ndarray:
        return np.asarray((1 + x**2) / (1 - x) ** 2 * np.log((1.0 + c) / (1.0 - c)) - c)

    norm = primitive(0.9) - primitive(-0.9)
    assert kstest(kept[:, 2] / kept[:, 3], lambda c: (primitive(c) - primitive(-0.9)) / norm).pvalue > 1e-3


def test_dark_photon_goes_as_longitudinal_and_transverse_waves() -> None:
    collision = Collision(find("aprime_higgs"), SQRT_S, {"mass_gev": 4.0, "mass2_gev": 3.0}, {})
    p4, weight = collision.evaluate(generator("A' angle").random((20_000, 2)))
    np.testing.assert_allclose(weight, weight[0], rtol=1e-12)
    cosines = p4[:, 0, 2] / np.sqrt((p4[:, 0, :3] ** 2).sum(axis=1))
    s = SQRT_S**2
    x, y = 16.0 / s, 9.0 / s
    lam = (1.0 - x - y) ** 2 - 4.0 * x * y

    def cumulative(c: np.ndarray) -> np.ndarray:
        return 0.5 + 0.75 * ((lam + 8.0 * x) * c - lam * c**3 / 3.0) / (lam + 12.0 * x)

    assert kstest(cosines, cumulative).pvalue > 1e-3


def test_photon_energy_is_a_cut_of_fixed_energy() -> None:
    energy = (SQRT_S**2 - 81.0) / (2.0 * SQRT_S)
    assert value("gamma_aprime", {"photon_energy": (energy + 0.01, None)}, mass_gev=9.0) == 0.0
    assert value("gamma_aprime", {"photon_energy": (energy - 0.01, None)}, mass_gev=9.0) > 0.0
    assert value("gammagamma", {"photon_energy": (None, 5.0)}) == 0.0


@pytest.mark.parametrize(
    ("name", "parameters", "cuts", "message"),
    [
        ("gamma_alp", {}, {}, "mass_gev.*missing"),
        ("gamma_alp", {"mass_gev": -1.0}, {}, "negative"),
        ("gamma_alp", {"mass_gev": float("nan")}, {}, "negative"),
        ("gamma_alp", {"mass_gev": 11.0}, {}, "kinematic limit of 10.58 GeV"),
        ("gamma_alp", {"mass_gev": 1.0, "mass2_gev": 1.0}, {}, "unknown parameter 'mass2_gev'"),
        ("gamma_alp", {"mass_gev": 1.0}, {"muon_theta": (1.0, 2.0)}, "known: cos_theta, photon_theta"),
        ("gamma_alp", {"mass_gev": 1.0}, {"cos_theta": (0.5, 0.1)}, "'cos_theta' is empty: 0.5:0.1"),
        (
            "gamma_alp",
            {"mass_gev": 1.0},
            {"cos_theta": (0.5, 1.0), "photon_theta": (90.0, 180.0)},
            "leave nothing",
        ),
        ("mumu", {}, {"muon_theta": (10.0, 80.0)}, "leave nothing"),
        ("darkonium_gamma", {"mass_gev": 1.0, "mass2_gev": 1.0}, {}, "mass2_gev = 1 of the A' is not below"),
        ("aprime_higgs", {"mass_gev": 6.0, "mass2_gev": 5.0}, {}, "mass 11 GeV is above"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    name: str, parameters: dict[str, float], cuts: Cuts, message: str
) -> None:
    with pytest.raises(UmbraError, match=message):
        value(name, cuts, **parameters)
