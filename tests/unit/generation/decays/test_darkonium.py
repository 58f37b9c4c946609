"""The three dark photons of a bound state, decayed with their correlations."""

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import boost_to_rest, dot
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.generation import beam_current
from umbra.generation.decays import darkonium
from umbra.generation.decays.pairs import PAIRS
from umbra.generation.processes import darkonium_amplitude, registry

PEP2 = Machine("pep2", 9.0, 3.1)
MASS, MASS2 = 0.4, 2.0


def events(n: int, mass: float = MASS, mass2: float = MASS2) -> Events:
    """Unweighted events: each made as often as its weight says."""
    process = registry.find("darkonium_gamma_three_aprime")
    given = process.complete({"mass_gev": mass, "mass2_gev": mass2})
    rng = generator("darkonium decays", n)
    p4, weight = process.evaluate(
        rng.random((n, 7)), np.full(n, PEP2.sqrt_s_gev), given, {"cos_theta": (-0.8, 0.8)}
    )
    kept = rng.random(n) * weight.max() < weight
    return Events.from_momenta(process.final_state(given), PEP2.to_lab(p4[kept]))


def test_momentum_is_conserved_and_masses_are_right() -> None:
    made = events(300)
    kinds = (PAIRS["ee"], PAIRS["mumu"], PAIRS["pipi"])
    out = darkonium.decay(made, PEP2, generator("conserved"), kinds)
    final = out.status == FINAL
    assert (final.sum(axis=1) == 7).all()
    assert ((out.status == DECAYED).sum(axis=1) == 3).all()
    total = np.where(final[..., None], out.p4, 0.0).sum(axis=1)
    assert total == pytest.approx(made.p4.sum(axis=1), abs=1e-9)
    for k, (pdg_id, mass) in enumerate(kinds):
        pair = out.p4[:, 4 + 2 * k : 6 + 2 * k]
        assert (out.pdg_id[:, 4 + 2 * k] == pdg_id).all()
        assert dot(pair, pair) == pytest.approx(mass**2, abs=1e-6)
        assert pair.sum(axis=1) == pytest.approx(made.p4[:, 1 + k], abs=1e-9)


@pytest.mark.parametrize("pair", ["mumu", "pipi"])
def test_angles_follow_the_full_amplitude(pair: str) -> None:
    """Moments of the drawn directions are those of flat directions that are weighted with the whole rate."""
    made = events(6_000)
    kind = PAIRS[pair]
    out = darkonium.decay(made, PEP2, generator("angles", pair), (kind, kind, kind))
    flat = [_random_pairs(made, kind, generator("flat", pair, k)) for k in range(4)]
    rate = np.concatenate([_rate(made, pairs, kind) for pairs in flat])
    drawn = _moments(made, out.p4[:, 4:].reshape(len(made), 3, 2, 4))
    expected = np.concatenate([_moments(made, pairs) for pairs in flat], axis=1)
    for mine, theirs in zip(drawn, expected, strict=True):
        mean = np.average(theirs, weights=rate)
        effective = rate.sum() ** 2 / (rate**2).sum()
        error = np.hypot(mine.std() / np.sqrt(len(mine)), theirs.std() / np.sqrt(effective))
        assert abs(mine.mean() - mean) < 4.5 * error
    # The rate matters: flat directions have another mean in the first moment.
    error = drawn[0].std() / np.sqrt(len(drawn[0]))
    assert abs(drawn[0].mean() - expected[0].mean()) > 5.0 * error


def _random_pairs(made: Events, kind: tuple[int, float], rng: np.random.Generator) -> np.ndarray:
    from umbra.generation.decays import two_body

    pairs = [np.stack(two_body.momenta(made.p4[:, k], (kind[1], kind[1]), rng), axis=1) for k in (1, 2, 3)]
    return np.stack(pairs, axis=1)


