"""Two-body decays, lifetimes, dark Higgs bosons, excited dark matter and mesons, against closed forms."""

import numpy as np
import pytest
from scipy import stats

from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import boost_to_rest, dot, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import ALP, CHI1, CHI2, DARK_HIGGS, DARK_PHOTON, SCALAR
from umbra.core.pdg import mass_gev
from umbra.core.seeds import generator
from umbra.generation.decays import chain, dark_higgs, displaced, inelastic, meson, tau, two_body
from umbra.generation.decays.pairs import PAIRS
from umbra.generation.decays.registry import find as find_decay
from umbra.generation.processes import registry as processes
from umbra.theory.inelastic import matrix_element
from umbra.theory.widths import vector_to_fermions

JPSI = Machine("bes3_jpsi", 1.54845, 1.54845)
BELLE2 = Machine("belle2", 7.007, 4.002, 83.0)


def moving(mass, momentum, n):
    p = np.array(momentum, float)
    return np.tile([*p, np.sqrt(p @ p + mass**2)], (n, 1))


def cosine(daughter, parent, axis):
    p = boost_to_rest(daughter, parent)[:, :3]
    return p @ axis / np.linalg.norm(p, axis=1)


# --- two bodies and lifetimes --------------------------------------------------------------------------------------


def test_isotropic_decay_of_a_scalar():
    parent = moving(1.0, (0.3, -0.4, 2.0), 20_000)
    first, second = two_body.momenta(parent, (0.2, 0.3), generator("test", "isotropic"))
    assert first + second == pytest.approx(parent)
    assert np.sqrt(mass_squared(first)) == pytest.approx(np.full(20_000, 0.2), rel=1e-7)
    for axis in np.eye(3):
        assert stats.kstest(cosine(first, parent, axis), "uniform", args=(-1.0, 2.0)).pvalue > 0.003


@pytest.mark.parametrize(
    ("sampler", "cumulative"),
    [
        (two_body.one_plus_cos2, lambda c: (4.0 + 3.0 * c + c**3) / 8.0),
        (two_body.sin2, lambda c: (2.0 + 3.0 * c - c**3) / 4.0),
        (two_body.cos2, lambda c: (1.0 + c**3) / 2.0),
    ],
)
def test_helicity_angles(sampler, cumulative):
    parent = moving(1.0, (0.3, -0.4, 2.0), 10_000)
    first, _ = two_body.momenta(parent, (0.2, 0.3), generator("test", "helicity"), sampler)
    axis = parent[0, :3] / np.linalg.norm(parent[0, :3])
    assert stats.kstest(cosine(first, parent, axis), cumulative).pvalue > 0.01


def test_new_particle_decays_after_its_flight():
    p4 = np.stack([moving(0.0, (1.0, 0.0, 0.0), 5000), moving(0.5, (0.0, 3.0, 4.0), 5000)], axis=1)
    events = Events.from_momenta((22, SCALAR), p4)
    rng = generator("test", "flight")
    out = two_body.decay_new_particle(
        events, SCALAR, ((13, 0.1056584), (-13, 0.1056584)), rng, rng.exponential(7.0, 5000)
    )
    assert out.pdg_id[0].tolist() == [22, SCALAR, 13, -13]
    assert stats.kstest(out.vertex_mm[:, 2, 2], "expon", args=(0.0, 7.0 * 8.0)).pvalue > 0.01
    assert out.vertex_mm[:, 3] == pytest.approx(out.vertex_mm[:, 2])
    with pytest.raises(UmbraError, match=r"a parent of 0\.5 GeV is lighter than its daughters"):
        two_body.decay_new_particle(events, SCALAR, ((15, 1.777), (-15, 1.777)), rng)


def test_weights_turn_wide_lengths_into_any_exponential():
    range_mm = (1e-3, 1e5)
    proper = displaced.draw_proper_lengths(200_000, range_mm, generator("test", "wide"))
    for ctau in (0.1, 10.0, 1000.0):
        weight = displaced.lifetime_weights(proper, range_mm, ctau)
        inside = np.exp(-range_mm[0] / ctau) - np.exp(-range_mm[1] / ctau)
        error = 4.0 * weight.std() / np.sqrt(len(weight))
        assert weight.mean() == pytest.approx(inside, abs=error)
        early = (weight * (proper < 0.5 * ctau)).mean()
        assert early == pytest.approx(np.exp(-range_mm[0] / ctau) - np.exp(-0.5), abs=error)


