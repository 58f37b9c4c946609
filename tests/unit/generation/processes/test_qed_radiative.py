"""Phase space and cross-sections of e+e- → μ+μ-γ, τ+τ-γ, e+e-γ."""

from itertools import pairwise

import numpy as np
import pytest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, MUON_MASS_GEV, TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, from_spherical, mass_squared, polar_angle, two_body_decay
from umbra.core.machines import Machine
from umbra.generation.processes.cuts import Cuts, passes
from umbra.generation.processes.process import Process
from umbra.generation.processes.qed_phase_space import radiative_points
from umbra.generation.processes.qed_radiative import EEGamma, MuMuGamma, TauTauGamma
from umbra.generation.processes.qed_small_angle import SmallAngle
from umbra.generation.processes.qed_small_angle import points as small_angle_points
from umbra.generation.sampling import Sampler

SQRT_S = 10.58
BATCH = 50_000


def weighted(process: Process, cuts: Cuts, n: int, seed: int = 1) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    root = np.full(BATCH, SQRT_S)
    batches = []
    for _ in range(n // BATCH):
        p4, weight = process.evaluate(
            rng.random((BATCH, process.dimensions)), root, process.complete({}), cuts
        )
        batches.append((p4[weight > 0.0], weight[weight > 0.0] / n))
    return np.concatenate([p4 for p4, _ in batches]), np.concatenate([weight for _, weight in batches])


def agrees(weight: Array, expected: float, error: float) -> None:
    own = np.sqrt((weight**2).sum())
    assert own < 0.01 * expected
    assert abs(weight.sum() - expected) < max(0.01 * expected, 3.0 * np.hypot(own, error))


@pytest.mark.parametrize(
    ("beam", "mass", "channels"),
    [
        (ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, 6),
        (ELECTRON_MASS_GEV, TAU_MASS_GEV, 6),
        (ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, 14),
        (MUON_MASS_GEV, MUON_MASS_GEV, 14),
    ],
)
def test_density_sum_gives_the_volume_of_phase_space(beam: float, mass: float, channels: int) -> None:
    n, k_low, cosine = 100_000, 0.5, 0.8
    shares = np.random.default_rng(5).uniform(0.5, 1.5, channels)
    shares /= shares.sum()
    limits = np.array([[k_low, np.inf], [0.0, np.inf], [-cosine, cosine], [-1.0, 1.0], [-1.0, 0.0]])
    p4, volume = np.empty((n, 3, 4)), np.empty(n)
    x = np.random.default_rng(6).random((n, 6))
    radiative_points(x, np.full(n, SQRT_S), np.array([beam, mass]), limits, shares, p4, volume)
    # ∫ ds'/2π Φ2(s; s', 0) Φ2(s'; m, m) over the photon's energy, times the fraction of its directions.
    s = SQRT_S**2
    nodes, weights = np.polynomial.legendre.leggauss(200)
    low, high = 2.0 * mass, np.sqrt(s - 2.0 * SQRT_S * k_low)
    m = 0.5 * (high + low) + 0.5 * (high - low) * nodes
    integrand = (
        2.0 * m * (1.0 - m**2 / s) * np.sqrt(1.0 - 4.0 * mass**2 / m**2) / (8.0 * np.pi) ** 2 / (2.0 * np.pi)
    )
    expected = cosine * 0.5 * (high - low) * weights @ integrand
    error = volume.std() / np.sqrt(n)
    assert error < 0.02 * expected
    assert volume.mean() == pytest.approx(expected, abs=4.0 * error)
    kept = p4[volume > 0.0]
    np.testing.assert_allclose(kept.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (len(kept), 1)), atol=1e-12)
    np.testing.assert_allclose(mass_squared(kept[:, :2]), mass**2, atol=1e-11)


def test_mumugamma_cross_section() -> None:
    """MadGraph5_aMC@NLO and Sherpa at lowest order: 206.25(30) pb."""
    _, weight = weighted(MuMuGamma(), {"photon_energy": (0.1, None), "photon_theta": (10.0, 170.0)}, 200_000)
    agrees(weight, 206.25, 0.3)


def test_mumugamma_at_low_mass_is_the_radiator_times_the_point_cross_section() -> None:
    """Final state radiation adds 0.3% at 0.5 GeV for photons at wide angles."""
    cuts = {"photon_energy": (0.1, None), "cos_theta": (-0.95, 0.95), "dimuon_mass": (0.3, 0.5)}
    _, weight = weighted(MuMuGamma(), cuts, 100_000)
    m = np.linspace(0.3, 0.5, 201)
    s, c = SQRT_S**2, 0.95
    x = 1.0 - m**2 / s
    radiator = ALPHA / np.pi / x * ((2.0 - 2.0 * x + x**2) * np.log((1 + c) / (1 - c)) - x**2 * c)
    beta = np.sqrt(1.0 - 4.0 * MUON_MASS_GEV**2 / m**2)
    point = 4.0 * np.pi * ALPHA**2 / (3.0 * m**2) * beta * (3.0 - beta**2) / 2.0
    expected = GEV2_PB * np.trapezoid(2.0 * m / s * radiator * point, m)
    agrees(weight, float(expected), 0.005 * float(expected))


