"""No published limit, as it is stored here, implies fewer signal events than zero observed events exclude.

A limit that does has been misread: a wrong unit, g for g squared, the wrong branching fractions. Efficiencies are
the largest that the papers' documents allow, so that only a real contradiction fails.
"""

from pathlib import Path

import numpy as np
import pytest

from umbra.core import seeds
from umbra.generation.processes import registry
from umbra.theory import registry as theory
from umbra.validation.event_counts import fewest_events, implied_events
from umbra.validation.published import load_curve

FOLDER = Path(__file__).parents[2] / "config" / "published"
SQRT_S_GEV = 10.58


def cross_section_fb(process, mass_gev):
    """Lowest-order cross-section at a coupling of 1, to a few per cent."""
    found = registry.find(process)
    parameters = found.complete({"mass_gev": mass_gev, "coupling": 1.0})
    exact = found.closed_form(SQRT_S_GEV, parameters, {})
    if exact is not None:
        return 1e3 * exact
    x = seeds.generator("test", process, mass_gev).random((20_000, found.dimensions))
    _, weight_pb = found.evaluate(x, np.full(len(x), SQRT_S_GEV), parameters, {})
    return 1e3 * weight_pb.mean()


def events(curve, process, luminosity_fb, efficiency, branching_fraction=1.0):
    return np.array(
        [
            implied_events(
                each.limit,
                power=2,
                cross_section_fb_at_unit_coupling=cross_section_fb(process, each.mass_gev),
                luminosity_fb=luminosity_fb,
                efficiency=efficiency(each.mass_gev) if callable(efficiency) else efficiency,
                branching_fraction=branching_fraction,
            )
            for each in curve.bins
        ]
    )


def babar_single_photon(mass_gev):
    """Efficiency relative to all angles: both low-mass selections; above 5.5 GeV falling from 2% to 0.2%."""
    return 0.063 if mass_gev < 5.5 else 0.02 * 0.1 ** ((mass_gev - 5.5) / 2.5)


@pytest.mark.parametrize(
    ("name", "process", "luminosity_fb", "efficiency"),
    [
        ("alp_gammagamma__BelleII__2007.13071", "gamma_alp", 0.445, 0.34),
        ("aprime_visible__BaBar-llgamma__1406.2980", "gamma_aprime", 514.0, 0.35),
        ("aprime_invisible__BaBar__1702.03327", "gamma_aprime", 53.0, babar_single_photon),
        ("zprime_invisible__BelleII-2018__1912.11276", "mumu_zprime", 0.276, 0.05),
        ("zprime_4mu__BaBar__1606.03501", "mumu_zprime", 514.0, 0.50),
    ],
)
def test_limits_on_couplings(name, process, luminosity_fb, efficiency):
    curve = load_curve(FOLDER / f"{name}.yaml")
    assert events(curve, process, luminosity_fb, efficiency).min() > fewest_events(curve.confidence_level)


#: Windows of 1912.11276 with limits on the cross-section in fb and on g', at 90 % (supplement, Table I): middle in GeV.
PRINTED_2018 = ((1.807, 173, 0.086), (2.4245, 167, 0.115), (3.2945, 182, 0.18), (3.6185, 185, 0.226),
                (4.173, 190, 0.327), (4.846, 208, 0.494), (5.5275, 232, 0.751), (5.9375, 264, 0.994))  # fmt: skip


def test_the_printed_coupling_of_the_invisible_zprime_contains_the_decays_to_neutrinos():
    # Its title says B(Z' -> invisible) = 1. The ratio of both limits falls at the tau threshold as B of L_mu - L_tau.
    particle = theory.find("z_prime")
    for mass, cross_section, coupling in PRINTED_2018:
        fraction = cross_section / (coupling**2 * cross_section_fb("mumu_zprime", mass))
        assert fraction < 0.57
        with_neutrinos = particle.branching_fraction(mass, "invisible")
        # Radiation from the beams, which the lowest order lacks, is worth 5 to 15 %.
        assert 1.0 < fraction / with_neutrinos < 1.15


@pytest.mark.parametrize(
    ("name", "mesons", "efficiency"),
    [
        ("b_to_k_longlived_scalar__BelleII-Kplus-mumu__2306.02830", 198e6, 1.0),
        ("b_to_k_longlived_scalar__BelleII-Kplus-ee__2306.02830", 198e6, 1.0),
        ("b_to_k_longlived_scalar__BelleII-Kstar0-mumu__2306.02830", 198e6, 1.0),
        ("b_to_k_longlived_scalar__BelleII-Kstar0-ee__2306.02830", 198e6, 1.0),
        ("b_to_k_alp_gammagamma_br__BaBar-prompt__2111.01800", 470e6, 0.33),
    ],
)
def test_limits_on_branching_fractions(name, mesons, efficiency):
    curve = load_curve(FOLDER / f"{name}.yaml")
    implied = mesons * efficiency * np.array([each.limit for each in curve.bins])
    assert implied.min() > fewest_events(curve.confidence_level)


def test_the_cross_section_curve_of_the_alp_search():
    curve = load_curve(FOLDER / "alp_gammagamma_xsec__BelleII__2007.13071.yaml")
    assert 0.445 * 0.34 * min(each.limit for each in curve.bins) > fewest_events(curve.confidence_level)