def test_weights_between_exponentials():
    proper = generator("test", "narrow").exponential(10.0, 200_000)
    weight = displaced.exponential_weights(proper, 10.0, 4.0)
    assert weight.mean() == pytest.approx(1.0, abs=0.01)
    assert (weight * proper).mean() == pytest.approx(4.0, rel=0.01)
    assert chain.displacement(moving(0.5, (0.0, 3.0, 4.0), 1), np.array([2.0]))[0] == pytest.approx(
        [0, 12.0, 16.0]
    )


# --- dark Higgs ----------------------------------------------------------------------------------------------------


def higgs_events(n, photon_gev, higgs_gev):
    sqrt_s = BELLE2.sqrt_s_gev
    k = np.sqrt((sqrt_s**2 - (photon_gev + higgs_gev) ** 2) * (sqrt_s**2 - (photon_gev - higgs_gev) ** 2)) / (
        2 * sqrt_s
    )
    first = moving(photon_gev, (0.6 * k, 0.0, 0.8 * k), n)
    second = moving(higgs_gev, (-0.6 * k, 0.0, -0.8 * k), n)
    return Events.from_momenta((DARK_PHOTON, DARK_HIGGS), BELLE2.to_lab(np.stack([first, second], axis=1)))


def test_dark_higgs_chain():
    fermions = ((11, 0.000511), (13, 0.1056584), (13, 0.1056584))
    events = dark_higgs.decay(higgs_events(500, 1.0, 3.0), BELLE2, generator("test", "chain"), fermions)
    final = events.status == FINAL
    assert final.sum(axis=1).tolist() == [6] * 500
    assert (events.p4 * final[..., None]).sum(axis=1) == pytest.approx(np.tile(BELLE2.total, (500, 1)))
    pairs = events.p4[:, 6:].reshape(500, 2, 2, 4).sum(axis=2)
    assert np.sqrt(mass_squared(pairs)) == pytest.approx(np.ones((500, 2)))
    assert np.sqrt(mass_squared(pairs.sum(axis=1))) == pytest.approx(np.full(500, 3.0))


def test_dark_photons_of_a_scalar_have_the_helicities_of_their_masses():
    # The amplitude is e1.e2: p.q/m^2 for two longitudinal vectors, 1 for each of two transverse states.
    n, photon, higgs = 30_000, 1.0, 3.0
    fermions = ((11, 0.000511),) * 3
    events = dark_higgs.decay(higgs_events(n, photon, higgs), BELLE2, generator("test", "helicity"), fermions)
    vector, electron = events.p4[:, 4], events.p4[:, 6]
    scalar = events.p4[:, 1]
    flight = boost_to_rest(scalar, vector)[:, :3]
    axis = -flight / np.linalg.norm(flight, axis=1, keepdims=True)
    p = boost_to_rest(electron, vector)[:, :3]
    cos2 = (np.einsum("ni,ni->n", p, axis) / np.linalg.norm(p, axis=1)) ** 2
    longitudinal = ((higgs**2 - 2 * photon**2) / (2 * photon**2)) ** 2
    share = longitudinal / (longitudinal + 2.0)
    # Mean cos^2 of light fermions: 1/5 from a longitudinal vector, 2/5 from a transverse one.
    assert cos2.mean() == pytest.approx(share / 5 + (1 - share) * 2 / 5, abs=4.0 * cos2.std() / np.sqrt(n))


def test_prompt_dark_photon_keeps_the_polarisation_of_the_beams():
    # e+e- -> A' h' at rest with each other: the A' is transverse to the beams, light fermions follow 1 + cos^2.
    n, photon = 20_000, 3.0
    higgs = BELLE2.sqrt_s_gev - photon - 1e-6
    events = dark_higgs.decay(
        higgs_events(n, photon, higgs), BELLE2, generator("test", "beams"), ((11, 0.000511),) * 3
    )
    electron = BELLE2.to_cm(events.p4[:, 2])
    cos = electron[:, 2] / electron[:, 3]
    assert stats.kstest(cos, lambda c: (4.0 + 3.0 * c + c**3) / 8.0).pvalue > 0.01


