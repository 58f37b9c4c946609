"""Initial-state radiation: norm, soft limit and momenta of the structure functions; inclusive cross-sections."""

import numpy as np
import pytest
from scipy.integrate import quad

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import mass_squared
from umbra.core.seeds import generator
from umbra.generation.collision import Collision, Radiation
from umbra.generation.integration import cross_section, integrate
from umbra.generation.processes import radiation
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find

SQRT_S = 10.58
S = SQRT_S**2
ETA = float(radiation.eta(S))


def moment(power: float, exponent: float = ETA) -> float:
    """∫ (1-y)^power D(y) dy with the soft peak taken out by y = u^(1/η)."""

    def integrand(u: float) -> float:
        lost = np.array(u ** (1.0 / exponent))
        return float((1.0 - lost) ** power * radiation._over_soft_power(lost, exponent))

    value, _ = quad(integrand, 0.0, 1.0, epsabs=1e-10, limit=500)
    return float(value)


def test_exponent_is_that_of_the_machine() -> None:
    assert pytest.approx(0.0877, abs=5e-5) == 2.0 * ETA


def test_radiation_conserves_probability() -> None:
    """A leg keeps or loses its energy with probability 1, up to the third order that D leaves out."""
    assert moment(0.0) == pytest.approx(1.0, abs=2.0 * ETA**3)
    small = 0.2 * ETA
    assert abs(moment(0.0, small) - 1.0) < 0.02 * abs(moment(0.0) - 1.0)


def test_mean_energy_follows_the_evolution_equation() -> None:
    """d<x>/dη = ∫ x P(x) = -2/3·2 of the splitting function (1+x²)/(1-x)₊/2, so that <x> = exp(-2η/3)."""
    assert moment(1.0) == pytest.approx(np.exp(-2.0 * ETA / 3.0), abs=2.0 * ETA**3)


def test_soft_limit_is_the_exponentiated_one() -> None:
    lost = np.array([1e-12, 1e-8])
    # Expansion of the exponent by Kuraev and Fadin, with β = 2η.
    expected = 1.0 + 0.75 * ETA + ETA**2 / 4.0 * (9.0 / 8.0 - np.pi**2 / 3.0)
    ratio = radiation.structure_function(lost, ETA) / (ETA * lost ** (ETA - 1.0))
    assert ratio == pytest.approx([expected, expected], abs=ETA**3)


def test_hard_photon_is_the_lowest_order_radiator() -> None:
    """At small coupling D is (η/2)(1+x²)/(1-x): the photon spectrum of one leg."""
    lost = np.array([0.1, 0.5, 0.9])
    x = 1.0 - lost
    assert radiation.structure_function(lost, 1e-6) == pytest.approx(0.5e-6 * (1.0 + x**2) / lost, rel=1e-4)


def test_photons_carry_what_the_beams_lose() -> None:
    cuts = {"photon_energy": (0.5, None)}
    collision = Collision(find("gamma_aprime"), SQRT_S, {"mass_gev": 2.0}, cuts, "leading_log", 0.005)
    p4, weight = collision.evaluate(generator("momenta").random((20_000, collision.dimensions)))
    assert collision.pdg_ids == (22, 9900022, 22, 22)
    total = p4.sum(axis=1)
    np.testing.assert_allclose(total[:, :3], 0.0, atol=1e-12)
    assert np.std(total[:, 3]) == pytest.approx(0.005, rel=0.03)
    np.testing.assert_allclose(mass_squared(p4[:, 1]), 4.0, atol=1e-10)
    assert (p4[:, 2, 2] >= 0.0).all()
    assert (p4[:, 3, 2] <= 0.0).all()
    np.testing.assert_array_equal(p4[:, 2:, :2], 0.0)
    # The cut holds in the hard frame, where the photon's energy is fixed by the mass of the system.
    hard = p4[:, :2].sum(axis=1)
    energy = (mass_squared(hard) - 4.0) / (2.0 * np.sqrt(mass_squared(hard)))
    assert energy[weight > 0.0].min() >= 0.5 - 1e-9


