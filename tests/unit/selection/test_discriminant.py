"""Working point of a discriminant: the efficiency that is left is the published one."""

import numpy as np
import pytest

from channels import EFFICIENCY, records, sample
from umbra.expectation import signal
from umbra.selection import discriminant
from umbra.selection.records import PunziPoint

PUBLISHED = np.array([[1.0, 0.8 * EFFICIENCY], [6.0, 0.4 * EFFICIENCY]])


@pytest.fixture(scope="module", name="candidates")
def _candidates() -> dict[str, np.ndarray]:
    table = sample()
    # A score that grows with the mass, so that one cut for all masses would not do.
    noise = np.random.default_rng(3).random(len(table["weight"]))
    return {**table, "score": noise + table["generated_mass_gev"]}


def test_the_efficiency_becomes_the_published_one(candidates) -> None:
    model = signal.build("mass_gev", candidates, records(), "test")
    point = discriminant.find("score", PUBLISHED, candidates, model)
    keep = point.keeps(candidates)
    kept = {name: column[keep] for name, column in candidates.items()}
    after = signal.build("mass_gev", kept, records(), "test", model)
    wanted = np.interp(model.mass_gev, [1.0, 6.0], [0.8 * EFFICIENCY, 0.4 * EFFICIENCY])
    assert after.efficiency == pytest.approx(wanted, rel=0.04)
    assert after.resolution == pytest.approx(model.resolution)


def test_nothing_is_cut_where_the_fast_simulation_is_worse_than_the_paper(candidates) -> None:
    model = signal.build("mass_gev", candidates, records(), "test")
    point = discriminant.find("score", np.array([[1.0, 1.2 * EFFICIENCY]]), candidates, model)
    inside = np.abs(candidates["mass_gev"] - candidates["generated_mass_gev"]) < 1e-3
    assert point.keeps(candidates)[inside].mean() > 0.99


def test_the_cut_follows_the_mass_of_the_candidate() -> None:
    point = discriminant.WorkingPoint("mass_gev", "score", np.array([1.0, 3.0]), np.array([0.0, 2.0]))
    table = {"mass_gev": np.array([0.5, 2.0, 2.0, 5.0]), "score": np.array([0.1, 0.9, 1.1, 1.9])}
    assert point.keeps(table).tolist() == [True, False, True, False]


def test_punzi_cuts_where_a_linear_score_is_best(candidates) -> None:
    """Flat signal and triangular background: efficiency 1 - c over root of N (1 - c)^2 has no optimum but for a/2."""
    model = signal.build("mass_gev", candidates, records(), "test")
    rng = np.random.default_rng(5)
    flat = {**candidates, "score": rng.random(len(candidates["weight"]))}
    n, expected = 200_000, 1000.0
    x = rng.uniform(1.0, 6.0, n)
    # Density 3 (1 - score)^2: the part 1 - F = (1 - c)^3 is above the cut c.
    background = discriminant.Scored(x, 1.0 - rng.random(n) ** (1.0 / 3.0), np.full(n, expected / n))
    wanted = PunziPoint(column="score", punzi_sigma=3.0, fewest_simulated=5.0)
    point = discriminant.find_punzi(wanted, flat, model, background)
    # In u = 1 - c the figure u / (3/2 + root(B u^3)) is largest where root(B u^3) = 3: u = (9/B)^(1/3).
    width = 4.0 * np.interp(model.mass_gev, model.mass_gev, model.resolution)
    u = np.minimum((9.0 / (expected * width / 5.0)) ** (1.0 / 3.0), 1.0)
    assert 1.0 - point.smallest == pytest.approx(u, abs=0.12)


def test_punzi_leaves_enough_simulated_events_to_know_the_background(candidates) -> None:
    model = signal.build("mass_gev", candidates, records(), "test")
    rng = np.random.default_rng(6)
    perfect = {**candidates, "score": 1.0 + rng.random(len(candidates["weight"]))}
    n = 50_000
    background = discriminant.Scored(rng.uniform(1.0, 6.0, n), rng.random(n), np.full(n, 1.0))
    wanted = PunziPoint(column="score", punzi_sigma=1.645, fewest_simulated=10.0)
    point = discriminant.find_punzi(wanted, perfect, model, background)
    for mass, resolution, smallest in list(
        zip(model.mass_gev, model.resolution, point.smallest, strict=True)
    )[1:-1]:
        near = np.abs(background.x - mass) < 2.0 * resolution
        assert 3 < (background.score[near] >= smallest).sum() < 30


def test_what_a_cut_leaves_and_the_rest_are_everything(candidates) -> None:
    model = signal.build("mass_gev", candidates, records(), "test")
    flat = {**candidates, "score": np.random.default_rng(5).random(len(candidates["weight"]))}
    n = 20_000
    low = np.linspace(0.0, 1.0, n) % 0.1
    background = discriminant.Scored(np.linspace(1.0, 6.0, n), low, np.ones(n))
    kept = [
        discriminant.find_punzi(
            PunziPoint(column="score", punzi_sigma=3.0, fewest_simulated=5.0, keeps=keeps),
            flat,
            model,
            background,
        ).keeps(flat)
        for keeps in ("largest", "rest")
    ]
    assert 0 < kept[0].sum() < len(kept[0])
    assert (kept[0] ^ kept[1]).all()


def test_the_cut_and_the_count_share_no_event() -> None:
    """What is cut on one half says nothing of the fluctuations of the other."""
    rng = np.random.default_rng(8)
    event = np.repeat(np.arange(1_000), 2)
    table = {"event": event, "weight": np.ones(2_000), "score": rng.random(2_000)}
    first, second = (discriminant.half(table, number) for number in (0, 1))
    assert not set(first["event"]) & set(second["event"])
    assert set(first["event"]) | set(second["event"]) == set(event)
    assert first["weight"].sum() == second["weight"].sum() == 2_000.0