def test_a_long_lived_dark_higgs_stays_beside_two_muons():
    # The same at rest: of the muons a part 4 m^2/M^2 (1 - beta^2) goes with 1 - cos^2.
    n, photon = 20_000, 0.4
    higgs = BELLE2.sqrt_s_gev - photon - 1e-6
    events = find_decay("dark_photon_to_mumu_beside_higgs")(
        higgs_events(n, photon, higgs), BELLE2, generator("test", "muons")
    )
    assert events.pdg_id[0].tolist() == [DARK_PHOTON, DARK_HIGGS, 13, -13]
    assert events.status[0].tolist() == [DECAYED, FINAL, FINAL, FINAL]
    assert events.p4[:, 2:].sum(axis=1) == pytest.approx(events.p4[:, 0])
    muon = BELLE2.to_cm(events.p4[:, 2])
    cos = muon[:, 2] / np.linalg.norm(muon[:, :3], axis=1)
    rest = 4.0 * 0.1056584**2 / photon**2
    norm = 8.0 / 3.0 + rest * 4.0 / 3.0

    def cumulative(c):
        return ((c + c**3 / 3.0 + 4.0 / 3.0) + rest * (c - c**3 / 3.0 + 2.0 / 3.0)) / norm

    assert stats.kstest(cos, cumulative).pvalue > 0.01


def test_pions_and_vectors_that_do_not_decay_have_the_helicities_of_their_masses():
    # As for electrons above, but a longitudinal vector gives pions a mean cos^2 of 3/5, a transverse one 1/5.
    n, photon, higgs = 30_000, 1.0, 3.0
    kinds = (PAIRS["mumu"], PAIRS["pipi"], dark_higgs.ANYTHING)
    events = dark_higgs.decay(higgs_events(n, photon, higgs), BELLE2, generator("test", "pions"), kinds)
    assert events.pdg_id[0].tolist() == [
        DARK_PHOTON,
        DARK_HIGGS,
        13,
        -13,
        DARK_PHOTON,
        DARK_PHOTON,
        211,
        -211,
    ]
    assert events.status[0].tolist() == [DECAYED, DECAYED, FINAL, FINAL, DECAYED, FINAL, FINAL, FINAL]
    vector, pion = events.p4[:, 4], events.p4[:, 6]
    flight = boost_to_rest(events.p4[:, 1], vector)[:, :3]
    p = boost_to_rest(pion, vector)[:, :3]
    cos2 = np.einsum("ni,ni->n", p, flight) ** 2 / (p**2).sum(axis=1) / (flight**2).sum(axis=1)
    longitudinal = ((higgs**2 - 2 * photon**2) / (2 * photon**2)) ** 2
    share = longitudinal / (longitudinal + 2.0)
    assert cos2.mean() == pytest.approx(share * 3 / 5 + (1 - share) / 5, abs=4.0 * cos2.std() / np.sqrt(n))


@pytest.mark.parametrize("first", ["ee", "mumu", "pipi", "anything"])
@pytest.mark.parametrize("second", ["ee", "mumu", "pipi"])
def test_no_rate_is_above_its_bound(first: str, second: str):
    rng = generator("test", "bound", first, second)
    kinds = PAIRS.get(first, dark_higgs.ANYTHING), PAIRS[second]
    for higgs in (0.9, 9.0):
        a, b = two_body.momenta(moving(higgs, (1.0, 0.5, 2.0), 5000), (0.4, 0.4), rng)
        parents = [(0.5 * a, 0.5 * a), two_body.momenta(b, (kinds[1][1],) * 2, rng)]
        if first != "anything":
            parents[0] = two_body.momenta(a, (kinds[0][1],) * 2, rng)
        rate = dark_higgs._rate(*(np.stack(pair, axis=1) for pair in parents), *kinds)
        bound = dark_higgs._bound(a, b, *kinds)
        assert np.all(rate > -1e-9 * bound)
        assert np.all(rate <= bound * (1.0 + 1e-9))
        assert rate.max() > 0.1 * bound.min()