def test_radiated_cross_section_is_the_convolution() -> None:
    """σ(γa) with radiation from a direct double integral over both legs."""
    mass, exponent = 6.0, ETA
    least = mass**2 / S
    process = find("gamma_alp")

    def hard(z: float) -> float:
        value = process.closed_form(SQRT_S * np.sqrt(z), {"mass_gev": mass, "coupling": 1.0}, {})
        assert value is not None
        return value

    def one_leg(function, left: float) -> float:  # type: ignore[no-untyped-def]
        def integrand(u: float) -> float:
            lost = (1.0 - left) * u ** (1.0 / exponent)
            density = (1.0 - left) ** exponent * float(radiation._over_soft_power(np.array(lost), exponent))
            return density * function(1.0 - lost)

        return float(quad(integrand, 0.0, 1.0, epsrel=1e-6, limit=200)[0])

    expected = one_leg(lambda x1: one_leg(lambda x2: hard(x1 * x2), least / x1), least)
    collision = Collision(process, SQRT_S, {"mass_gev": mass, "coupling": 1.0}, {}, "leading_log")
    ours = integrate(collision, 1e-3, generator("convolution"))
    assert ours.value_pb == pytest.approx(expected, abs=4.0 * ours.error_pb)
    assert ours.value_pb < hard(1.0)


# Cross-sections with all radiation that the Belle II Physics Book (arXiv:1808.10567) quotes, in pb.
@pytest.mark.parametrize(("name", "expected"), [("mumu", 1148.0), ("tautau", 919.0)])
def test_inclusive_pairs_come_near_a_full_calculation(name: str, expected: float) -> None:
    ours = cross_section(find(name), SQRT_S, {}, {}, rng=generator(name), isr="leading_log")
    assert ours.value_pb == pytest.approx(expected, rel=0.01)


def all_orders(z: float) -> float:
    """∫ dx₁ dx₂ D D δ(z - x₁x₂): the mass spectrum with any number of photons; η(1+z²)/(1-z) with one."""
    largest = 1.0 - np.sqrt(z)

    def integrand(u: float) -> float:
        lost = np.array(largest * u ** (1.0 / ETA))
        other = radiation.structure_function(1.0 - z / (1.0 - lost), ETA)
        return float(largest**ETA * radiation._over_soft_power(lost, ETA) * other / (1.0 - lost))

    return 2.0 * float(quad(integrand, 0.0, 1.0, epsrel=1e-7, limit=400)[0])


def one_photon(z: float) -> float:
    return ETA * (1.0 + z**2) / (1.0 - z)


def mean_weight(
    name: str, parameters: dict[str, float], cuts: Cuts, trials: int, isr: Radiation = "leading_log"
) -> float:
    collision = Collision(find(name), SQRT_S, parameters, cuts, isr)
    rng = generator("overlap", name, isr)
    return float(collision.evaluate(rng.random((trials, collision.dimensions)))[1].mean())


