"""Tau decays against closed forms, an explicit trace of Dirac matrices, and Pythia 8."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from umbra.core.constants import TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import boost_from_rest, boost_to_rest, dot, from_spherical
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.generation import pythia
from umbra.generation.decays import tau, tau_channels, tau_spin
from umbra.generation.decays.registry import find as find_decay

SYMMETRIC = Machine("symmetric", 5.29, 5.29)
BELLE2 = Machine("belle2", 7.007, 4.002, 83.0)
LEPTONS = ("enunu", "mununu")


def pairs(machine, n, rng):
    """Unpolarised Born cross-section: 1 + cos^2 + sin^2/gamma^2."""
    energy = 0.5 * machine.sqrt_s_gev
    cos = rng.uniform(-1.0, 1.0, 3 * n)
    shape = 1.0 + cos**2 + (1.0 - cos**2) * (TAU_MASS_GEV / energy) ** 2
    cos = cos[2.0 * rng.random(3 * n) < shape][:n]
    k = np.full(n, np.sqrt(energy**2 - TAU_MASS_GEV**2))
    minus = from_spherical(k, cos, rng.uniform(-np.pi, np.pi, n), TAU_MASS_GEV)
    plus = minus * np.array([-1.0, -1.0, -1.0, 1.0])
    return Events.from_momenta((15, -15), machine.to_lab(np.stack([minus, plus], axis=1)))


def random_units(n, rng):
    v = rng.standard_normal((n, 3))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


# --- spin correlation against Dirac matrices
# -----------------------------------------------------------------------

_SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
GAMMA0 = np.block([[_ONE, _ZERO], [_ZERO, -_ONE]])
GAMMA = [np.block([[_ZERO, s], [-s, _ZERO]]) for s in _SIGMA] + [GAMMA0]
GAMMA5 = np.block([[_ZERO, _ONE], [_ONE, _ZERO]])
METRIC = np.diag([-1.0, -1.0, -1.0, 1.0])


def slash(p):
    return sum(METRIC[i, i] * p[i] * GAMMA[i] for i in range(4))


def projectors(minus, plus, s_minus, s_plus):
    spin_minus = boost_from_rest(np.array([*s_minus, 0.0]), minus)
    spin_plus = boost_from_rest(np.array([*s_plus, 0.0]), plus)
    identity = np.eye(4)
    u = (slash(minus) + TAU_MASS_GEV * identity) @ (identity + GAMMA5 @ slash(spin_minus)) / 2.0
    v = (slash(plus) - TAU_MASS_GEV * identity) @ (identity + GAMMA5 @ slash(spin_plus)) / 2.0
    return u, v


def vector_rate(tensor):
    """Rate of a current that is contracted with `tensor` (upper indices)."""

    def rate(u, v):
        total = 0.0
        for i in range(4):
            for j in range(4):
                total += (
                    METRIC[i, i] * METRIC[j, j] * tensor[i, j] * np.trace(u @ GAMMA[i] @ v @ GAMMA[j]).real
                )
        return total

    return rate


def relative(rate, minus, plus, s_minus, s_plus):
    same = rate(*projectors(minus, plus, s_minus, s_plus))
    opposite = rate(*projectors(minus, plus, s_minus, -s_plus))
    return (same - opposite) / (same + opposite)


def test_spin_correlation_is_that_of_the_dirac_traces():
    rng = generator("test", "trace")
    events = pairs(BELLE2, 8, rng)
    s_minus, s_plus = random_units(8, rng), random_units(8, rng)
    correlation = tau_spin.Pair(events.p4[:, 0], events.p4[:, 1], BELLE2).correlation(s_minus, s_plus)
    beams = BELLE2.to_lab(np.array([[0.0, 0.0, 5.0, 5.0], [0.0, 0.0, -5.0, 5.0]]))
    electron, positron = beams
    tensor = np.outer(electron, positron) + np.outer(positron, electron) - METRIC * dot(electron, positron)
    for i in range(8):
        taus = events.p4[i, 0], events.p4[i, 1]
        assert relative(vector_rate(tensor), *taus, s_minus[i], s_plus[i]) == pytest.approx(
            correlation[i], abs=1e-10
        )


@pytest.mark.parametrize(
    ("source", "rate"),
    [
        ("vector", vector_rate(-METRIC)),
        ("scalar", lambda u, v: np.trace(u @ v).real),
        ("pseudoscalar", lambda u, v: -np.trace(u @ GAMMA5 @ v @ GAMMA5).real),
    ],
)
def test_spin_correlation_of_new_particles_is_that_of_the_dirac_traces(source, rate):
    rng = generator("test", source)
    events = pairs(BELLE2, 5, rng)
    s_minus, s_plus = random_units(5, rng), random_units(5, rng)
    pair = tau_spin.Pair(events.p4[:, 0], events.p4[:, 1], BELLE2, source)
    correlation = pair.correlation(s_minus, s_plus)
    for i in range(5):
        taus = events.p4[i, 0], events.p4[i, 1]
        assert relative(rate, *taus, s_minus[i], s_plus[i]) == pytest.approx(correlation[i], abs=1e-10)


def test_radiation_along_a_beam_leaves_the_axis_of_the_pair_alone():
    rng = generator("test", "radiation")
    events = pairs(SYMMETRIC, 50, rng)
    spins = random_units(50, rng), random_units(50, rng)
    still = tau_spin.Pair(events.p4[:, 0], events.p4[:, 1], SYMMETRIC).correlation(*spins)
    moved = boost_from_rest(events.p4, np.array([0.0, 0.0, 3.0, 8.0]))
    # Spin vectors are turned by the boost; carry them along as four-vectors.
    turned = []
    for slot, spin in enumerate(spins):
        four = boost_from_rest(np.concatenate([spin, np.zeros((50, 1))], axis=1), events.p4[:, slot])
        four = boost_from_rest(four, np.array([0.0, 0.0, 3.0, 8.0]))
        turned.append(boost_to_rest(four, moved[:, slot])[:, :3])
    assert tau_spin.Pair(moved[:, 0], moved[:, 1], SYMMETRIC).correlation(*turned) == pytest.approx(
        still, abs=1e-10
    )


# --- channels against closed forms
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", tau_channels.SAMPLERS)
def test_momentum_is_conserved_and_the_polarimeter_is_a_unit_vector(name):
    decays = tau_channels.SAMPLERS[name](500, generator("test", name))
    total = np.array([0.0, 0.0, 0.0, TAU_MASS_GEV])
    assert np.abs(decays.p4.sum(axis=1) - total).max() < 1e-9
    assert np.linalg.norm(decays.polarimeter, axis=1) == pytest.approx(np.ones(500), abs=1e-9)
    assert len(decays.pdg_id) == decays.p4.shape[1]


def test_charge_of_the_products():
    charge = {11: -1, 13: -1, 211: 1, 321: 1}
    for name, sampler in tau_channels.SAMPLERS.items():
        ids = sampler(1, generator("test", name)).pdg_id
        assert sum(np.sign(i) * charge.get(abs(i), 0) for i in ids) == -1


def test_electron_has_the_michel_spectrum():
    # x = E/E_max up to corrections of (m_e/m_tau)^2: dGamma/dx = 2 x^2 (3 - 2x), hence x^3 (2 - x).
    decays = tau_channels.SAMPLERS["enunu"](20_000, generator("test", "michel"))
    x = 2.0 * decays.p4[:, 0, 3] / TAU_MASS_GEV
    assert stats.kstest(x, lambda v: np.clip(v, 0, 1) ** 3 * (2.0 - np.clip(v, 0, 1))).pvalue > 0.01


def test_muon_spectrum_with_its_mass():
    # Lowest order with the mass: k (3 m E (m^2 + m_l^2) - 4 m^2 E^2 - 2 m^2 m_l^2), k the muon's momentum.
    m, mass = TAU_MASS_GEV, tau_channels.MUON_MASS_GEV
    energy = np.linspace(mass, (m**2 + mass**2) / (2 * m), 4001)
    rate = np.sqrt(energy**2 - mass**2) * (
        3 * energy * (m**2 + mass**2) - 4 * m * energy**2 - 2 * m * mass**2
    )
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]))])
    decays = tau_channels.SAMPLERS["mununu"](20_000, generator("test", "muon"))
    assert (
        stats.kstest(decays.p4[:, 0, 3], lambda e: np.interp(e, energy, cumulative / cumulative[-1])).pvalue
        > 0.01
    )


def analysing_power(value, power, edges, expected):
    """Compare the mean of h.n in bins with the closed form, by chi-squared."""
    chi2 = 0.0
    for low, high in pairwise(edges):
        here = (value >= low) & (value < high)
        error = power[here].std() / np.sqrt(here.sum())
        chi2 += ((power[here].mean() - expected(value[here]).mean()) / error) ** 2
    return stats.chi2.sf(chi2, len(edges) - 1)


def test_electron_analyses_the_spin_as_in_muon_decay():
    # d2Gamma/dx dcos ~ x^2 ((3 - 2x) + P cos (1 - 2x)).
    decays = tau_channels.SAMPLERS["enunu"](40_000, generator("test", "power"))
    electron = decays.p4[:, 0]
    x = 2.0 * electron[:, 3] / TAU_MASS_GEV
    unit = electron[:, :3] / np.linalg.norm(electron[:, :3], axis=1, keepdims=True)
    power = (unit * decays.polarimeter).sum(axis=1)
    assert analysing_power(x, power, np.linspace(0.2, 1.0, 9), lambda v: (1 - 2 * v) / (3 - 2 * v)) > 0.01


@pytest.mark.parametrize("name", ["rhonu", "pipipinu", "pipi0pi0nu"])
def test_vector_mesons_analyse_the_spin_by_their_mass(name):
    # The longitudinal and transverse states of a spin-one system: (m^2 - 2 Q^2)/(m^2 + 2 Q^2) on average.
    decays = tau_channels.SAMPLERS[name](40_000, generator("test", name, "power"))
    neutrino = decays.p4[:, decays.pdg_id.index(16)]
    q2 = TAU_MASS_GEV**2 - 2.0 * TAU_MASS_GEV * neutrino[:, 3]
    power = -(neutrino[:, :3] / neutrino[:, 3:] * decays.polarimeter).sum(axis=1)
    m2 = TAU_MASS_GEV**2
    edges = np.quantile(q2, np.linspace(0.0, 1.0, 9))
    assert analysing_power(q2, power, edges, lambda v: (m2 - 2 * v) / (m2 + 2 * v)) > 0.01


def test_pion_analyses_the_spin_fully():
    decays = tau_channels.SAMPLERS["pinu"](100, generator("test", "pion"))
    pion = decays.p4[:, 0, :3]
    assert decays.polarimeter == pytest.approx(pion / np.linalg.norm(pion, axis=1, keepdims=True))
    # The general polarimeter of a hadronic current says the same of J = p_pi.
    _, h = tau_channels.polarimeter(decays.p4[:, 0].astype(complex), -decays.polarimeter)
    assert h == pytest.approx(decays.polarimeter)


# --- chains
# ----------------------------------------------------------------------------------------------------------


def test_chains_conserve_momentum_and_mark_the_taus_as_decayed():
    rng = generator("test", "chain")
    events = tau.decay_taus(pairs(BELLE2, 2000, rng), BELLE2, rng)
    final = (events.status == FINAL)[..., None]
    assert np.abs((events.p4 * final).sum(axis=1) - BELLE2.total).max() < 1e-9
    assert np.all(events.status[:, :2] == DECAYED)
    assert np.all(events.p4[events.pdg_id == 0] == 0.0)
    charge = np.select([np.isin(events.pdg_id, (11, 13)), np.isin(events.pdg_id, (-11, -13))], [-1, 1], 0)
    charge += np.select(
        [np.isin(events.pdg_id, (211, 321)), np.isin(events.pdg_id, (-211, -321))], [1, -1], 0
    )
    assert np.all((charge * final[..., 0]).sum(axis=1) == 0)


def test_branching_fractions_are_those_of_the_table():
    rng = generator("test", "fractions")
    n = 20_000
    events = tau.decay_taus(pairs(SYMMETRIC, n, rng), SYMMETRIC, rng)
    fractions = tau.branching_fractions()
    assert sum(fractions.values()) == pytest.approx(1.0)
    muons = (np.abs(events.pdg_id) == 13).sum()
    expected = 2 * n * fractions["mununu"]
    assert muons == pytest.approx(expected, abs=4.0 * np.sqrt(expected))


def test_forced_channels_carry_their_probability_in_the_weight():
    rng = generator("test", "forced")
    events = find_decay("tau_pairs_to_leptons")(pairs(SYMMETRIC, 300, rng), SYMMETRIC, rng)
    fractions = tau.branching_fractions()
    assert events.weight == pytest.approx(np.full(300, (fractions["enunu"] + fractions["mununu"]) ** 2))
    kinds = np.abs(events.pdg_id[events.status == FINAL])
    assert set(kinds.tolist()) == {11, 12, 13, 14, 16}
    with pytest.raises(UmbraError, match="unknown channel 'pizza'"):
        tau.decay_taus(pairs(SYMMETRIC, 3, rng), SYMMETRIC, rng, ["pizza"])


def test_missing_taus_are_an_error():
    rng = generator("test", "missing")
    events = pairs(SYMMETRIC, 3, rng)
    events.pdg_id[1, 0] = 13
    with pytest.raises(
        UmbraError, match="event 1 of the batch has 0 undecayed particles of PDG identifier 15"
    ):
        tau.decay_taus(events, SYMMETRIC, rng)


def test_vertices_follow_the_lifetime_in_the_laboratory():
    rng = generator("test", "vertices")
    before = pairs(BELLE2, 5000, rng)
    events = tau.decay_taus(before, BELLE2, rng, LEPTONS)
    minus = before.p4[:, 0]
    vertex = events.vertex_mm[:, 2]
    length = np.linalg.norm(vertex, axis=1)
    momentum = np.linalg.norm(minus[:, :3], axis=1)
    assert (vertex * minus[:, :3]).sum(axis=1) == pytest.approx(length * momentum)
    proper = length * TAU_MASS_GEV / momentum
    # c tau = 87.03 um.
    assert stats.kstest(proper, "expon", args=(0.0, 0.08703)).pvalue > 0.01


def test_pions_of_the_two_taus_are_correlated_as_in_closed_form():
    # <cos cos> = C_zz/9 with angles to each tau's own flight, C_zz = (2 - 1/gamma^2)/(2 + 1/gamma^2).
    rng = generator("test", "pions")
    before = pairs(SYMMETRIC, 40_000, rng)
    events = tau.decay_taus(before, SYMMETRIC, rng, ["pinu"])
    cosines = []
    for slot, pion in ((0, -211), (1, 211)):
        parent, daughter = before.p4[:, slot], events.p4[events.pdg_id == pion]
        energy = dot(parent, daughter) / TAU_MASS_GEV
        momentum = np.sqrt(energy**2 - tau_channels.PION_MASS_GEV**2)
        gamma = parent[:, 3] / TAU_MASS_GEV
        cosines.append((daughter[:, 3] / gamma - energy) / (momentum * np.sqrt(1.0 - 1.0 / gamma**2)))
    product = cosines[0] * cosines[1]
    inverse_gamma2 = (TAU_MASS_GEV / 5.29) ** 2
    expected = (2.0 - inverse_gamma2) / (2.0 + inverse_gamma2) / 9.0
    assert product.mean() == pytest.approx(expected, abs=3.5 * product.std() / np.sqrt(len(product)))


@pytest.mark.parametrize(
    ("channel", "pythia_products", "charged"), [("pinu", "16 211", 211), ("mununu", "16 13 14", 13)]
)
def test_energies_and_angles_agree_with_pythia(channel, pythia_products, charged):
    # Pythia 8 has its own correlated tau decays (P. Ilten, arXiv:1211.6730).
    settings = [
        "WeakSingleBoson:ffbar2gmZ = on",
        "WeakZ0:gmZmode = 1",
        "23:onMode = off",
        "23:onIfAny = 15",
        "15:onMode = off",
        f"15:onIfMatch = {pythia_products}",
        "PDF:lepton = off",
        "PartonLevel:FSR = off",
        f"15:m0 = {TAU_MASS_GEV!r}",
    ]
    rng = generator("test", "pythia", channel)
    ours = tau.decay_taus(pairs(SYMMETRIC, 20_000, rng), SYMMETRIC, rng, [channel])
    theirs = next(pythia.collisions(settings, SYMMETRIC, 800, "test", channel, slots=8))

    def observables(events):
        # The antiparticle's identifier is -13 for mu+ and 211 for pi+.
        first, second = (
            events.p4[(events.pdg_id == sign * charged) & (events.status == FINAL)] for sign in (1, -1)
        )
        unit = [p[:, :3] / np.linalg.norm(p[:, :3], axis=1, keepdims=True) for p in (first, second)]
        return {
            "energy": first[:, 3],
            "acollinearity": -(unit[0] * unit[1]).sum(axis=1),
            "sum of energies": first[:, 3] + second[:, 3],
            "difference of energies": np.abs(first[:, 3] - second[:, 3]),
            "polar angle": unit[0][:, 2],
        }

    def coefficient(events):
        first, second = (
            events.p4[(events.pdg_id == sign * charged) & (events.status == FINAL)] for sign in (1, -1)
        )
        return np.corrcoef(first[:, 3], second[:, 3])[0, 1]

    mine, other = observables(ours), observables(theirs)
    smallest = min(stats.ks_2samp(mine[name], other[name]).pvalue for name in mine)
    assert smallest * len(mine) > 0.01
    # The correlation coefficient of the energies is 0.294 for pions and 0 without spin correlation.
    assert coefficient(ours) == pytest.approx(coefficient(theirs), abs=3.5 / np.sqrt(800))