def test_final_states_of_three_dark_photons_have_their_shares():
    n = 4000
    for name, others, final in (
        ("to_six_leptons", 0, 6),
        ("to_four_leptons_and_pions", 1, 6),
        ("to_two_leptons_and_pions", 2, 6),
        ("to_six_pions", 3, 6),
        ("to_four_leptons_and_anything", 0, 5),
    ):
        events = find_decay(f"dark_photons_{name}")(
            higgs_events(n, 0.3, 3.0), BELLE2, generator("test", name)
        )
        kept = events.status == FINAL
        assert set(kept.sum(axis=1)) == {final}
        assert np.allclose((events.p4 * kept[..., None]).sum(axis=1), BELLE2.total)
        assert ((events.pdg_id == 211) & kept).sum() == others * n
        electrons = ((events.pdg_id == 11) & kept).sum()
        muons = ((events.pdg_id == 13) & kept).sum()
        r = (0.1056584 / 0.3) ** 2
        share = (1 + 2 * r) * np.sqrt(1 - 4 * r) / (1 + (1 + 2 * r) * np.sqrt(1 - 4 * r))
        total = electrons + muons
        assert total == (final // 2 - others) * n
        if total == 0:
            continue
        assert muons / total == pytest.approx(share, abs=4.0 * np.sqrt(share * (1 - share) / total))
        # The one that decays otherwise is as often the A' of the beams.
        if final == 5:
            prompt = (events.status[:, 0] == FINAL).mean()
            assert prompt == pytest.approx(1 / 3, abs=4.0 * np.sqrt(2 / 9 / n))


# --- excited dark matter -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("m1", "split", "mediator", "fermion"), [(1.0, 0.4, 2.5, 0.1056584), (0.1, 0.04, 0.3, 0.000511)]
)
def test_pair_mass_follows_the_width(m1, split, mediator, fermion):
    products = inelastic.at_rest(20_000, m1, m1 + split, mediator, fermion, generator("test", "chi2"))
    assert products.sum(axis=1) == pytest.approx(np.tile([0.0, 0.0, 0.0, m1 + split], (20_000, 1)), abs=1e-12)
    q2 = mass_squared(products[:, 1:].sum(axis=1))
    x = np.exp(np.linspace(np.log(4 * fermion**2), np.log(split**2), 20_001))[1:-1]
    m2, q = m1 + split, np.sqrt(x)
    k = np.sqrt((m2**2 - (m1 + q) ** 2) * (m2**2 - (m1 - q) ** 2)) / (2 * m2)
    rate = (
        k * matrix_element(x, m1, m2, 0.1) * q * vector_to_fermions(q, fermion) / (x - mediator**2) ** 2 * x
    )
    cumulative = np.cumsum(rate) / rate.sum()
    assert stats.kstest(q2, lambda v: np.interp(v, x, cumulative)).pvalue > 0.01


def test_chi2_chain():
    n = 100
    p4 = np.stack([moving(1.0, (0.0, 0.0, -1.0), n), moving(1.4, (0.0, 3.0, 4.0), n)], axis=1)
    events = Events.from_momenta((CHI1, CHI2), p4)
    out = inelastic.decay_chi2(
        events, 1.0, 1.4, 2.5, (13, 0.1056584), np.full(n, 14.0), generator("test", "fly")
    )
    assert out.pdg_id[0].tolist() == [CHI1, CHI2, CHI1, 13, -13]
    assert out.vertex_mm[0, 3] == pytest.approx([0.0, 30.0, 40.0])
    assert out.p4[:, 2:].sum(axis=1) == pytest.approx(p4[:, 1])
    with pytest.raises(UmbraError, match=r"a splitting of 0\.1 GeV is not between"):
        inelastic.at_rest(5, 1.0, 1.1, 2.5, 0.1056584, generator("test"))


def test_inelastic_chain_from_the_dark_photon():
    n, mass = 2000, 3.0
    k = (BELLE2.sqrt_s_gev**2 - mass**2) / (2 * BELLE2.sqrt_s_gev)
    photon, vector = moving(0.0, (0.6 * k, 0.0, 0.8 * k), n), moving(mass, (-0.6 * k, 0.0, -0.8 * k), n)
    before = Events.from_momenta((22, DARK_PHOTON), BELLE2.to_lab(np.stack([photon, vector], axis=1)))
    rng = generator("test", "idm")
    events = inelastic.decay(before, BELLE2, rng, (3.0, 0.1), (11, 0.000511), range_mm=(1.0, 1e4))
    assert events.pdg_id[0].tolist() == [22, DARK_PHOTON, CHI1, CHI2, CHI1, 11, -11]
    final = (events.status == FINAL)[..., None]
    assert (events.p4 * final).sum(axis=1) == pytest.approx(np.tile(BELLE2.total, (n, 1)), abs=1e-9)
    chi2 = events.p4[:, 3]
    assert np.sqrt(mass_squared(chi2)) == pytest.approx(np.full(n, 1.1))
    proper = events.extra[displaced.COLUMN]
    assert stats.kstest(np.log(proper), "uniform", args=(0.0, np.log(1e4))).pvalue > 0.01
    length = np.linalg.norm(events.vertex_mm[:, 5], axis=1)
    assert length == pytest.approx(proper * np.linalg.norm(chi2[:, :3], axis=1) / 1.1)


