"""Phase space and cross-sections of four-lepton final states."""

import inspect
from collections.abc import Sequence

import numpy as np
import pytest

from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB, MUON_MASS_GEV, PION_MASS_GEV, TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, mass_squared, momentum
from umbra.generation.processes import qed_amplitudes
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Process
from umbra.generation.processes.qed_amplitudes import (
    ANNIHILATION,
    WITH_EXCHANGE,
    WITH_SCATTERING,
    four_lepton,
)
from umbra.generation.processes.qed_four_lepton import (
    EEMuMu,
    EEPiPi,
    EETauTau,
    FourElectron,
    FourMuon,
    MuMuTauTau,
    signal_to_background,
)
from umbra.generation.processes.qed_phase_space import (
    CASCADE,
    CENTRAL,
    COLLISION,
    COMPTON,
    PAIRS,
    four_lepton_points,
)

SQRT_S = 10.58
BATCH = 50_000
#: Channels of photon collisions within windows, and the windows: two narrow ones and none.
CENTRAL_CHANNELS = tuple((CENTRAL + i, 0, 1, 2, 3) for i in range(3))
WINDOWS = np.array([[-1.0, 0.6, 1.0], [-1.5, 1.2, 0.7], [-20.0, 20.0, 0.0]])


def weighted(process: Process, cuts: Cuts, n: int, seed: int = 1) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    root = np.full(BATCH, SQRT_S)
    batches = []
    for _ in range(n // BATCH):
        p4, weight = process.evaluate(rng.random((BATCH, process.dimensions)), root, {}, cuts)
        batches.append((p4[weight > 0.0], weight[weight > 0.0] / n))
    return np.concatenate([p4 for p4, _ in batches]), np.concatenate([weight for _, weight in batches])


def agrees(weight: Array, expected: float, error: float) -> None:
    own = np.sqrt((weight**2).sum())
    assert own < 0.01 * expected
    assert abs(weight.sum() - expected) < max(0.01 * expected, 3.0 * np.hypot(own, error))


def points(
    n: int,
    beam: float,
    masses: list[float],
    low: dict[tuple[int, int], float],
    channels: Sequence[tuple[int, ...]],
    highest: float = np.inf,
) -> tuple[Array, Array]:
    """Phase space with channels in equal shares; the first pair's mass stays below `highest`."""
    low2, high2 = np.zeros((4, 4)), np.full((4, 4), np.inf)
    for i, j in ((0, 1), (0, 3), (2, 1), (2, 3)):
        low2[i, j] = low2[j, i] = max(masses[i] + masses[j], low.get((i, j), 0.0)) ** 2
    high2[0, 1] = high2[1, 0] = highest**2
    p4, volume = np.empty((n, 4, 4)), np.empty(n)
    shares = np.full(len(channels), 1.0 / len(channels))
    x = np.random.default_rng(6).random((n, 9))
    four_lepton_points(
        *(x, np.full(n, SQRT_S), beam, np.array(masses), low2, high2, WINDOWS),
        *(np.array(channels), shares, p4, volume),
    )
    return p4, volume


def two_body(s: Array, s1: Array | float, s2: Array | float) -> Array:
    kallen = (s - s1 - s2) ** 2 - 4.0 * s1 * s2
    return np.sqrt(np.maximum(kallen, 0.0)) / (8.0 * np.pi * s)


@pytest.mark.parametrize(
    ("beam", "light", "heavy", "channels", "highest"),
    [
        (1e-3, 0.3, 0.3, FourMuon.channels, np.inf),
        (0.3, 0.3, 1.0, EEMuMu.channels, np.inf),
        (ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, 0.5, EEMuMu.channels, np.inf),
        (0.3, 0.3, 1.0, (*CENTRAL_CHANNELS, *EEMuMu.channels), 6.0),
        (ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, 0.5, (*CENTRAL_CHANNELS, *EEMuMu.channels), 6.0),
    ],
)
def test_density_sum_gives_the_volume_of_phase_space(
    beam: float, light: float, heavy: float, channels: Sequence[tuple[int, ...]], highest: float
) -> None:
    n, low, top = 100_000, {(0, 1): 1.5, (2, 3): 2.2}, min(highest, SQRT_S - 2.2)
    p4, volume = points(n, beam, [light, light, heavy, heavy], low, channels, highest)
    nodes, weights = np.polynomial.legendre.leggauss(120)
    m1 = (0.5 * (top + 1.5) + 0.5 * (top - 1.5) * nodes)[:, None]
    half = 0.5 * (SQRT_S - m1 - 2.2)
    m2 = 2.2 + half * (1.0 + nodes)
    integrand = two_body(SQRT_S**2, m1**2, m2**2) * two_body(m1**2, light**2, light**2)
    integrand *= two_body(m2**2, heavy**2, heavy**2) * 4.0 * m1 * m2 / (2.0 * np.pi) ** 2
    expected = float((integrand @ weights * half[:, 0]) @ weights * 0.5 * (top - 1.5))
    error = volume.std() / np.sqrt(n)
    assert error < 0.02 * expected
    assert volume.mean() == pytest.approx(expected, abs=4.0 * error)
    kept = p4[volume > 0.0]
    np.testing.assert_allclose(kept.sum(axis=1), np.tile([0.0, 0.0, 0.0, SQRT_S], (len(kept), 1)), atol=1e-12)
    on_shell = np.sqrt(momentum(kept) ** 2 + np.array([light, light, heavy, heavy]) ** 2)
    np.testing.assert_allclose(kept[..., 3], on_shell, rtol=1e-12)


def test_four_muon_cross_section() -> None:
    """MadGraph5_aMC@NLO and Sherpa at lowest order: 0.3354(8) pb."""
    _, weight = weighted(FourMuon(), {}, 200_000)
    agrees(weight, 0.3354, 0.0008)


def test_ee_mumu_cross_section() -> None:
    """An independent tree-level code with its own phase space: 18680(90) pb."""
    cuts = {"dimuon_mass": (0.5, None), "dielectron_mass": (0.5, None)}
    p4, weight = weighted(EEMuMu(), cuts, 300_000)
    agrees(weight, 18680.0, 90.0)
    # Both electrons stay in the beam pipe most of the time.
    angle = np.arctan2(np.hypot(p4[:, :2, 0], p4[:, :2, 1]), np.abs(p4[:, :2, 2]))
    lost = (np.degrees(angle) < 5.0).all(axis=1)
    assert weight[lost].sum() > 0.7 * weight.sum()


def test_trials_are_where_cuts_leave_photon_collisions() -> None:
    """Muons across the beams and a recoil well below √s: 34.1(3) pb with the channels for no cuts, from 2e6 trials."""
    cuts = {"dimuon_mass": (0.5, None), "dielectron_mass": (None, 7.5), "muon_theta": (40.0, 140.0)}
    _, weight = weighted(EEMuMu(), cuts, 200_000)
    assert abs(weight.sum() - 34.1) < 3.0 * np.hypot(np.sqrt((weight**2).sum()), 0.3)
    # The relative error of one trial; 17 where the channels do not know of the cuts.
    assert np.sqrt(200_000 * (weight**2).sum()) < 6.0 * weight.sum()


def equivalent_photons(w: Array, cross_section: Array) -> float:
    """Leading logarithm of quasi-real photons, Brodsky et al., Phys. Rev. D 4 (1971) 1532: 15% too high."""
    tau = w**2 / SQRT_S**2
    log = np.log(SQRT_S / (2.0 * ELECTRON_MASS_GEV))
    photons = (2.0 + tau) ** 2 * np.log(1.0 / tau) - 2.0 * (1.0 - tau) * (3.0 + tau)
    photons = (ALPHA / np.pi * log) ** 2 * photons / tau
    return float(GEV2_PB * np.trapezoid(photons * cross_section * 2.0 * w / SQRT_S**2, w))


def test_photon_collisions_approach_equivalent_photons() -> None:
    w = np.linspace(1.0, 1.1, 41)
    _, weight = weighted(EEMuMu(), {"dimuon_mass": (1.0, 1.1)}, 100_000)
    assert 0.75 < weight.sum() / equivalent_photons(w, photons_to_leptons(w, MUON_MASS_GEV)) < 1.0


def photons_to_leptons(w: Array, mass_gev: float) -> Array:
    """Cross-section of two real photons of mass w in GeV^-2."""
    beta = np.sqrt(1.0 - 4.0 * mass_gev**2 / w**2)
    log = np.log((1.0 + beta) / (1.0 - beta))
    result: Array = (
        4.0 * np.pi * ALPHA**2 / w**2 * beta * ((3.0 - beta**4) / (2.0 * beta) * log - 2.0 + beta**2)
    )
    return result


def test_photons_collide_to_taus() -> None:
    """Near the threshold, where they are nearly all that there is."""
    p4, weight = weighted(EETauTau(), {}, 200_000)
    mass = np.sqrt(mass_squared(p4[:, 2] + p4[:, 3]))
    w = np.linspace(2.0 * TAU_MASS_GEV + 0.01, 5.0, 81)
    inside = (mass > w[0]) & (mass < w[-1])
    assert 0.65 < weight[inside].sum() / equivalent_photons(w, photons_to_leptons(w, TAU_MASS_GEV)) < 1.0


def test_radiated_electrons_do_not_depend_on_how_channels_share(monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = {"dielectron_mass": (0.02, 0.3), "electron_theta": (10.0, 170.0)}
    sums = []
    for radiated in (1.0, 5.0):
        shares = {COLLISION: 1.0, COMPTON: 1.0, PAIRS: 1.0, CASCADE: radiated}
        monkeypatch.setattr(EETauTau, "shares", shares)
        _, weight = weighted(EETauTau(), cuts, 100_000)
        sums.append((weight.sum(), (weight**2).sum()))
    difference, error = sums[0][0] - sums[1][0], np.sqrt(sums[0][1] + sums[1][1])
    assert error < 0.02 * sums[0][0]
    assert abs(difference) < 4.0 * error


def test_pions_approach_equivalent_photons_as_muons_do() -> None:
    p4, weight = weighted(EEPiPi(), {}, 200_000)
    mass = np.sqrt(mass_squared(p4[:, 2] + p4[:, 3]))
    w = np.linspace(0.4, 0.8, 81)
    beta = np.sqrt(1.0 - 4.0 * PION_MASS_GEV**2 / w**2)
    log = np.log((1.0 + beta) / (1.0 - beta))
    # Total cross-section of scalar electrodynamics, from its own integral.
    pions = 2.0 * np.pi * ALPHA**2 / w**2 * (beta * (2.0 - beta**2) - 0.5 * (1.0 - beta**4) * log)
    inside = (mass > 0.4) & (mass < 0.8)
    assert 0.75 < weight[inside].sum() / equivalent_photons(w, pions) < 1.0


def test_different_flavours_are_four_muons_without_interference() -> None:
    """Half of σ(μμμ'μ') with a twin of the muon: 0.3472 pb without the interference of exchange."""
    n = 100_000
    p4, volume = points(n, ELECTRON_MASS_GEV, [MUON_MASS_GEV] * 4, {}, FourMuon.channels)
    root = np.full(n, SQRT_S)
    masses = (ELECTRON_MASS_GEV, MUON_MASS_GEV, MUON_MASS_GEV)
    flux = 2.0 * SQRT_S**2

    def cross_section(pairings: Array) -> float:
        squared = four_lepton(p4, root, masses, pairings, beam_helicity_flip=False)
        return float(GEV2_PB * (squared * volume).mean() / flux)

    distinct = 0.5 * cross_section(ANNIHILATION)
    identical = 0.25 * cross_section(WITH_EXCHANGE)
    assert distinct == pytest.approx(0.3472, rel=0.015)
    # The interference lowers the cross-section by 3.6%; both use the same events.
    assert identical / distinct == pytest.approx(1.0 - 0.036, abs=0.006)


def test_radiation_of_a_pair_factorises() -> None:
    """One muon line that radiates a pair of mass m: σ_V(m) (2α/3πm) β(3-β²)/2.

    σ_V = 99.563 pb for a vector of mass 1 GeV and unit coupling, from its own amplitude (traces).
    """
    n, low, high = 100_000, 0.95, 1.05
    channels = np.array([[1, 0, 1, 2, 3], [1, 1, 0, 2, 3]])
    low2, high2 = np.full((4, 4), 4.0 * MUON_MASS_GEV**2), np.full((4, 4), np.inf)
    low2[2, 3], high2[2, 3] = low**2, high**2
    p4, volume = np.empty((n, 4, 4)), np.empty(n)
    x, root = np.random.default_rng(3).random((n, 9)), np.full(n, SQRT_S)
    shares, masses = np.full(2, 0.5), np.full(4, MUON_MASS_GEV)
    four_lepton_points(x, root, ELECTRON_MASS_GEV, masses, low2, high2, WINDOWS, channels, shares, p4, volume)
    line = np.array([[False, True, False]])
    squared = four_lepton(p4, root, (ELECTRON_MASS_GEV, MUON_MASS_GEV, MUON_MASS_GEV), ANNIHILATION, line)
    weight = GEV2_PB * squared * volume / (2.0 * SQRT_S**2)
    beta = np.sqrt(1.0 - 4.0 * MUON_MASS_GEV**2)
    expected = 4.0 * np.pi * ALPHA * 99.563 * 2.0 * ALPHA / (3.0 * np.pi) * beta * (3.0 - beta**2) / 2.0
    # σ_V falls slowly: the mean over the window is its middle to 0.2%.
    assert weight.mean() == pytest.approx(expected * (high - low), rel=0.012)


def test_lost_electrons_do_not_lose_digits() -> None:
    """The same amplitude in extended precision, with momentum transfers down to 1e-12 GeV²."""
    p4, _ = weighted(EEMuMu(), {"dimuon_mass": (0.3, None)}, BATCH)
    transverse = np.hypot(p4[:, :2, 0], p4[:, :2, 1]).max(axis=1)
    p4 = p4[np.argsort(transverse)[:20]]
    exact = p4.astype(np.longdouble)
    exact[:, 1, :3] = -exact[:, [0, 2, 3], :3].sum(axis=1)
    masses = np.array([ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, MUON_MASS_GEV, MUON_MASS_GEV], np.longdouble)
    exact[..., 3] = np.sqrt((exact[..., :3] ** 2).sum(axis=-1) + masses**2)
    root = exact[..., 3].sum(axis=1)
    source = inspect.getsource(qed_amplitudes)
    for plain, wide in (("@compiled", ""), ("np.zeros(64,", "np.zeros(64, "), ("complex128", "clongdouble")):
        source = source.replace(plain, wide)
    source = source.replace("np.zeros((3, 4))", "np.zeros((3, 4), np.longdouble)")
    source = source.replace("np.zeros(3)", "np.zeros(3, np.longdouble)")
    source = source.replace(
        "complex(p[0] * norm, p[1] * norm)", "np.clongdouble(p[0] * norm + 1j * p[1] * norm)"
    )
    wide_module: dict[str, object] = {"__name__": "wide"}
    exec(compile(source, "wide", "exec"), wide_module)
    out = np.empty(20, np.longdouble)
    chosen = np.ones((2, 3), np.bool_)
    three = np.array([ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, MUON_MASS_GEV], np.longdouble)
    kernel = wide_module["spin_sums"]
    assert callable(kernel)
    kernel(exact, root, three, WITH_SCATTERING, np.array([1.0, -1.0]), chosen, True, np.empty((0, 2, 4)), out)
    double = four_lepton(
        exact.astype(np.float64),
        root.astype(np.float64),
        (ELECTRON_MASS_GEV, ELECTRON_MASS_GEV, MUON_MASS_GEV),
        WITH_SCATTERING,
    )
    np.testing.assert_allclose(double, (qed_amplitudes.CHARGE2**4 * out).astype(np.float64), rtol=1e-9)


def test_discriminant_prefers_the_muons_that_radiate() -> None:
    p4, weight = weighted(FourMuon(), {}, BATCH)
    root = np.full(len(p4), SQRT_S)
    ratio = {pair: signal_to_background(p4, root, pair) for pair in ((0, 1), (2, 3), (0, 3), (2, 1))}
    # Identical muons: the label of a pair carries no information.
    swapped = signal_to_background(np.ascontiguousarray(p4[:, [2, 3, 0, 1]]), root, (0, 1))
    np.testing.assert_allclose(swapped, ratio[2, 3], rtol=1e-9)
    swapped = signal_to_background(np.ascontiguousarray(p4[:, [0, 3, 2, 1]]), root, (0, 1))
    np.testing.assert_allclose(swapped, ratio[0, 3], rtol=1e-9)
    # At fixed candidate mass the mean of |M_signal|²/|M_4μ|² over the background is the signal's
    # cross-section, and its mean over the signal is larger (Cauchy and Schwarz).
    mass = np.sqrt(mass_squared(p4[:, 0] + p4[:, 1]))
    near = (mass > 1.8) & (mass < 2.2)
    background = np.average(ratio[0, 1][near], weights=weight[near])
    signal = np.average(ratio[0, 1][near], weights=(weight * ratio[0, 1])[near])
    assert signal > 3.0 * background


def test_thresholds_and_required_cuts() -> None:
    cuts = {"dimuon_mass": (0.5, None), "dielectron_mass": (1.0, None)}
    assert EEMuMu().threshold_gev({}, cuts) == pytest.approx(1.5)
    assert FourMuon().threshold_gev({}, {}) == pytest.approx(4.0 * MUON_MASS_GEV)
    p4, weight = MuMuTauTau().evaluate(np.random.default_rng(1).random((50, 9)), np.full(50, 3.7), {}, {})
    assert (weight == 0.0).all()
    assert np.isfinite(p4).all()
    with pytest.raises(UmbraError, match="dielectron_mass"):
        FourElectron().check_cuts({})


def test_four_electrons_pass_their_cuts() -> None:
    cuts = {"dielectron_mass": (0.5, None), "electron_theta": (10.0, 170.0)}
    p4, weight = weighted(FourElectron(), cuts, BATCH)
    masses = [np.sqrt(mass_squared(p4[:, i] + p4[:, j])) for i in (0, 2) for j in (1, 3)]
    assert len(weight) > 100
    assert np.min(masses) >= 0.5
