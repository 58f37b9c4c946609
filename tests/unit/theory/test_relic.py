"""Relic density of dark matter behind a dark photon."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.special import kn

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config
from umbra.theory import registry, relic
from umbra.theory.plasma import degrees_of_freedom
from umbra.validation.published import load_curve

#: Against the curves of others, in decades of y, written down before the comparison: the median of absolute values, the
#: bias, and the worst bin, which is near the rho and the omega, where R(s) of the two differ.
MEDIAN_DEX, BIAS_DEX, WORST_DEX = 0.10, 0.10, 0.30
#: Of those curves.
ALPHA_D, MASS_RATIO = 0.1, 1.0 / 3.0
#: With which the width does not matter in the propagator.
WEAK = 1e-4
#: cm^3/s of 1 GeV^-2.
CM3_PER_S = 1.16733e-17


@pytest.fixture(scope="module")
def photon():
    return registry.find("dark_photon")


@pytest.mark.parametrize(
    ("kind", "stem"), [("pseudo_dirac", "pseudodirac"), ("scalar", "scalar"), ("majorana", "majorana")]
)
def test_targets_are_those_of_others(photon, kind: str, stem: str) -> None:
    curve = load_curve(shipped_config() / "published" / f"relic_target_y__{stem}__ref-unstated.yaml")
    # Every third bin, the first and the last among them.
    bins = curve.bins[::3]
    matter = np.array([each.mass_gev for each in bins]) * MASS_RATIO
    ours = relic.target_y(photon, kind, matter, ALPHA_D, MASS_RATIO)
    dex = np.log10(ours / [each.limit for each in bins])
    assert len(bins) >= 13
    assert np.median(np.abs(dex)) < MEDIAN_DEX
    assert abs(np.median(dex)) < BIAS_DEX
    assert np.abs(dex).max() < WORST_DEX


def test_slow_dirac_pairs_have_the_known_rate(photon) -> None:
    """Cross-section times velocity: 16 pi alpha y/(m^2 (1 - 4 m^2/M^2)^2), with electrons only here."""
    matter, y = 0.02, 1e-11
    epsilon = float(np.sqrt(y / (WEAK * MASS_RATIO**4)))
    energy = np.array([2.0 * matter * (1.0 + 1e-9)])
    sigma = relic.cross_section_per_gev2(photon, "pseudo_dirac", matter, energy, epsilon, WEAK, MASS_RATIO)
    speed = 2.0 * np.sqrt(1.0 - (2.0 * matter / energy) ** 2)
    ratio = (ELECTRON_MASS_GEV / (2.0 * matter)) ** 2
    leptons = (1.0 + 2.0 * ratio) * np.sqrt(1.0 - 4.0 * ratio)
    expected = 16.0 * np.pi * ALPHA * y / (matter**2 * (1.0 - 4.0 * MASS_RATIO**2) ** 2) * leptons
    assert sigma * speed == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("kind", "of_dirac"), [("scalar", 1.0 / 6.0), ("majorana", 1.0 / 3.0)])
def test_others_are_slower_by_their_velocity(photon, kind: str, of_dirac: float) -> None:
    """Rate over that of Dirac fermions: v^2/6 of scalars; v^2/6 times two of Majorana fermions, v relative."""
    matter = 0.02
    energy = np.array([2.0 * matter * (1.0 + 1e-5)])
    arguments = (matter, energy, 1e-4, WEAK, MASS_RATIO)
    ratio = relic.cross_section_per_gev2(photon, kind, *arguments) / relic.cross_section_per_gev2(
        photon, "pseudo_dirac", *arguments
    )
    speed2 = 4.0 * (1.0 - (2.0 * matter / energy) ** 2)
    assert ratio == pytest.approx(of_dirac * speed2 * (0.5 if kind == "majorana" else 1.0), rel=1e-4)


def test_the_wanted_rate_is_the_usual_one(photon) -> None:
    """Some 4.5e-26 cm^3/s leave the observed density below 1 GeV, twice that of what is no antiparticle of its own.

    G. Steigman, B. Dasgupta, J. F. Beacom, Phys. Rev. D 86 (2012) 023506, arXiv:1204.3622, figure 5.
    """
    y = relic.target_y(photon, "pseudo_dirac", 0.05, ALPHA_D, MASS_RATIO)
    epsilon = float(np.sqrt(y / (ALPHA_D * MASS_RATIO**4)))
    energy = np.array([0.1 * (1.0 + 1e-6)])
    sigma = relic.cross_section_per_gev2(photon, "pseudo_dirac", 0.05, energy, epsilon, ALPHA_D, MASS_RATIO)
    speed = 2.0 * np.sqrt(1.0 - (0.1 / energy) ** 2)
    rate = float((sigma * speed)[0]) * CM3_PER_S
    assert rate == pytest.approx(2.0 * 4.5e-26, rel=0.35)


def test_boltzmann_s_equation_is_solved(photon) -> None:
    """An independent solver, with the thermal average integrated by other means."""
    matter, y, kind = 0.03, 3e-10, "scalar"
    mine = relic.relic_density(photon, kind, matter, y, ALPHA_D, MASS_RATIO)
    epsilon = float(np.sqrt(y / (ALPHA_D * MASS_RATIO**4)))

    def average(x: float) -> float:
        def integrand(energy: float) -> float:
            sigma = relic.cross_section_per_gev2(
                photon, kind, matter, np.array([energy]), epsilon, ALPHA_D, MASS_RATIO
            )
            s = energy**2
            return (
                float(sigma[0]) * (s - 4.0 * matter**2) * energy * kn(1, x * energy / matter) * 2.0 * energy
            )

        whole = quad(integrand, 2.0 * matter * (1 + 1e-12), 2.0 * matter + 30.0 * matter / x, limit=200)[0]
        return whole * x / (8.0 * matter**5 * kn(2, x) ** 2)

    nodes = np.geomspace(9.0, 200.0, 12)
    averages = np.array([average(x) for x in nodes])

    def slope(log_x: float, log_y: np.ndarray) -> np.ndarray:
        x, number = np.exp(log_x), np.exp(log_y)
        temperature = matter / x
        energy, entropy = degrees_of_freedom(temperature)
        up, down = (degrees_of_freedom(temperature * f)[1] for f in (1.02, 1.0 / 1.02))
        density = 2.0 * np.pi**2 / 45.0 * entropy * temperature**3
        hubble = 1.66027 * np.sqrt(energy) * temperature**2 / 1.22089e19
        # After the last node the rate falls as 1/x.
        rate = np.exp(np.interp(log_x, np.log(nodes), np.log(averages))) * min(1.0, 200.0 / x) * 0.5
        balance = 2.0 * matter**2 * temperature * kn(2, min(x, 600.0)) / (2.0 * np.pi**2) / density
        strength = density * rate / hubble * (1.0 + np.log(up / down) / np.log(1.02**2) / 3.0)
        return -strength * (number - balance**2 / number)

    start = np.log(9.0)
    density = 2.0 * np.pi**2 / 45.0 * degrees_of_freedom(matter / 9.0)[1] * (matter / 9.0) ** 3
    first = np.log(2.0 * matter**2 * (matter / 9.0) * kn(2, 9.0) / (2.0 * np.pi**2) / density)
    found = solve_ivp(slope, (start, np.log(2900.0)), [first], method="Radau", rtol=1e-6, atol=1e-8)
    left = float(np.exp(found.y[0, -1]))
    assert mine == pytest.approx(left * matter * 2891.2 / 1.05371e-5, rel=0.01)


def test_less_is_left_of_what_couples_more(photon) -> None:
    found = [relic.relic_density(photon, "majorana", 0.1, y, ALPHA_D, MASS_RATIO) for y in (1e-10, 1e-9)]
    # The logarithm of the rate in the temperature of the freeze-out enters squared.
    assert 6.5 < found[0] / found[1] < 9.0


def test_the_target_leaves_what_is_observed(photon) -> None:
    y = float(relic.target_y(photon, "scalar", 0.1, ALPHA_D, MASS_RATIO))
    assert relic.relic_density(photon, "scalar", 0.1, y, ALPHA_D, MASS_RATIO) == pytest.approx(0.12, rel=1e-3)


def test_degrees_of_freedom_of_the_plasma() -> None:
    """Photons, neutrinos and, before they annihilate, electrons: 10.75; 3.36 and 3.91 today."""
    energy, entropy = degrees_of_freedom(np.array([1e-7, 5e-3]))
    today = 2.0 + 5.25 * (4.0 / 11.0) ** (4.0 / 3.0), 2.0 + 5.25 * 4.0 / 11.0
    assert (energy[0], entropy[0]) == pytest.approx(today, rel=1e-4)
    assert (energy[1], entropy[1]) == pytest.approx((10.75, 10.75), rel=2e-3)
    # With muons and pions at 0.1 GeV some 17: P. A. Zyla et al., Particle Data Group.
    assert degrees_of_freedom(0.1)[0] == pytest.approx(17.25, rel=0.03)


def test_other_matter_is_refused(photon) -> None:
    with pytest.raises(UmbraError, match="'dirac' is not known; known: pseudo_dirac, scalar, majorana"):
        relic.relic_density(photon, "dirac", 0.1, 1e-9, ALPHA_D, MASS_RATIO)