# --- mesons ----------------------------------------------------------------------------------------------------------


def test_b_pairs():
    pairs = BELLE2.to_cm(meson.b_pairs(20_000, BELLE2, 521, generator("test", "b")))
    cos = pairs[:, 0, 2] / np.linalg.norm(pairs[:, 0, :3], axis=1)
    assert stats.kstest(cos, lambda c: (2.0 + 3.0 * c - c**3) / 4.0).pvalue > 0.01
    assert np.linalg.norm(pairs[0, 0, :3]) == pytest.approx(
        np.sqrt(BELLE2.sqrt_s_gev**2 / 4 - mass_gev(521) ** 2)
    )
    with pytest.raises(UmbraError, match="below the B Bbar threshold"):
        meson.b_pairs(5, JPSI, 521, generator("test"))


def test_momentum_of_the_kaon_in_b_to_k_a():
    # p*_K of the two-body decay: 2.520 GeV at 1 GeV, 1.036 GeV at 4 GeV.
    parent = meson.b_pairs(100, BELLE2, 521, generator("test", "k"))[:, 0]
    for mass, momentum in ((1.0, 2.520), (4.0, 1.036)):
        kaon, _ = two_body.momenta(parent, (mass_gev(321), mass), generator("test", "ka"))
        at_rest = boost_to_rest(kaon, parent)
        assert np.linalg.norm(at_rest[:, :3], axis=1) == pytest.approx(np.full(100, momentum), abs=1.5e-3)


@pytest.mark.parametrize(
    ("parent", "daughter", "x_gev", "momentum"),
    [(321, 211, 0.0, 0.2271), (321, 211, 0.16, 0.196), (321, 211, 0.25, 0.148), (321, 13, 0.35, 0.0825)],
)
def test_momentum_in_kaon_decays(parent, daughter, x_gev, momentum):
    kaon = moving(mass_gev(parent), (0.0, 0.0, 75.0), 50)
    known, _ = two_body.momenta(kaon, (mass_gev(daughter), x_gev), generator("test", "kaon"))
    at_rest = boost_to_rest(known, kaon)
    assert np.linalg.norm(at_rest[:, :3], axis=1) == pytest.approx(np.full(50, momentum), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "decay", "known", "daughter"),
    [
        ("b_to_k_scalar", "b_scalar_to_mumu", [321], 13),
        ("b_to_kstar_scalar", "b_scalar_to_kk", [321, -211], 321),
        ("b_to_k_alp", "b_alp_to_photons", [321], 22),
    ],
)
def test_b_to_kaon_and_long_lived_particle(name, decay, known, daughter):
    n, process = 4000, processes.find(name)
    rng = generator("test", "llp", name)
    parameters = process.complete({"mass_gev": 1.0})
    p4, _ = process.evaluate(
        rng.random((n, process.dimensions)), np.full(n, BELLE2.sqrt_s_gev), parameters, {}
    )
    made = Events.from_momenta(process.final_state(parameters), BELLE2.to_lab(p4))
    events = find_decay(decay)(made, BELLE2, rng)
    k = len(known)
    positive = events.pdg_id[:, 0] == 321
    assert 0.45 < positive.mean() < 0.55
    assert np.all(events.pdg_id[positive, :k] == known)
    # K+ goes with pi- and with the other B's antiquark.
    assert np.all(events.pdg_id[positive, k + 1] == -process.b_meson)
    assert np.all(events.status[:, k + 1] == DECAYED)
    assert np.all(np.abs(events.pdg_id[:, -2:]) == daughter)
    # The B's mean flight: beta gamma 0.29 at about 0.49 mm (B+) and 0.45 mm (B0).
    start = events.vertex_mm[:, 0]
    assert 0.1 < np.linalg.norm(start, axis=1).mean() < 0.2
    assert np.all(events.vertex_mm[:, k + 1] == 0.0)
    proper = events.extra[displaced.COLUMN]
    # p/m times the proper length, from the decay of the B.
    assert events.vertex_mm[:, -1] - start == pytest.approx(events.p4[:, k, :3] * proper[:, None])
    low, high = displaced.DEFAULT_RANGE_MM
    uniform = np.log(proper / low) / np.log(high / low)
    assert stats.kstest(uniform, "uniform").pvalue > 0.003