@pytest.mark.parametrize("least_gev", [0.05, 0.3])
@pytest.mark.parametrize(("mass", "tolerance"), [(1.0, 0.013), (3.0, 0.008), (9.0, 0.006)])
def test_hardest_photon_and_radiation_make_the_spectrum_of_all_orders(
    mass: float, tolerance: float, least_gev: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """σ(γA') with one exact photon and radiation that is softer, whatever the cut, against the radiator alone."""
    parameters, z = {"mass_gev": mass, "coupling": 1.0}, mass**2 / S
    born = find("gamma_aprime").closed_form(SQRT_S, parameters, {})
    assert born is not None
    expected = born / one_photon(z) * all_orders(z)
    cuts = {"photon_energy": (least_gev, None)}
    ours = mean_weight("gamma_aprime", parameters, cuts, 200_000)
    # What is missing grows with ln(s/m²): the exact photon's logarithm is that of the energy that is left.
    assert ours == pytest.approx(expected, rel=tolerance)
    monkeypatch.setattr(type(find("gamma_aprime")), "photon_is_radiated", False)
    assert mean_weight("gamma_aprime", parameters, cuts, 50_000) > 1.05 * expected


def test_muon_pairs_with_a_photon_have_the_mass_spectrum_of_all_orders() -> None:
    """Ratio to lowest order where the muons radiate little: that of D D to its first order, times σ(μμ)."""
    low, high = 2.0, 3.0

    def integral(radiator) -> float:  # type: ignore[no-untyped-def]
        def spectrum(mass: float) -> float:
            pairs = find("mumu").closed_form(mass, {}, {})
            assert pairs is not None
            return 2.0 * mass / S * radiator(mass**2 / S) * pairs

        return float(quad(spectrum, low, high, epsrel=1e-4)[0])

    cuts = {"photon_energy": (0.1, None), "dimuon_mass": (low, high)}
    ours = mean_weight("mumugamma", {}, cuts, 150_000)
    born = mean_weight("mumugamma", {}, cuts, 150_000, isr="none")
    assert ours / born == pytest.approx(integral(all_orders) / integral(one_photon), rel=0.012)


def test_share_of_the_photons_in_a_range_of_angles() -> None:
    assert radiation.share_into((-1.0, 1.0), SQRT_S) == pytest.approx([1.0, 1.0], abs=1e-9)
    backward, forward = radiation.share_into((-1.0, 0.5), SQRT_S), radiation.share_into((0.5, 1.0), SQRT_S)
    assert backward + forward == pytest.approx([1.0, 1.0], abs=1e-9)
    assert forward[0] > 0.9
    beta = np.sqrt(1.0 - 4.0 * ELECTRON_MASS_GEV**2 / S)
    norm = quad(lambda y: 1.0, np.log(1.0 - beta), np.log(1.0 + beta))[0]
    direct = quad(lambda c: beta / (1.0 - beta * c), -0.9, 0.7)[0] / norm
    assert radiation.share_into((-0.9, 0.7), SQRT_S)[0] == pytest.approx(direct, rel=1e-6)


def test_what_is_radiated_outside_the_cuts_is_kept() -> None:
    """With cuts at wide angles a hard photon along the beams belongs to the radiation, whatever its energy."""
    cuts = {"photon_energy": (0.05, None), "photon_theta": (30.0, 150.0)}
    collision = Collision(find("gamma_aprime"), SQRT_S, {"mass_gev": 1.0}, cuts, "leading_log")
    p4, weight = collision.evaluate(generator("outside").random((50_000, collision.dimensions)))
    kept = weight > 0.0
    assert np.mean(p4[kept, 2:, 3].max(axis=1) > p4[kept, 0, 3]) > 0.02


def test_radiation_that_diverges_is_refused() -> None:
    for name, parameters in (("gammagamma", {}), ("gamma_aprime", {"mass_gev": 1.0})):
        with pytest.raises(
            UmbraError, match=f"{name}: with radiation it needs a lower end of the cut 'photon_energy'"
        ):
            Collision(find(name), SQRT_S, parameters, {}, "leading_log")
    with pytest.raises(UmbraError, match="isr 'full' is neither"):
        Collision(find("mumu"), SQRT_S, {}, {}, "full")  # type: ignore[arg-type]


@pytest.mark.parametrize("mass", [ELECTRON_MASS_GEV, MUON_MASS_GEV, TAU_MASS_GEV])
@pytest.mark.parametrize("energy", [0.5, 3.0, 10.58])
def test_leptonic_vacuum_polarisation_obeys_its_dispersion_relation(mass: float, energy: float) -> None:
    """Δα(s) = (α s/3π) P∫ ds'/(s'(s-s')) R(s') with R = √(1-4m²/s') (1+2m²/s')."""
    s = energy**2

    def density(log: float) -> float:  # over ln s'
        other = np.exp(log)
        return float(np.sqrt(max(1.0 - 4.0 * mass**2 / other, 0.0)) * (1.0 + 2.0 * mass**2 / other))

    low, pole = np.log(4.0 * mass**2), np.log(s)

    # s/(s-s') in the logarithm has the pole -1/(ln s' - ln s) times a smooth function.
    def smooth(log: float) -> float:
        ratio = np.expm1(log - pole)
        return density(log) * (log - pole) / ratio if ratio else density(log)

    if pole > low:
        width = min(1.0, pole - low) * 0.999
        near = quad(smooth, pole - width, pole + width, weight="cauchy", wvar=pole, epsabs=1e-10)[0]
        edges = [(low, pole - width), (pole + width, pole + 40.0)]
    else:
        near, edges = 0.0, [(low, low + 45.0)]
    far = sum(
        quad(lambda log: density(log) / np.expm1(log - pole), *edge, epsabs=1e-10, limit=400)[0]
        for edge in edges
    )
    expected = -ALPHA / (3.0 * np.pi) * (near + far)
    assert radiation._leptonic(np.array(s), mass) == pytest.approx(expected, rel=1e-4, abs=1e-8)


def test_coupling_at_the_z_pole() -> None:
    """One-loop leptons 314.19e-4 (Steinhauser, hep-ph/9803313) and hadrons 276.1e-4 (table of the fit)."""
    s = np.array(91.1876**2)
    leptons = sum(radiation._leptonic(s, m) for m in (ELECTRON_MASS_GEV, MUON_MASS_GEV, TAU_MASS_GEV))
    assert leptons == pytest.approx(314.19e-4, abs=1e-6)
    assert radiation.delta_alpha(s) - leptons == pytest.approx(0.0276, abs=2e-4)
