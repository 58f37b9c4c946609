"""Densities of two muons: their integrals are the cross-sections of the generators."""

from collections.abc import Callable

import numpy as np
import pytest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, MUON_MASS_GEV
from umbra.core.kinematics import Array, boost, from_spherical, mass_squared
from umbra.core.machines import Machine
from umbra.detector.detector import Detector
from umbra.generation.decays.registry import find as find_decay
from umbra.generation.processes import registry
from umbra.generation.sampling import Sampler
from umbra.selection import dimuon_likelihood as likelihood
from umbra.selection.two_photon_density import two_photon_density

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)
ROOT_S = SUPERKEKB.sqrt_s_gev
#: Energies of both muons and bound on the cosine between them: a region far from edges of phase space.
ENERGIES, APART = (1.0, 3.5), 0.0


def flat(n: int, rng: np.random.Generator) -> tuple[Array, float]:
    """Points flat in d3p/E of both muons within the energies, and the volume of one point."""
    energy = rng.uniform(*ENERGIES, (n, 2))
    size = np.sqrt(energy**2 - MUON_MASS_GEV**2)
    p4 = from_spherical(size, rng.uniform(-1, 1, (n, 2)), rng.uniform(0, 2 * np.pi, (n, 2)), MUON_MASS_GEV)
    # d3p/E = p dE dOmega
    return p4, size.prod(axis=1) * (4.0 * np.pi * np.ptp(ENERGIES)) ** 2 / n


def inside(p4: Array) -> Array:
    """Muons of the region."""
    energy = p4[..., 3]
    size = np.sqrt((p4[..., :3] ** 2).sum(axis=-1))
    cosine = (p4[:, 0, :3] * p4[:, 1, :3]).sum(axis=-1) / size.prod(axis=1)
    return ((energy > ENERGIES[0]) & (energy < ENERGIES[1])).all(axis=1) & (cosine < APART)


def test_tau_pairs_have_the_rate_and_the_spectra_of_the_generator() -> None:
    rng = np.random.default_rng(7)
    sampler = Sampler(registry.find("tautau"), SUPERKEKB, {}, {}, isr="none", rng=rng)
    sample = sampler.generate(60_000, rng)
    events = find_decay("tau_pairs_to_muons")(
        sample.events.with_p4(SUPERKEKB.to_lab(sample.events.p4)), SUPERKEKB, rng
    )
    in_cm = SUPERKEKB.to_cm(events.p4)
    muons = np.stack(
        [in_cm[np.arange(len(in_cm)), np.argmax(events.pdg_id == sign, axis=1)] for sign in (-13, 13)], axis=1
    )
    generated = sample.cross_section_pb * (events.weight * inside(muons)).sum() / len(events.weight)
    points, volume = flat(60_000, rng)
    density = likelihood.tau_pair_density(points, ROOT_S) * volume * inside(points)
    # Both have a statistical error of about 1.5 %; running of the coupling is in the generator's cross-section only.
    assert density.sum() == pytest.approx(generated, rel=0.06)


def test_zprime_has_the_cross_section_of_the_process() -> None:
    rng = np.random.default_rng(8)
    process, mass = registry.find("mumu_zprime"), 2.0
    parameters = process.complete({"mass_gev": mass})
    sample = Sampler(process, SUPERKEKB, parameters, {}, isr="none", rng=rng).generate(40_000, rng)
    generated = sample.cross_section_pb * inside(sample.events.p4[:, [1, 0]]).mean()
    points, volume = flat(1_500_000, rng)
    missing = -points.sum(axis=1)
    missing[:, 3] += ROOT_S
    # The density is per twice the smearing of squared mass: averaged over a box around the mass.
    box = np.abs(mass_squared(missing) - mass**2) < likelihood._SMEARING_GEV2
    density = likelihood.zprime_density(points[box], ROOT_S) * (volume * inside(points))[box]
    assert density.sum() == pytest.approx(generated, rel=0.07)


def test_missed_photons_count_where_the_detector_misses_them(ideal: Callable[..., Detector]) -> None:
    rng = np.random.default_rng(9)
    points, _ = flat(2_000, rng)
    points = points[inside(points)]

    def density(inefficiency: float, unvetoed_gev: float = 0.2) -> Array:
        region = {
            "name": "all", "theta_deg": [0.0, 180.0], "energy_gev": [0.0], "inefficiency": [inefficiency]
        }  # fmt: skip
        calorimeter = ideal(regions=[region]).calorimeter
        return likelihood.missed_photon_density(points, SUPERKEKB, calorimeter, unvetoed_gev)

    once = density(1e-3)
    np.testing.assert_allclose(density(2e-3, 0.0), 2.0 * density(1e-3, 0.0))
    # Soft photons are never seen.
    assert (once >= density(1e-3, 0.0)).all()
    np.testing.assert_allclose(density(0.5, 100.0), density(1e-3, 100.0))