def test_chain_of_b_mesons_needs_one():
    events = Events.from_momenta((321, SCALAR), np.ones((3, 2, 4)))
    with pytest.raises(UmbraError, match="last particle of B -> K X"):
        find_decay("b_scalar_to_ee")(events, BELLE2, generator("test"))


@pytest.mark.parametrize(("parent", "daughter"), [(100553, 553), (200553, 553)])
def test_dipion_transition(parent, daughter):
    n = 20_000
    p4 = moving(mass_gev(parent), (0.2, 0.0, 4.0), n)
    plus, minus, upsilon = meson.dipion_transition(p4, (parent, daughter), generator("test", "dipion"))
    assert plus + minus + upsilon == pytest.approx(p4)
    recoil = p4 - plus - minus
    assert np.sqrt(mass_squared(recoil)) == pytest.approx(np.full(n, mass_gev(daughter)))
    q = np.sqrt(mass_squared(plus + minus))
    counts, edges = np.histogram(q, 12, (2 * 0.13957, mass_gev(parent) - mass_gev(daughter)))
    top = np.argmax(counts)
    if parent == 100553:
        # One hump near the upper end, as measured.
        assert 0.45 < 0.5 * (edges[top] + edges[top + 1]) < 0.56
    else:
        # Two humps with a valley near 0.6 GeV, as measured.
        valley = counts[(edges[:-1] > 0.5) & (edges[:-1] < 0.72)].min()
        assert valley < 0.85 * counts[edges[:-1] < 0.5].max()
        assert valley < 0.85 * counts[edges[:-1] > 0.72].max()


def test_unknown_transitions_are_errors():
    with pytest.raises(UmbraError, match="no matrix element for 553 -> 443"):
        meson.dipion_transition(moving(9.46, (0, 0, 0), 3), (553, 443), generator("test"))


@pytest.mark.parametrize("boson_gev", [0.0, 1.0])
def test_tau_to_lepton_and_invisible_boson(boson_gev):
    rng = generator("test", "alpha")
    n, mass = 4000, mass_gev(15)
    energy = 0.5 * BELLE2.sqrt_s_gev
    minus = moving(mass, (0.0, 0.0, np.sqrt(energy**2 - mass**2)), n)
    plus = minus * np.array([-1.0, -1.0, -1.0, 1.0])
    before = Events.from_momenta((15, -15), BELLE2.to_lab(np.stack([minus, plus], axis=1)))
    events = tau.decay_to_invisible_boson(before, BELLE2, rng, (11, 0.000511), boson_gev, ["pipipinu"])
    assert (events.pdg_id == ALP).sum(axis=1).tolist() == [1] * n
    assert events.weight == pytest.approx(np.full(n, tau.branching_fractions()["pipipinu"]))
    final = (events.status == FINAL)[..., None]
    assert (events.p4 * final).sum(axis=1) == pytest.approx(np.tile(BELLE2.total, (n, 1)), abs=1e-9)
    negative = (events.pdg_id == 11).any(axis=1)
    assert 0.45 < negative.mean() < 0.55
    # Momentum of the electron in the frame of the tau: (m^2 - m_alpha^2)/(2 m) for a light electron.
    electron = events.p4[events.pdg_id == 11]
    at_rest = boost_to_rest(electron, before.p4[negative, 0])
    assert at_rest[:, 3] == pytest.approx(
        np.full(negative.sum(), (mass**2 - boson_gev**2) / (2 * mass)), rel=1e-6
    )
    assert dot(electron, electron) == pytest.approx(np.full(negative.sum(), 0.000511**2), abs=1e-9)