def _rate(made: Events, pairs: np.ndarray, kind: tuple[int, float]) -> np.ndarray:
    """Contraction with four-dimensional tensors of the pairs, without square roots or a sequence."""
    bound = made.p4[:, 1:4].sum(axis=1)
    dark = boost_to_rest(made.p4[:, 1:4], bound[:, None])
    amplitude = darkonium_amplitude.amplitude(dark)
    current = beam_current.of_events(made.p4[:, 0], bound, PEP2)
    metric = np.diag([-1.0, -1.0, -1.0, 1.0])
    vectors = darkonium_amplitude.polarisations(dark) @ metric
    tensors = []
    for k in range(3):
        p, q = np.moveaxis(boost_to_rest(pairs[:, k], bound[:, None]), 1, 0)
        both = p[:, :, None] * q[:, None, :]
        if kind[0] == 211:
            d = p - q
            tensor = d[:, :, None] * d[:, None, :]
        else:
            tensor = both + both.swapaxes(1, 2) - (dot(p, q) + kind[1] ** 2)[:, None, None] * metric
        tensors.append(vectors[:, k] @ tensor @ vectors[:, k].swapaxes(1, 2))
    once = np.einsum("nij,niabc->njabc", current, amplitude)
    for k, tensor in enumerate(tensors):
        once = np.moveaxis(np.einsum("n...a,nab->n...b", np.moveaxis(once, 2 + k, -1), tensor), -1, 2 + k)
    return (once * amplitude).sum(axis=(1, 2, 3, 4))


def _moments(made: Events, pairs: np.ndarray) -> np.ndarray:
    """Helicity cosine^2 of the most energetic dark photon, angle^2 between two leptons, and lepton to photon."""
    bound = made.p4[:, 1:4].sum(axis=1)
    dark = boost_to_rest(made.p4[:, 1:4], bound[:, None])
    rest = boost_to_rest(pairs, bound[:, None, None])
    rows = np.arange(len(made))
    first = np.argmax(dark[..., 3], axis=1)
    lepton = boost_to_rest(rest[rows, first, 0], dark[rows, first])[:, :3]
    axis = dark[rows, first, :3]
    helicity = (lepton * axis).sum(axis=1) ** 2 / ((lepton**2).sum(axis=1) * (axis**2).sum(axis=1))
    units = [boost_to_rest(rest[:, k, 0], dark[:, k])[:, :3] for k in range(3)]
    units = [u / np.sqrt((u**2).sum(axis=1))[:, None] for u in units]
    photon = boost_to_rest(made.p4[:, 0], bound)[:, :3]
    photon /= np.sqrt((photon**2).sum(axis=1))[:, None]
    return np.array([helicity, (units[0] * units[1]).sum(axis=1) ** 2, (units[2] * photon).sum(axis=1) ** 2])


def test_dark_photons_fly_a_mean_proper_length() -> None:
    made = events(3_000)
    out = darkonium.to_leptons_and(made, PEP2, generator("flight"), others=(), ctau_mm=2.0)
    vertices = out.vertex_mm[:, 4:].reshape(len(out), 3, 2, 3)
    assert vertices[:, :, 0] == pytest.approx(vertices[:, :, 1])
    parents = out.p4[:, 4:].reshape(len(out), 3, 2, 4).sum(axis=2)
    proper = (
        np.sqrt((vertices[:, :, 0] ** 2).sum(axis=-1)) * MASS / np.sqrt((parents[..., :3] ** 2).sum(axis=-1))
    )
    assert proper.mean() == pytest.approx(2.0, rel=4.5 / np.sqrt(proper.size))


def test_light_dark_photons_decay_to_electrons_only() -> None:
    out = darkonium.to_leptons_and(events(200, 0.05, 1.0), PEP2, generator("electrons"), others=())
    assert set(np.abs(out.pdg_id[out.status == FINAL]).tolist()) == {11, 22}


def test_pions_come_where_they_are_asked_for() -> None:
    out = darkonium.to_leptons_and(events(400), PEP2, generator("pions"), others=("pipi", "pipi"))
    assert ((np.abs(out.pdg_id) == 211).sum(axis=1) == 4).all()
    places = (out.pdg_id[:, 4::2] == 211).mean(axis=0)
    assert (places > 0.5).all()


def test_too_few_or_too_light_dark_photons_are_refused() -> None:
    made = events(100)
    with pytest.raises(UmbraError, match="not three undecayed"):
        darkonium.to_leptons_and(
            Events.from_momenta((22,), made.p4[:, :1]), PEP2, generator("none"), others=()
        )
    with pytest.raises(UmbraError, match=r"a dark photon of 0.05 GeV cannot decay to two of 0.105"):
        darkonium.decay(events(100, 0.05, 1.0), PEP2, generator("light"), (PAIRS["mumu"],) * 3)