def test_a_recoil_that_is_measured_below_zero_may_still_be_a_photon(ideal: Callable[..., Detector]) -> None:
    region = {"name": "all", "theta_deg": [0.0, 180.0], "energy_gev": [0.0], "inefficiency": [1e-3]}
    calorimeter = ideal(regions=[region]).calorimeter
    muons = from_spherical(np.full(2, 4.3), np.zeros(2), np.radians([10.0, 200.0]), MUON_MASS_GEV)
    for scale in (1.0, 1.01, 1.05):
        pair = (muons * [scale, scale, scale, 1.0])[None]
        pair[..., 3] = np.sqrt((pair[..., :3] ** 2).sum(axis=-1) + MUON_MASS_GEV**2)
        pair[0, 0, :] = from_spherical(np.array(5.6 * scale), 0.0, np.radians(10.0), MUON_MASS_GEV)
        missing = -pair.sum(axis=1)
        missing[:, 3] += ROOT_S
        found = likelihood.missed_photon_density(pair, SUPERKEKB, calorimeter, 0.1)
        assert found > 0.0, float(mass_squared(missing)[0])


def test_photons_make_muons_of_all_directions_with_their_cross_section(
    ideal: Callable[..., Detector],
) -> None:
    """At rest in the middle of both beams: all directions of the muons, against the closed form."""
    region = {"name": "all", "theta_deg": [12.4, 155.1], "energy_gev": [0.0], "inefficiency": [1e-3]}
    calorimeter = ideal(regions=[region]).calorimeter
    mass, across, n = 3.0, 0.45, 40_000
    rng = np.random.default_rng(10)
    size = np.full(n, np.sqrt(0.25 * mass**2 - MUON_MASS_GEV**2))
    plus = from_spherical(size, rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n), MUON_MASS_GEV)
    pair = np.tile([across, 0.0, 0.0, np.hypot(mass, across)], (n, 1))
    muons = boost(np.stack([plus, plus * [-1.0, -1.0, -1.0, 1.0]], axis=1), (pair[0, :3] / pair[0, 3]))
    beta = np.sqrt(1.0 - 4.0 * MUON_MASS_GEV**2 / mass**2)
    density = two_photon_density(muons, SUPERKEKB, calorimeter).mean() * 4.0 * np.pi * 0.5 * beta
    logarithm = np.log((1.0 + beta) / (1.0 - beta))
    hard = 4.0 * np.pi * ALPHA**2 / mass**2 * ((3.0 - beta**4) / 2.0 * logarithm - beta * (2.0 - beta**2))
    x = mass / ROOT_S
    emitted = ALPHA / (2.0 * np.pi**2) * (1.0 + (1.0 - x) ** 2) / (x * across**2)
    collinear = ALPHA / np.pi * (1.0 + (1.0 - x) ** 2) / x * np.log(across / (x * ELECTRON_MASS_GEV))
    expected = 2.0 * GEV2_PB * 2.0 / ROOT_S**2 * emitted * collinear * hard
    # Both photons have the fraction W/root(s) only as far as the momentum across the beams is small.
    assert density == pytest.approx(expected, rel=0.08)


@pytest.mark.nightly
def test_two_photons_have_the_rate_of_the_generator(ideal: Callable[..., Detector]) -> None:
    """Equivalent photons against the exact amplitude, both electrons unseen."""
    rng = np.random.default_rng(10)
    region = {"name": "all", "theta_deg": [12.4, 155.1], "energy_gev": [0.0], "inefficiency": [1e-3]}
    calorimeter = ideal(regions=[region]).calorimeter
    cuts = {"dimuon_mass": (0.5, None), "dimuon_pt": (0.4, None), "electron_beam_angle": (None, 25.0)}
    sampler = Sampler(registry.find("ee_mumu"), SUPERKEKB, {}, cuts, rng=rng, weighted=True)
    sample = sampler.generate(12_000, rng)
    electrons = SUPERKEKB.to_lab(sample.events.p4[:, :2])
    theta = np.degrees(np.arctan2(np.hypot(electrons[..., 0], electrons[..., 1]), electrons[..., 2]))
    unseen = ((theta < 12.4) | (theta > 155.1)).all(axis=1)
    muons = sample.events.p4[:, [3, 2]]
    weight = sample.events.weight * (inside(muons) & unseen)
    generated = sample.cross_section_pb * weight.sum() / len(weight)
    points, volume = flat(150_000, rng)
    across = np.hypot(*points.sum(axis=1)[:, :2].T)
    density = two_photon_density(points, SUPERKEKB, calorimeter) * volume * inside(points) * (across > 0.4)
    assert density.sum() == pytest.approx(generated, rel=0.4)