def test_every_dimuon_mass_has_statistics() -> None:
    p4, weight = weighted(MuMuGamma(), {"photon_energy": (0.1, None), "photon_theta": (10.0, 170.0)}, 100_000)
    mass = np.sqrt(mass_squared(p4[:, 0] + p4[:, 1]))
    edges = [2.0 * MUON_MASS_GEV, 0.25, 0.3, 0.5, 1.0, *range(2, 10), 10.45]
    for low, high in pairwise(edges):
        inside = weight[(mass >= low) & (mass < high)]
        effective = inside.sum() ** 2 / (inside**2).sum()
        assert effective > 1000, f"{low}-{high} GeV"


def test_tautaugamma_is_below_mumugamma() -> None:
    cuts = {"photon_energy": (0.5, None), "photon_theta": (20.0, 160.0)}
    _, muons = weighted(MuMuGamma(), cuts, 50_000)
    _, taus = weighted(TauTauGamma(), cuts, 50_000)
    assert 0.3 < taus.sum() / muons.sum() < 0.6


def test_eegamma_with_both_electrons_along_the_beams() -> None:
    """An independent tree-level code with its own phase space: 904.7(3.0) pb."""
    cuts = {"photon_energy": (1.8, None), "photon_theta": (20.0, 160.0), "electron_beam_angle": (0.0, 17.0)}
    p4, weight = weighted(EEGamma(), cuts, 1_500_000)
    agrees(weight, 904.7, 3.0)
    # Momentum transfers go down to where only the electron's mass bounds them.
    assert np.hypot(p4[..., 0], p4[..., 1])[:, :2].min() < ELECTRON_MASS_GEV


NEAR_THE_BEAMS: tuple[Cuts, ...] = (
    {"photon_energy": (2.05, None), "photon_theta": (33.0, 147.0), "electron_beam_angle": (None, 19.5)},
    {"photon_energy": (1.7, None), "photon_theta": (51.0, 116.0), "electron_beam_angle": (None, 27.5)},
)


@pytest.mark.parametrize("cuts", NEAR_THE_BEAMS)
def test_both_phase_spaces_of_electrons_near_the_beams_agree(cuts: Cuts) -> None:
    """Transverse momenta around the beams, against fourteen channels of splittings in invariant masses."""
    process = EEGamma()
    _, ours = weighted(process, cuts, 400_000)
    splittings = EEGamma()
    splittings._small_angle = lambda cuts: None  # type: ignore[method-assign]
    _, theirs = weighted(splittings, cuts, 800_000, seed=2)
    errors = [float(np.sqrt((weight**2).sum())) for weight in (ours, theirs)]
    assert errors[0] < 0.011 * ours.sum()
    assert abs(ours.sum() - theirs.sum()) < 3.5 * np.hypot(*errors)


def test_ten_seeds_of_electrons_near_the_beams_scatter_as_their_errors_say() -> None:
    """The fourteen channels of splittings give 36.23(16) pb with 9e6 trials; a missed peak shows in the errors."""
    cuts = NEAR_THE_BEAMS[0]
    values, errors = [], []
    for seed in range(10):
        _, weight = weighted(EEGamma(), cuts, 100_000, seed)
        values.append(weight.sum())
        errors.append(np.sqrt((weight**2).sum()))
    mean = np.mean(values)
    pulls = (np.array(values) - mean) / np.array(errors)
    # χ² of nine degrees of freedom: 1e-3 on either side.
    assert 1.15 < (pulls**2).sum() < 27.9
    assert max(errors) < 1.3 * min(errors)
    assert mean == pytest.approx(36.23, abs=4.0 * np.hypot(0.16, np.linalg.norm(errors) / 10.0))


@pytest.mark.parametrize("energy", [1.0, 10.58])
def test_small_angle_map_fills_the_volume_of_phase_space(energy: float) -> None:
    """Against uniform decays of three bodies: every photon and electron within the bounds, each way round."""
    n, lost = 400_000, np.radians(60.0)
    bounds = SmallAngle((0.1 * energy, np.inf), (-0.4, 0.3), float(lost))
    rng = np.random.default_rng(3)
    p4, volume = small_angle_points(rng.random((n, 6)), np.full(n, energy), bounds)
    # The invariant volume in k and the pair's direction in its rest frame, massless: dΦ3 = k dk dcosθ/8π² 1/8π.
    k = rng.uniform(0.1 * energy, 0.5 * energy, n)
    c, phi = rng.uniform(-0.4, 0.3, n), rng.uniform(0.0, 2.0 * np.pi, n)
    photon = from_spherical(k, c, phi, 0.0)
    pair = np.zeros((n, 4))
    pair[:, 3] = energy
    pair -= photon
    first, second = two_body_decay(
        pair,
        ELECTRON_MASS_GEV,
        ELECTRON_MASS_GEV,
        rng.uniform(-1.0, 1.0, n),
        rng.uniform(0.0, 2.0 * np.pi, n),
    )
    flat = k * 0.4 * energy * 0.7 / (8.0 * np.pi**2) / (8.0 * np.pi)
    cosine = np.cos(lost)
    pairs = np.stack([first, second], axis=1)
    for side, precision in ((1.0, 0.02), (-1.0, 0.08)):
        expected, ours = (
            np.where(
                (side * np.array([1.0, -1.0]) * np.cos(polar_angle(p)) > cosine).all(axis=1), weight, 0.0
            )
            for p, weight in ((pairs, flat), (p4[:, :2], volume))
        )
        error = np.hypot(ours.std(), expected.std()) / np.sqrt(n)
        assert error < precision * expected.mean()
        assert ours.mean() == pytest.approx(expected.mean(), abs=4.0 * error)
    np.testing.assert_allclose(p4[volume > 0.0].sum(axis=1)[:, 3], energy, rtol=1e-12)


def test_eegamma_ends_at_the_kinematic_edge() -> None:
    """Two electrons at the edge of 20° holes and a photon at 90°: E (1 + 1/sin 20°) = √s."""
    edge = SQRT_S / (1.0 + 1.0 / np.sin(np.radians(20.0)))
    cuts = {
        "photon_energy": (0.9 * edge, None),
        "photon_theta": (89.9, 90.1),
        "electron_beam_angle": (0.0, 20.0),
    }
    p4, _ = weighted(EEGamma(), cuts, 100_000)
    highest = p4[:, 2, 3].max()
    assert 0.95 * edge < highest < 1.003 * edge


def test_eegamma_at_wide_angles_agrees_between_channel_mixtures() -> None:
    """The cut on the mass changes mixture, limits and mapping; the sum over two windows must not notice."""
    cuts: dict[str, tuple[float | None, float | None]] = {
        "photon_energy": (0.2, None),
        "photon_theta": (20.0, 160.0),
        "electron_theta": (20.0, 160.0),
    }
    p4, weight = weighted(EEGamma(), {**cuts, "dielectron_mass": (0.02, None)}, 400_000)
    low = np.sqrt(mass_squared(p4[:, 0] + p4[:, 1])) < 1.9
    _, window = weighted(EEGamma(), {**cuts, "dielectron_mass": (0.02, 1.9)}, 200_000)
    combined = np.hypot(np.sqrt((weight[low] ** 2).sum()), np.sqrt((window**2).sum()))
    assert combined < 0.06 * window.sum()
    assert abs(weight[low].sum() - window.sum()) < 4.0 * combined


def test_events_pass_the_cuts() -> None:
    cuts = {
        "photon_energy": (0.2, 2.0),
        "photon_theta": (20.0, None),
        "muon_theta": (30.0, 150.0),
        "dimuon_mass": (8.0, None),
    }
    p4, weight = weighted(MuMuGamma(), cuts, 50_000)
    assert len(weight) > 5000
    assert passes(p4, (13, -13, 22), cuts).all()


def test_no_events_below_threshold() -> None:
    process = TauTauGamma()
    p4, weight = process.evaluate(
        np.random.default_rng(1).random((10, 6)), np.full(10, 3.6), {}, {"photon_energy": (0.1, None)}
    )
    assert (weight == 0.0).all()
    assert np.isfinite(p4).all()


def test_cuts_that_diverge_are_refused() -> None:
    with pytest.raises(UmbraError, match="needs the cut 'photon_energy'"):
        MuMuGamma().check_cuts({})
    with pytest.raises(UmbraError, match="lower end above 0"):
        MuMuGamma().check_cuts({"photon_energy": (None, 2.0)})
    with pytest.raises(UmbraError, match="both ends"):
        EEGamma().check_cuts({"photon_energy": (0.1, None), "photon_theta": (20.0, None)})
    EEGamma().check_cuts({"photon_energy": (0.1, None), "electron_theta": (20.0, 160.0)})


def test_threshold_is_where_events_begin() -> None:
    process = MuMuGamma()
    cuts = {"photon_energy": (0.5, None), "dimuon_mass": (3.0, None)}
    threshold = process.threshold_gev({}, cuts)
    x = np.random.default_rng(1).random((100, 6))
    below = process.evaluate(x, np.full(100, 0.999 * threshold), {}, cuts)[1]
    above = process.evaluate(x, np.full(100, 1.001 * threshold), {}, cuts)[1]
    assert (below == 0.0).all()
    assert (above > 0.0).all()


def test_weighted_samples_keep_low_masses() -> None:
    """A grid that follows the cross-section would leave the low masses to chance."""
    machine = Machine("symmetric", 5.29, 5.29)
    cuts = {"photon_energy": (0.2, None), "photon_theta": (20.0, 160.0)}
    sampler = Sampler(MuMuGamma(), machine, {}, cuts, rng=np.random.default_rng(1), weighted=True)
    events = sampler.generate(50_000, np.random.default_rng(2)).events
    mass = np.sqrt(mass_squared(events.p4[:, 0] + events.p4[:, 1]))
    low = mass < 0.3
    assert low.mean() > 0.03
    assert events.weight[low].sum() < 0.6 * low.mean() * events.weight.sum()
